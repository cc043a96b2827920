import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// A commit of a tree with one odd entry beside an ordinary file, on a branch.
private func hostileCommit(_ fixture: CheckoutFixture, branch: String, mode: String, name: String) throws {
    let path = fixture.repository.path
    let blob = try git("hash-object", "-w", "--stdin", in: path, input: "inside")
    let inner = try git("mktree", in: path, input: "100644 blob \(blob)\tconfig\n")
    let (type, id) = mode == "040000" ? ("tree", inner) : ("blob", blob)
    let entries = ["100644 blob \(blob)\tzz-ordinary", "\(mode) \(type) \(id)\t\(name)"].sorted {
        $0.split(separator: "\t")[1] < $1.split(separator: "\t")[1]
    }
    let tree = try git("mktree", "-z", in: path, input: entries.joined(separator: "\0") + "\0")
    try git("branch", "-f", branch, git("commit-tree", tree, "-m", "hostile", in: path), in: path)
}

private func leftovers(_ fixture: CheckoutFixture) throws -> [String] {
    let manager = FileManager.default
    var found: [String] = []
    for folder in [
        fixture.repository.around + "/trees", fixture.repository.path + "/.git/worktrees", fixture.repository.path + "/.git/czar/staging",
    ]
    where exists(folder) {
        found += try manager.contentsOfDirectory(atPath: folder)
    }
    return found.sorted()
}

@Suite struct CheckoutRefusalTests {
    static let hostile: [(mode: String, name: String)] = [
        ("100644", ".git"), ("040000", ".git"), ("040000", ".GiT"), ("040000", "git~1"), ("040000", "GIT~1"), ("040000", ".git "),
        ("040000", ".git..."), ("100644", ".git::$INDEX_ALLOCATION"), ("040000", ".."), ("040000", "."), ("100644", ".git\\config"),
        ("100644", "a\\.git\\b"), ("040000", ".g\u{200c}it"), ("120000", ".gitmodules"), ("120000", "gitmod~1"), ("120000", "GI7EBA~1"),
        ("120000", ".gitmodules . "),
    ]

    @Test func treesThatReachIntoARepositoryAreRefusedAsGitRefusesThem() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("file", "x\n")
        try fixture.repository.commitAll()
        try git("config", "core.protectHFS", "true", in: fixture.repository.path)
        for (number, entry) in Self.hostile.enumerated() {
            try hostileCommit(fixture, branch: "hostile\(number)", mode: entry.mode, name: entry.name)
            let path = fixture.repository.around + "/oracle"
            let theirs = try run(["git", "worktree", "add", "-q", "--detach", path, "hostile\(number)"], in: fixture.repository.path)
            #expect(theirs.status != 0, "git takes \(entry)")
            _ = try run(["git", "worktree", "remove", "--force", path], in: fixture.repository.path)
            try? FileManager.default.removeItem(atPath: path)
            _ = try run(["git", "worktree", "prune"], in: fixture.repository.path)
        }
        var requests = try Self.hostile.indices.map { try fixture.request("h\($0)", at: "hostile\($0)") }
        requests.append(try fixture.request("good", at: "main"))
        let results = try fixture.location.addWorktrees(requests)
        for (entry, result) in zip(Self.hostile, results) {
            guard case .failure(.failed(_, let reason)) = result else {
                Issue.record("\(entry) was not refused: \(result)")
                continue
            }
            #expect(reason.code == .invalidName, "\(entry): \(reason)")
        }
        // The others are not concerned.
        let good = try #require(results.last).get()
        #expect(try git("status", "--porcelain", in: good.path) == "")
        #expect(try leftovers(fixture) == ["good", "good"])
    }

    /// Trees that git's own tools do not write: each entry's name is raw bytes.
    private func rawCommit(_ fixture: CheckoutFixture, _ branch: String, _ name: [UInt8], isFolder: Bool) throws {
        let path = fixture.repository.path
        let blob = try git("hash-object", "-w", "--stdin", in: path, input: "inside")
        let inner = try git("mktree", in: path, input: "100644 blob \(blob)\tconfig\n")
        let id = isFolder ? inner : blob
        let hex = Array(id.utf8)
        let raw = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(decoding: hex[$0..<($0 + 2)], as: UTF8.self), radix: 16) }
        let file = fixture.repository.around + "/raw"
        try writeFile(file, Data(Array((isFolder ? "40000 " : "100644 ").utf8) + name + [0] + raw))
        let tree = try git("hash-object", "-w", "--literally", "-t", "tree", file, in: path)
        try git("branch", branch, git("commit-tree", tree, "-m", branch, in: path), in: path)
    }

    @Test func namesThatNoFileSystemTakesFailAsWithGitAndThatAreNoTextDoNot() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("file", "x\n")
        try fixture.repository.commitAll()
        let names: [(name: [UInt8], isFolder: Bool)] = [
            (Array("/tmp/czar-absolute".utf8), false), (Array("/tmp".utf8), true), ([], false), (Array(repeating: 0x6E, count: 256), false),
            (Array(repeating: 0x6E, count: 300), true), (Array("lat".utf8) + [0xE9], false), ([0xFF, 0xFE], true),
        ]
        for (number, entry) in names.enumerated() {
            try rawCommit(fixture, "raw\(number)", entry.name, isFolder: entry.isFolder)
            let oracle = fixture.repository.around + "/oracle"
            let theirs = try run(["git", "worktree", "add", "-q", "--detach", oracle, "raw\(number)"], in: fixture.repository.path)
            let ours = Result { try fixture.add("w\(number)", at: "raw\(number)") }
            switch ours {
            case .success(let added):
                #expect(theirs.status == 0, "\(entry): git refuses it")
                #expect(try differences(added.path, oracle) == "")
                #expect(try git("status", "--porcelain", in: added.path) == "")
                try fixture.location.removeWorktree(named: added.name)
            case .failure: #expect(theirs.status != 0, "\(entry): git takes it")
            }
            _ = try run(["git", "worktree", "remove", "--force", oracle], in: fixture.repository.path)
            _ = try run(["rm", "-rf", oracle], in: "/")
            _ = try run(["git", "worktree", "prune"], in: fixture.repository.path)
        }
        #expect(!exists("/tmp/czar-absolute") && !exists("/tmp/config"))
        #expect(try leftovers(fixture) == [])
    }

    @Test func namesThatOnlyLookHostileAreAllowed() {
        let rules = PathRules(protectsHFS: true, protectsNTFS: true)
        for name in [".gitignore", "git", ".gitx", "git~2", "gi", ".", "..x", "a\\b", "gitmod~9", "日本", "..."] where name != "." {
            let allowed = Array(name.utf8).withUnsafeBufferPointer { rules.allows($0, isLink: true) }
            #expect(allowed, "\(name)")
        }
    }

    @Test func namesThatFallTogetherAreRefusedOnlyWhereCaseIsIgnored() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("folder/File", "x\n")
        try fixture.bytes("folder/file", "y\n")
        try fixture.repository.commitAll()
        let both = try fixture.add("both").path
        #expect(exists(both + "/folder/File") && exists(both + "/folder/file"))
        let request = try fixture.request("clash")
        try git("config", "core.ignorecase", "true", in: fixture.repository.path)
        let error = #expect(throws: WorktreeError.self) { try fixture.location.addWorktree(request) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("only in case"))
        #expect(try leftovers(fixture) == ["both", "both"])
    }

    @Test func aCancelledCheckoutLeavesNothing() throws {
        let fixture = try CheckoutFixture()
        for index in 0..<40 { try fixture.bytes("folder\(index)/file", "content \(index)\n") }
        try fixture.repository.commitAll()
        let requests = try ["a", "b", "c"].map { try fixture.request($0) }
        let asked = Atomic(0), reported = Atomic(0)
        var options = CheckoutOptions(threads: 2)
        options.isCancelled = { asked.wrappingAdd(1, ordering: .relaxed).newValue > 10 }
        options.progress = { reported.store($0.files, ordering: .relaxed) }
        for result in try fixture.location.addWorktrees(requests, options: options) {
            guard case .failure(.failed(_, let reason)) = result else {
                Issue.record("not cancelled: \(result)")
                continue
            }
            #expect(reason.code == .stopped)
        }
        // It had begun, and was not done.
        #expect((1..<120).contains(reported.load(ordering: .relaxed)))
        #expect(try leftovers(fixture) == [])
        // The same can be done afterwards, with progress up to the end.
        options.isCancelled = nil
        let made = try fixture.location.addWorktrees(requests, options: options).map { try $0.get() }
        #expect(reported.load(ordering: .relaxed) == 120)
        for worktree in made { #expect(try git("status", "--porcelain", in: worktree.path) == "") }
    }

    @Test func aWorktreeThatCannotBeWrittenFailsAlone() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("folder/file", "x\n")
        try fixture.repository.commitAll()
        let targets = try ["a", "b"].map { name in
            let path = fixture.repository.around + "/" + name
            try git("worktree", "add", "-q", "--no-checkout", "--detach", path, in: fixture.repository.path)
            let tree = try #require(ObjectID(hex: git("rev-parse", "HEAD^{tree}", in: path)))
            return CheckoutTarget(
                CheckoutContent(tree: tree), path: path, gitDirectory: try git("rev-parse", "--absolute-git-dir", in: path))
        }
        // What stands in the way is neither replaced nor followed.
        try FileManager.default.createSymbolicLink(atPath: targets[0].path + "/folder", withDestinationPath: fixture.repository.around)
        let results = try fixture.location.checkOut(targets)
        #expect(throws: GitError.self) { try results[0].get() }
        #expect(try results[1].get().files == 1)
        #expect(!exists(fixture.repository.around + "/file"))
        #expect(try git("status", "--porcelain", in: targets[1].path) == "")
    }

    @Test func filtersThatAreNotRunAreNamedAndCounted() throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try fixture.bytes(".gitattributes", "*.up filter=upper\n*.bin filter=lfs -text\n*.no filter=unknown\n")
        let content = "the large object\n", id = String(repeating: "ab", count: 32)
        for name in ["one.up", "two.up", "in.no"] { try fixture.bytes(name, "text\n") }
        try fixture.bytes("stored.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:\(id)\nsize \(content.utf8.count)\n")
        try fixture.bytes("missing.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(id.reversed()))\nsize 5\n")
        try fixture.repository.commitAll()
        try writeFile(path + "/.git/lfs/objects/ab/ab/" + id, content)
        try git("config", "filter.upper.smudge", "tr a-z A-Z", in: path)
        try git("config", "filter.lfs.smudge", "false", in: path)
        let added = try fixture.add("w")
        #expect(added.report.unfiltered == ["filter=upper": 2, "filter=lfs": 1])
        #expect(try String(contentsOfFile: added.path + "/one.up", encoding: .utf8) == "text\n")
        #expect(try String(contentsOfFile: added.path + "/stored.bin", encoding: .utf8) == content)
        #expect(try String(contentsOfFile: added.path + "/missing.bin", encoding: .utf8).hasPrefix("version"))
    }

    /// What such a filter stores twice is of no use to anybody.
    private func encoded() throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        for (name, command) in [("clean", "base64 -w0"), ("smudge", "base64 -d"), ("required", "true")] {
            try git("config", "filter.b64." + name, command, in: path)
        }
        try fixture.bytes(".gitattributes", "*.sec filter=b64\n*.latin text working-tree-encoding=ISO-8859-1\n")
        for name in ["a.sec", "d e/b c.sec", "d e/' .sec"] { try fixture.bytes(name, "secret \(name)\n") }
        try writeFile(path + "/a.latin", Data([0x63, 0x61, 0x66, 0xE9, 0x0A]))
        try fixture.bytes("code", "x\n")
        try writeFile(path + "/large.sec", Data(count: 2 << 20))
        try fixture.repository.commitAll()
        return fixture
    }

    @Test func aFiltersInputThatNobodyTouchedIsNotFilteredAgain() throws {
        let fixture = try encoded()
        let added = try fixture.add("w")
        #expect(added.report.unfiltered == ["filter=b64": 4])
        try writeFile(added.path + "/code", "y\n")
        try git("add", "-A", in: added.path)
        #expect(try git("diff", "--cached", "--name-only", in: added.path) == "code")
        #expect(try git("status", "--porcelain", in: added.path) == "M  code")
    }

    @Test func gitWritesSuchFilesWithTheCommandThatIsShown() throws {
        let fixture = try encoded()
        let theirs = try fixture.oracle("o")
        let whole = try fixture.add("w")
        for what in whole.report.unfiltered.keys {
            let done = try run(["sh", "-c", Limitation.commandToRewrite(filesWith: what)], in: whole.path)
            #expect(done.status == 0 && done.errors == "", "\(done.errors)")
        }
        #expect(try differences(whole.path, theirs) == "")
        #expect(try git("status", "--porcelain", in: whole.path) == "")
        let other = try fixture.add("v")
        // A name that git takes in no pattern.
        let done = try run(["sh", "-c", Limitation.commandToRewrite(filesWith: "filter=b.64")], in: other.path)
        #expect(done.status == 0 && done.errors == "", "\(done.errors)")
        #expect(try differences(other.path, theirs) == "")
        #expect(try git("status", "--porcelain", in: other.path) == "")
    }

    @Test func inASparseWorktreeGitWritesOnlyThoseThatItHolds() throws {
        let fixture = try encoded()
        try fixture.location.enableWorktreeConfiguration()
        let plain = try fixture.request("s")
        let sparse = try fixture.location.addWorktree(
            WorktreeRequest(
                name: plain.name, path: plain.path, root: plain.root, branch: plain.branch, commit: plain.commit,
                sparsePaths: [RepositoryPath("none")]))
        let done = try run(["sh", "-c", Limitation.commandToRewrite(filesWith: "filter=b64")], in: sparse.path)
        #expect(done.status == 0 && done.errors == "", "\(done.errors)")
        #expect(try String(contentsOfFile: sparse.path + "/a.sec", encoding: .utf8) == "secret a.sec\n")
        #expect(!exists(sparse.path + "/d e"))
        #expect(try git("status", "--porcelain", in: sparse.path) == "")
    }

    @Test func contentIsCopiedOnlyFromFilesThatAreUnmodified() throws {
        let fixture = try CheckoutFixture()
        for name in ["clean", "changed", "restored", "removed", "linked"] { try fixture.bytes(name, "content of \(name)\n") }
        let path = fixture.repository.path
        try fixture.repository.commitAll()
        // The index is younger than the files, so that they are not racy and can be trusted.
        try git("update-index", "--refresh", in: path)
        try fixture.bytes("changed", "CONTENT OF CHANGED")
        // The same size and the same time of modification: only the change time tells.
        _ = try run(["bash", "-c", "touch -r restored ../t; printf 'CONTENT of restored\\n' > restored; touch -r ../t restored"], in: path)
        try FileManager.default.removeItem(atPath: path + "/removed")
        _ = try run(["ln", "-sf", "clean", "linked"], in: path)
        let made = try fixture.add("w").path
        for name in ["clean", "changed", "restored", "removed", "linked"] {
            #expect(try String(contentsOfFile: made + "/" + name, encoding: .utf8) == "content of \(name)\n")
        }
    }
}
