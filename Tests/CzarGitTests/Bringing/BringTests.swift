import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// A repository whose main worktree has ignored files.
private struct BringFixture {
    let checkout: CheckoutFixture
    var path: String { checkout.repository.path }

    init(ignoring patterns: String) throws {
        checkout = try CheckoutFixture()
        try write(".gitignore", patterns)
        try write("src/tracked", "tracked\n")
        try checkout.repository.commitAll("first")
    }

    func write(_ name: String, _ text: String) throws { try checkout.repository.write(name, text) }

    func request(_ worktree: AddedWorktree, _ lines: String...) -> BringRequest {
        var patterns = IgnorePatterns()
        for line in lines { patterns.add(line: line) }
        return BringRequest(patterns: patterns, worktree: worktree.path, gitDirectory: worktree.gitDirectory)
    }

    func bring(_ worktree: AddedWorktree, _ lines: String...) throws -> BringReport {
        var patterns = IgnorePatterns()
        for line in lines { patterns.add(line: line) }
        return try checkout.location.bring([
            BringRequest(patterns: patterns, worktree: worktree.path, gitDirectory: worktree.gitDirectory)
        ])[0].get()
    }

    /// Everything ignored below the worktree, as git lists it.
    func ignored(_ worktree: String) throws -> [String] {
        try git("ls-files", "--others", "--ignored", "--exclude-standard", in: worktree).split(separator: "\n").map(String.init).sorted()
    }
}

@Suite struct BringTests {
    @Test func whatGitListsForBothFilesIsBrought() throws {
        let fixture = try BringFixture(ignoring: "*.env\ncache/\n/out/*\n!/out/keep\nlogs\n")
        for name in ["a.env", "deep/b.env", "cache/x/y", "out/1", "out/keep", "logs/l", "src/cache/z", "src/c.env", "untracked"] {
            try fixture.write(name, name)
        }
        let include = "*.env\n!deep/*.env\nsrc/cache/\nout/\ncache/x/\n"
        let patternsFile = fixture.checkout.repository.around + "/include"
        try writeFile(patternsFile, include)
        func listed(_ option: String) throws -> Set<Substring> {
            Set(try git("ls-files", "--others", "--ignored", option, in: fixture.path).split(separator: "\n"))
        }
        let expected = try listed("--exclude-standard").intersection(listed("--exclude-from=" + patternsFile)).map(String.init).sorted()
        #expect(expected == ["a.env", "cache/x/y", "out/1", "src/c.env", "src/cache/z"])
        let worktree = try fixture.checkout.add("w")
        var patterns = IgnorePatterns()
        patterns.add(file: Array(include.utf8))
        let request = BringRequest(patterns: patterns, worktree: worktree.path, gitDirectory: worktree.gitDirectory)
        let report = try fixture.checkout.location.bring([request])[0].get()
        #expect(try fixture.ignored(worktree.path).filter { !$0.hasPrefix(".czar/") } == expected)
        #expect(report.files == expected.count && report.leftOut == [])
        #expect(try git("status", "--porcelain", in: worktree.path).replacing("?? .czar/", with: "").isEmpty)
    }

    @Test func modesTimesAndLinksAreTakenOver() throws {
        let fixture = try BringFixture(ignoring: "ignored/\n")
        try fixture.write("ignored/secret", "s")
        try fixture.write("ignored/tool", "#!")
        try fixture.write("ignored/closed/file", "f")
        try fixture.write("ignored/big", String(repeating: "0123456789abcdef", count: 40_000))
        try prepare("chmod", "600", fixture.path + "/ignored/secret")
        try prepare("chmod", "751", fixture.path + "/ignored/tool")
        try prepare("touch", "-d", "2001-02-03 04:05:06.789", fixture.path + "/ignored/tool")
        for (name, target) in [("relative", "closed/file"), ("absolute", "/etc/hostname"), ("up", "../src/tracked"), ("out", "../../out")] {
            try FileManager.default.createSymbolicLink(atPath: fixture.path + "/ignored/" + name, withDestinationPath: target)
        }
        try FileManager.default.createDirectory(atPath: fixture.path + "/ignored/empty", withIntermediateDirectories: true)
        try prepare("mkfifo", fixture.path + "/ignored/pipe")
        try prepare("chmod", "555", fixture.path + "/ignored/closed")
        defer { _ = try? run(["chmod", "755", fixture.path + "/ignored/closed"], in: "/") }
        let worktree = try fixture.checkout.add("w")
        let report = try fixture.bring(worktree, "ignored")
        let left = report.leftOut.map { "\($0.path) \($0.why)" }
        #expect(left == ["ignored/out leadsOutside", "ignored/pipe special"])
        try FileManager.default.removeItem(atPath: fixture.path + "/ignored/out")
        try FileManager.default.removeItem(atPath: fixture.path + "/ignored/pipe")
        #expect(try differences(fixture.path + "/ignored", worktree.path + "/ignored") == "")
        #expect(try listing(of: fixture.path + "/ignored") == listing(of: worktree.path + "/ignored"))
        func times(_ folder: String) throws -> String {
            try run(["bash", "-c", "find . -type f -printf '%P %T@\\n' | sort"], in: folder).output
        }
        #expect(try times(fixture.path + "/ignored") == times(worktree.path + "/ignored"))
    }

    @Test func nothingThatIsThereIsReplacedOrWrittenThrough() throws {
        let fixture = try BringFixture(ignoring: "conf\nlib/*\nlinked\n")
        let trap = fixture.checkout.repository.around + "/trap"
        try FileManager.default.createDirectory(atPath: trap, withIntermediateDirectories: true)
        // The branch tracks what the main worktree ignores, and has a link where the main worktree has a folder.
        try git("checkout", "-q", "-b", "other", in: fixture.path)
        try fixture.write("conf", "of the branch\n")
        try fixture.write("lib/tracked", "of the branch\n")
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/linked", withDestinationPath: trap)
        try git("add", "-f", "conf", "lib/tracked", "linked", in: fixture.path)
        try git("commit", "-qm", "other", in: fixture.path)
        try git("checkout", "-q", "main", in: fixture.path)
        try fixture.write("conf", "of the main worktree\n")
        try fixture.write("lib/tracked", "of the main worktree\n")
        try fixture.write("lib/more", "of the main worktree\n")
        try fixture.write("linked/inside", "of the main worktree\n")
        let worktree = try fixture.checkout.add("w", at: "other")
        let report = try fixture.bring(worktree, "conf", "lib", "linked")
        #expect(report.files == 1 && report.leftOut == [])
        #expect(try String(contentsOfFile: worktree.path + "/lib/more", encoding: .utf8) == "of the main worktree\n")
        #expect(try git("status", "--porcelain", in: worktree.path).replacing("?? .czar/", with: "").isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: trap) == [])
    }

    @Test func whatTheBranchDoesNotIgnoreStaysOut() throws {
        let fixture = try BringFixture(ignoring: "src/\n")
        try git("branch", "before", in: fixture.path)
        try fixture.write(".gitignore", ".env\nnode_modules/\n")
        try fixture.checkout.repository.commitAll("ignores more")
        try fixture.write(".env", "secret")
        try fixture.write("node_modules/m", "m")
        let worktree = try fixture.checkout.add("w", at: "before")
        let report = try fixture.bring(worktree, ".env", "node_modules")
        #expect(report.files == 0)
        #expect(report.leftOut.map { "\($0.path) \($0.why)" } == [".env notIgnored", "node_modules notIgnored"])
        #expect(!exists(worktree.path + "/.env") && !exists(worktree.path + "/node_modules"))
    }

    @Test func repositoriesWorktreesAndCzarsOwnFilesStayOut() throws {
        let fixture = try BringFixture(ignoring: "*\n!.gitignore\n!src\n!src/tracked\n")
        try fixture.write("plain", "p")
        try fixture.write("vendor/plain", "p")
        try git("init", "-q", "vendor/nested", in: fixture.path)
        try fixture.write("vendor/nested/n", "n")
        try fixture.write(".czarina/worktrees/other/file", "f")
        try fixture.write(".czar/outbox/event", "e")
        try fixture.write("WORKER_IDENTITY.md", "i")
        let worktree = try fixture.checkout.add("w")
        let report = try fixture.bring(worktree, "*")
        let found = try fixture.ignored(worktree.path)
        #expect(found == ["plain", "vendor/plain"])
        #expect(report.leftOut.map { "\($0.path) \($0.why)" } == ["vendor/nested repository"])
    }

    @Test func aFolderThatIgnoresItselfIsBrought() throws {
        let fixture = try BringFixture(ignoring: "nothing\n")
        try fixture.write(".venv/.gitignore", "# made by a tool\n*\n")
        try fixture.write(".venv/bin/python", "p")
        try fixture.write("half/.gitignore", "*.o\n")
        try fixture.write("half/a.o", "o")
        let worktree = try fixture.checkout.add("w")
        let report = try fixture.bring(worktree, ".venv", "half/")
        #expect(report.files == 2 && report.leftOut.map { "\($0.path) \($0.why)" } == ["half/a.o notIgnored"])
        #expect(try git("status", "--porcelain", in: worktree.path).replacing("?? .czar/", with: "").isEmpty)
    }

    @Test func aLinkInTheMainWorktreeIsNeverEntered() throws {
        let fixture = try BringFixture(ignoring: "data\n")
        let outside = fixture.checkout.repository.around + "/outside"
        try writeFile(outside + "/secret", "secret")
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/data", withDestinationPath: outside)
        let worktree = try fixture.checkout.add("w")
        #expect(try fixture.bring(worktree, "data", "data/**").files == 1)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: worktree.path + "/data") == outside)
    }

    @Test func whatACrashLeftIsClearedAndTheRestIsBrought() throws {
        let fixture = try BringFixture(ignoring: "one\ntwo\n")
        try fixture.write("one", "1")
        try fixture.write("two/deep", "2")
        let worktree = try fixture.checkout.add("w")
        try writeFile(worktree.path + "/.czar/incoming/0", "half of")
        try writeFile(worktree.path + "/one", "mine")
        #expect(try fixture.bring(worktree, "one", "two").files == 1)
        #expect(try String(contentsOfFile: worktree.path + "/one", encoding: .utf8) == "mine")
        #expect(try String(contentsOfFile: worktree.path + "/two/deep", encoding: .utf8) == "2")
        #expect(!exists(worktree.path + "/.czar/incoming"))
        #expect(try fixture.bring(worktree, "one", "two").files == 0)
    }

    @Test func manyWorktreesAreFilledTogetherAndProgressCountsThem() throws {
        let fixture = try BringFixture(ignoring: "many/\n")
        for number in 0..<40 { try fixture.write("many/\(number % 5)/\(number)", "\(number)") }
        let worktrees = try (0..<3).map { try fixture.checkout.add("w\($0)") }
        let seen = Mutex<[BringProgress]>([])
        var options = BringOptions()
        options.progress = { progress in seen.withLock { $0.append(progress) } }
        let results = try fixture.checkout.location.bring(worktrees.map { fixture.request($0, "many") }, options: options)
        #expect(try results.map { try $0.get().files } == [40, 40, 40])
        #expect(seen.withLock { $0.last } == BringProgress(files: 120, totalFiles: 120, bytes: 3 * (10 + 60)))
        for worktree in worktrees { #expect(try differences(fixture.path + "/many", worktree.path + "/many") == "") }
    }

    @Test func aCancelledBringingPutsNothingInPlace() throws {
        let fixture = try BringFixture(ignoring: "many/\n")
        for number in 0..<40 { try fixture.write("many/\(number)/file", "\(number)") }
        let worktree = try fixture.checkout.add("w")
        let steps = Atomic(0)
        var options = BringOptions()
        options.isCancelled = { steps.wrappingAdd(1, ordering: .relaxed).newValue > 10 }
        let result = try fixture.checkout.location.bring([fixture.request(worktree, "many")], options: options)[0]
        #expect(throws: GitError.self) { try result.get() }
        if case .failure(let error) = result { #expect(error.code == .stopped) }
        #expect(!exists(worktree.path + "/many") && !exists(worktree.path + "/.czar/incoming"))
    }

    @Test func theManifestKnowsACopyFromAFileThatWasChanged() throws {
        let fixture = try BringFixture(ignoring: "x/\n")
        for name in ["same", "edited", "deleted", "li\nne"] { try fixture.write("x/" + name, name) }
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/x/link", withDestinationPath: "same")
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/x/moved", withDestinationPath: "same")
        let worktree = try fixture.checkout.add("w")
        #expect(try BroughtManifest(of: worktree.gitDirectory).isEmpty)
        _ = try fixture.bring(worktree, "x")
        try writeFile(worktree.path + "/x/edited", "EDITED")
        try FileManager.default.removeItem(atPath: worktree.path + "/x/deleted")
        try FileManager.default.removeItem(atPath: worktree.path + "/x/moved")
        try FileManager.default.createSymbolicLink(atPath: worktree.path + "/x/moved", withDestinationPath: "edited")
        let manifest = try BroughtManifest(of: worktree.gitDirectory)
        let held = ["same", "edited", "deleted", "li\nne", "link", "moved", "never"].filter {
            manifest.holds(RepositoryPath("x/" + $0), in: worktree.path)
        }
        #expect(held == ["same", "li\nne", "link"])
    }
}
