import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CzarGit

@Suite struct FileTests {
    @Test func writingReplacesAWholeFileAndLeavesNothingAside() throws {
        let folder = try TemporaryFolder()
        let root = try Folder(opening: folder.path)
        try root.write(Array("one".utf8), to: "f", mode: 0o600)
        try root.write(Array("two".utf8), to: "f", mode: 0o600)
        #expect(try root.read("f") == Array("two".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
        #expect(try root.read("none") == nil)
        #expect(throws: FileError.self) { try root.create("f", []) }
    }

    @Test func aFailedWriteLeavesTheOldContent() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/f/full", withIntermediateDirectories: true)
        let root = try Folder(opening: folder.path)
        #expect(throws: FileError.self) { try root.write([1], to: "f") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
    }

    @Test func linksBelowTheRootAreRefused() throws {
        let folder = try TemporaryFolder()
        let manager = FileManager.default
        try writeFile(folder.path + "/outside/secret", "s")
        try manager.createDirectory(atPath: folder.path + "/root/real", withIntermediateDirectories: true)
        try manager.createSymbolicLink(atPath: folder.path + "/root/link", withDestinationPath: "../outside")
        try manager.createSymbolicLink(atPath: folder.path + "/root/file", withDestinationPath: "../outside/secret")
        let root = try Folder(opening: folder.path + "/root")
        let refusals: [FileError?] = [
            #expect(throws: FileError.self) { _ = try root.subfolder("link") },
            #expect(throws: FileError.self) { _ = try root.subfolder("link/deeper", creating: 0o700) },
            #expect(throws: FileError.self) { _ = try root.read("file") },
            #expect(throws: FileError.self) { try root.append([1], to: "file") },
        ]
        #expect(refusals.allSatisfy { $0?.isSymlinkRefused == true })
        #expect(throws: FileError.self) { _ = try root.subfolder("real/../../outside") }
        try root.write([1], to: "file")
        try root.removeTree("link")
        #expect(try String(contentsOfFile: folder.path + "/outside/secret", encoding: .utf8) == "s")
        #expect(try manager.contentsOfDirectory(atPath: folder.path + "/outside") == ["secret"])
    }

    @Test func aLockExcludesOthersInTheSameProcessUntilItGoes() throws {
        let folder = try TemporaryFolder()
        let root = try Folder(opening: folder.path)
        do {
            let lock = try FileLock("l", in: root)
            let error = #expect(throws: FileError.self) { _ = try FileLock("l", in: root, timeout: .milliseconds(5)) }
            #expect(error?.errno == .wouldBlock)
            lock.hold()
        }
        try FileLock("l", in: root, timeout: .milliseconds(5)).hold()
    }

    @Test func aProcessIsKnownByItsStartNotItsNumberAlone() throws {
        let current = try ProcessIdentity.current()
        #expect(current.isAlive)
        let text = try #require(ProcessIdentity(text: current.text))
        #expect(text == current)
        let (host, boot, pid, start) = (current.host, current.bootID, current.pid, current.startTime)
        #expect(!ProcessIdentity(host: host, bootID: boot, pid: pid, startTime: start + 1).isAlive)
        #expect(!ProcessIdentity(host: host, bootID: "boot", pid: pid, startTime: start).isAlive)
    }

    @Test func anInterruptedAdditionKnowsItsProcess() throws {
        let owner = try ProcessIdentity.current()
        let commit = try #require(ObjectID(hex: String(repeating: "a", count: 40)))
        let record = StagingRecord(owner: owner, kind: .add, root: "/r", path: "/r/p", name: "a-b", commit: commit, extras: ["x"])
        #expect(StagingRecord(bytes: record.bytes) == record)
        #expect(ownerInStagingName("a-b-\(owner.pid)-\(owner.startTime)-k3") == owner)
        #expect(ownerInStagingName("a-b") == nil)
    }

    @Test func whatIsNoPlainFileIsRefusedWithoutWaiting() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.path + "/fifo", 0o600) == 0)
        let root = try Folder(opening: folder.path)
        let refusals: [FileError?] = [
            #expect(throws: FileError.self) { _ = try root.read("fifo") },
            #expect(throws: FileError.self) { try root.append([1], to: "fifo") },
            #expect(throws: FileError.self) { _ = try FileLock("fifo", in: root, timeout: .zero) },
        ]
        #expect(refusals.allSatisfy { $0?.isNotPlainFile == true })
    }

    @Test func pathsAreShownWithoutControlCharacters() {
        #expect(RepositoryPath("a\u{1B}[31m\\\u{202E}ä\u{7}").description == "a\\x1B[31m\\\\\\xE2\\x80\\xAEä\\x07")
        #expect(RepositoryPath(bytes: [0x61, 0xC3, 0x28, 0xFF]).description == "a\\xC3(\\xFF")
        #expect(RepositoryPath("a/b").isInside(RepositoryPath("a")) && !RepositoryPath("ab").isInside(RepositoryPath("a")))
    }

    @Test func pathsAreJoinedByText() {
        #expect(normalizedPath("../x/./y//", from: "/a/b") == "/a/x/y")
        #expect(splitPath("/a/b/") == ("/a", "b") && splitPath("/a") == ("/", "a") && splitPath("a") == (".", "a"))
    }
}

@Suite struct MountPointTests {
    @Test func theFolderItselfIsNamed() throws {
        #expect(try MountTable.mountPoints(in: "/proc").contains(RepositoryPath(".")))
    }

    /// Data at these places of a file of 40 MB, and holes around them.
    @Test(arguments: [[], [0], [5 << 20], [0, 5 << 20, (40 << 20) - 4]]) func holesStayHoles(_ places: [Int]) throws {
        let folder = try TemporaryFolder()
        let size = 40 << 20
        var expected = Data(count: size)
        let source = open(folder.path + "/from", O_RDWR | O_CREAT, 0o600)
        defer { close(source) }
        #expect(ftruncate(source, size) == 0)
        for place in places {
            #expect(pwrite(source, "data", 4, place) == 4)
            expected.replaceSubrange(place..<(place + 4), with: Data("data".utf8))
        }
        let target = open(folder.path + "/to", O_RDWR | O_CREAT, 0o600)
        defer { close(target) }
        #expect(try FileCopier().copy(source, to: target, size, path: "to") == size)
        var (from, to) = (stat(), stat())
        #expect(fstat(source, &from) == 0 && fstat(target, &to) == 0)
        #expect(to.st_blocks <= from.st_blocks && to.st_blocks * 512 < size / 10)
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/to")) == expected)
    }
}
