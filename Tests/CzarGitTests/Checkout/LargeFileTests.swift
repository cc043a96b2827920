import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// Blobs that are not collected with others: read in pieces where they are stored in one, else taken alone.
@Suite struct LargeFileTests {
    /// Bytes that do not compress, so that a loose object is as long as the file.
    private static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    /// Two versions of one file, which git packs as a delta, and others that it does not.
    private static func fixture() throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        var content = noise(3 << 20, seed: 1)
        try writeFile(fixture.repository.path + "/versions", Data(content))
        try writeFile(fixture.repository.path + "/noise", Data(noise(2 << 20 | 5, seed: 2)))
        try writeFile(fixture.repository.path + "/sub/zeros", Data(count: 5 << 20))
        try fixture.bytes("lines.txt", String(repeating: "a line of text\n", count: 150_000))
        try fixture.bytes("small", "small\n")
        try fixture.repository.commitAll("old")
        content += noise(1000, seed: 3)
        try writeFile(fixture.repository.path + "/versions", Data(content))
        _ = try run(["chmod", "+x", "noise"], in: fixture.repository.path)
        try fixture.repository.commitAll("new")
        return fixture
    }

    /// A budget that is smaller than any of the files. No content is taken from the main worktree: a donor that has nothing keeps the others
    /// away.
    private static func options() -> CheckoutOptions {
        CheckoutOptions(threads: 2, donors: [CheckoutDonor(path: "/nowhere", gitDirectory: "/nowhere")], memory: 1 << 20)
    }

    @Test(arguments: ["loose", "packed"])
    func theyAreWrittenAsGitWritesThem(_ how: String) throws {
        let fixture = try Self.fixture()
        if how == "packed" { try git("repack", "-qadf", in: fixture.repository.path) }
        let theirs = try ["HEAD", "HEAD~1"].enumerated().map { try fixture.oracle("o\($0)", at: $1) }
        // More than are written at one time.
        let requests = try (0..<11).map { try fixture.request("w\($0)", at: $0 == 10 ? "HEAD~1" : "HEAD") }
        let seen = Mutex<Set<LargeFile>>([])
        var options = Self.options()
        options.largeFile = { file in seen.withLock { _ = $0.insert(file) } }
        let made = try fixture.location.addWorktrees(requests, options: options).map { try $0.get() }
        for (number, worktree) in made.enumerated() where [0, 7, 8, 10].contains(number) {
            try fixture.expectAgreement(worktree.path, theirs[number == 10 ? 1 : 0])
        }
        for worktree in made { #expect(try git("status", "--porcelain", in: worktree.path) == "") }
        let told = seen.withLock { $0 }
        if how == "loose" {
            #expect(told == [])
        } else {
            #expect(told.map(\.path.description) == ["versions"] && told.first?.why == .delta, "\(told)")
            #expect(told.allSatisfy { $0.memory == 2 * $0.size })
        }
    }

    @Test func aConversionIsSaid() throws {
        let fixture = try Self.fixture()
        try fixture.bytes(".gitattributes", "*.txt eol=crlf\n")
        try git("add", ".gitattributes", in: fixture.repository.path)
        try git("commit", "-qm", "attributes", in: fixture.repository.path)
        let theirs = try fixture.oracle("o")
        let request = try fixture.request("w")
        let seen = Mutex<[LargeFile]>([])
        var options = Self.options()
        options.largeFile = { file in seen.withLock { $0.append(file) } }
        let made = try fixture.location.addWorktree(request, options: options)
        try fixture.expectAgreement(made.path, theirs)
        let told = seen.withLock { $0 }
        #expect(told.map(\.path.description) == ["lines.txt"] && told.first?.why == .conversion, "\(told)")
    }

    @Test(arguments: ["loose", "packed"])
    func aDamagedOneFailsAndLeavesNothing(_ how: String) throws {
        let fixture = try Self.fixture()
        let path = fixture.repository.path
        let id = try git("rev-parse", "HEAD:noise", in: path)
        let request = try fixture.request("w")
        var file = path + "/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))"
        var offset = 1 << 20
        if how == "packed" {
            try git("repack", "-qadf", in: path)
            let packs = try FileManager.default.contentsOfDirectory(atPath: path + "/.git/objects/pack")
            let index = path + "/.git/objects/pack/" + (try #require(packs.first { $0.hasSuffix(".idx") }))
            let line = try #require(try git("verify-pack", "-v", index, in: path).split(separator: "\n").first { $0.hasPrefix(id) })
            offset += try #require(Int(line.split(separator: " ")[4]))
            file = index.dropLast(4) + ".pack"
        }
        _ = try run(["chmod", "u+w", file], in: "/")
        let handle = try #require(FileHandle(forUpdatingAtPath: file))
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(repeating: 0x55, count: 64))
        try handle.close()
        let error = #expect(throws: WorktreeError.self) { try fixture.location.addWorktree(request, options: Self.options()) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(id))
        #expect(!exists(fixture.repository.around + "/trees/w"))
        #expect(try git("worktree", "list", in: path).split(separator: "\n").count == 1)
    }

    @Test func anObjectOfTheLargeFileStoreNeedsNoMemoryEither() throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        let content = Self.noise(3 << 20, seed: 4), id = String(repeating: "ab", count: 32)
        try fixture.bytes(".gitattributes", "*.bin filter=lfs -text\n")
        try fixture.bytes("stored.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:\(id)\nsize \(content.count)\n")
        try fixture.repository.commitAll()
        try writeFile(path + "/.git/lfs/objects/ab/ab/" + id, Data(content))
        try git("config", "filter.lfs.smudge", "false", in: path)
        let requests = try (0..<10).map { try fixture.request("w\($0)") }
        for result in try fixture.location.addWorktrees(requests, options: Self.options()) {
            #expect(try Data(contentsOf: URL(fileURLWithPath: result.get().path + "/stored.bin")) == Data(content))
        }
    }
}
