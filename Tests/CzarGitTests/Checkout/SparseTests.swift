import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// Sparse worktrees; `git worktree add --no-checkout` with `git sparse-checkout set --cone` is the oracle.
@Suite struct SparseTests {
    private func fixture() throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        for name in ["top", "a/f", "a/b/f", "a/b/c/f", "a/x/f", "d/f", "d/only.c", "sp ace/f", "ünï/f", "a.b/f", "a-b/f"] {
            try fixture.bytes(name, name + "\n")
        }
        try fixture.bytes("d/tool", "#!\n", executable: true)
        try fixture.bytes(".gitattributes", "*.crlf text eol=crlf\n")
        try fixture.bytes("d/.gitattributes", "f ident\n")
        try fixture.bytes("a/b/x.crlf", "1\n2\n")
        try FileManager.default.createSymbolicLink(atPath: fixture.repository.path + "/d/link", withDestinationPath: "f")
        try git("add", "-A", in: fixture.repository.path)
        let blob = try git("rev-parse", ":top", in: fixture.repository.path)
        for path in ["d/sub", "a/sub"] {
            try git("update-index", "--add", "--cacheinfo", "160000,\(blob),\(path)", in: fixture.repository.path)
        }
        try git("commit", "-qm", "first", in: fixture.repository.path)
        return fixture
    }

    private func add(_ fixture: CheckoutFixture, _ name: String, _ paths: [String]) throws -> AddedWorktree {
        let plain = try fixture.request(name)
        return try fixture.location.addWorktree(
            WorktreeRequest(
                name: plain.name, path: plain.path, root: plain.root, branch: plain.branch, commit: plain.commit,
                sparsePaths: paths.map { RepositoryPath($0) }))
    }

    private func oracle(_ fixture: CheckoutFixture, _ name: String, _ folders: [String]) throws -> String {
        let path = fixture.repository.around + "/oracle/" + name
        try git("worktree", "add", "-q", "--detach", "--no-checkout", path, in: fixture.repository.path)
        let set = try run(["git", "sparse-checkout", "set", "--cone", "--skip-checks", "--no-sparse-index"] + folders, in: path)
        #expect(set.status == 0, "\(set.errors)")
        try git("read-tree", "-m", "-u", "HEAD", in: path)
        return path
    }

    private static let cases: [(paths: [String], folders: [String])] = [
        (["a/b"], ["a/b"]), (["a/b", "d"], ["a/b", "d"]), (["a"], ["a"]), (["a", "a/b"], ["a"]), (["sp ace", "ünï"], ["sp ace", "ünï"]),
        (["new/folder"], ["new/folder"]), (["d/only.c"], ["d"]), (["top"], []),
        (["we[i]rd*", "back\\slash"], ["we[i]rd*", "back\\slash"]),
        (["a/b/c", "a/x"], ["a/b/c", "a/x"]), (["a/sub"], ["a/sub"]),
    ]

    @Test(arguments: cases.indices) func aSparseWorktreeIsThatOfGit(_ number: Int) throws {
        let (paths, folders) = Self.cases[number]
        let fixture = try fixture()
        try fixture.location.enableWorktreeConfiguration()
        let theirs = try oracle(fixture, "o", folders)
        let mine = try add(fixture, "w", paths)
        #expect(try differences(mine.path, theirs) == "")
        #expect(try listing(of: mine.path) == listing(of: theirs))
        #expect(try indexListing(of: mine.path) == indexListing(of: theirs))
        #expect(try git("status", "--porcelain", "--ignored", in: mine.path) == "")
        #expect(try git("sparse-checkout", "list", in: mine.path) == git("sparse-checkout", "list", in: theirs))
        #expect(try git("write-tree", in: mine.path) == git("rev-parse", "HEAD^{tree}", in: mine.path))
        #expect(try Repository(opening: mine.path).status().entries == [])
        let file = try fileContent(mine.gitDirectory + "/info/sparse-checkout") ?? []
        let oracleFolder = try git("rev-parse", "--absolute-git-dir", in: theirs)
        #expect(
            try String(decoding: file, as: UTF8.self) == String(contentsOfFile: oracleFolder + "/info/sparse-checkout", encoding: .utf8))
        #expect(SparseCone(file: file)?.file == file)
        let before = try listing(of: mine.path)
        try git("sparse-checkout", "reapply", in: mine.path)
        #expect(try listing(of: mine.path) == before)
        #expect(mine.report.files == (try git("ls-files", "-t", in: mine.path).split(separator: "\n").count { $0.hasPrefix("H ") }))
    }

    @Test func sparseAndWholeWorktreesAreFilledTogether() throws {
        let fixture = try fixture()
        try fixture.location.enableWorktreeConfiguration()
        var requests: [WorktreeRequest] = []
        let wanted: [[String]?] = [["a/b"], nil, ["d"], ["a/b"]]
        for (number, paths) in wanted.enumerated() {
            let plain = try fixture.request("w\(number)")
            requests.append(
                WorktreeRequest(
                    name: plain.name, path: plain.path, root: plain.root, branch: plain.branch, commit: plain.commit,
                    sparsePaths: paths.map { $0.map { RepositoryPath($0) } }))
        }
        let seen = Mutex<Set<Int>>([])
        var options = CheckoutOptions()
        options.progress = { progress in seen.withLock { _ = $0.insert(progress.totalFiles) } }
        var files = 0
        for (number, result) in try fixture.location.addWorktrees(requests, options: options).enumerated() {
            let mine = try result.get()
            files += mine.report.files
            let name = "o\(number)"
            let theirs = if let folders = wanted[number] { try oracle(fixture, name, folders) } else { try fixture.oracle(name) }
            #expect(try listing(of: mine.path) == listing(of: theirs))
            #expect(try indexListing(of: mine.path) == indexListing(of: theirs))
            #expect(try git("status", "--porcelain", in: mine.path) == "")
        }
        #expect(seen.withLock { $0 } == [files])
        #expect(try run(["git", "fsck", "--strict"], in: fixture.repository.path).errors == "")
    }

    @Test func statusAndCommitsAgreeWithGitInASparseWorktree() throws {
        let fixture = try fixture()
        try fixture.location.enableWorktreeConfiguration()
        let tree = try add(fixture, "w", ["a/b"])
        for (name, value) in [("user.name", "W"), ("user.email", "w@example.org")] { try git("config", name, value, in: tree.path) }
        func lines() throws -> [String] {
            try Repository(opening: tree.path).status().entries.map { "\($0.staged)\($0.unstaged) \($0.path)" }
        }
        func gitLines() throws -> [String] {
            // Untrimmed: a line may begin with a space.
            try run(["git", "-c", "core.quotePath=false", "status", "--porcelain"], in: tree.path).output.split(separator: "\n").map(
                String.init)
        }
        try writeFile(tree.path + "/a/b/new", "new\n")
        try writeFile(tree.path + "/top", "changed\n")
        try FileManager.default.removeItem(atPath: tree.path + "/a/b/f")
        // Present although it is left out: git takes its mark away and compares.
        try writeFile(tree.path + "/d/f", "changed\n")
        #expect(try Set(lines()) == Set(gitLines()))
        let commit = try Repository(opening: tree.path).commitFiles(CommitRequest(message: "work"))
        #expect(try git("rev-parse", "HEAD", in: tree.path) == commit.hex)
        let changed = try git("show", "--name-status", "--format=", "HEAD", in: tree.path).split(separator: "\n").map(String.init)
        #expect(changed == ["D\ta/b/f", "A\ta/b/new", "M\td/f", "M\ttop"])
        #expect(try gitLines() == [] && lines() == [])
        #expect(try git("ls-files", "-t", "d/only.c", in: tree.path) == "S d/only.c")
        // A staged deletion of a file that is left out is one all the same.
        try git("rm", "-q", "--sparse", "--cached", "d/only.c", in: tree.path)
        #expect(try lines() == gitLines() && lines() == ["D  d/only.c"])
        let holdings = try Repository(opening: tree.path).holdings(excluding: [])
        #expect(holdings.changed.map(\.description) == ["d/only.c"])
    }

    @Test func theExtensionIsSetAsGitSetsIt() throws {
        let mine = try GitRepository()
        let theirs = try GitRepository()
        try RepositoryLocation.discover(from: mine.path).enableWorktreeConfiguration()
        try git("sparse-checkout", "init", "--cone", in: theirs.path)
        func config(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        #expect(try config(mine.path + "/.git/config") == config(theirs.path + "/.git/config"))
        #expect(!exists(mine.path + "/.git/config.worktree"))
    }

    @Test func aBareRepositoryKeepsBeingBare() throws {
        let fixture = try fixture()
        let bare = fixture.repository.around + "/bare.git"
        let other = fixture.repository.around + "/other.git"
        for path in [bare, other] { try git("clone", "-q", "--bare", fixture.repository.path, path, in: "/") }
        let location = try RepositoryLocation.discover(from: bare)
        try location.enableWorktreeConfiguration()
        try git("worktree", "add", "-q", "--no-checkout", "--detach", fixture.repository.around + "/probe", in: other)
        try git("sparse-checkout", "set", "--cone", "a", in: fixture.repository.around + "/probe")
        func config(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        #expect(try config(bare + "/config").replacing(bare, with: "") == config(other + "/config").replacing(other, with: ""))
        #expect(try config(bare + "/config.worktree") == config(other + "/config.worktree"))
        let again = try RepositoryLocation.discover(from: bare)
        #expect(again.isBare && again.mainWorktree == nil && again.currentWorktree == nil)
        #expect(try Preflight.limitations(of: again) == [])
        #expect(try Repository(opening: bare).worktree == nil)
        try git("branch", "w", in: bare)
        let commit = try Repository(opening: bare).resolve("w")
        let request = WorktreeRequest(
            name: "w", path: "w", root: fixture.repository.around, branch: "w", commit: commit, sparsePaths: [RepositoryPath("a/b")])
        let made = try again.addWorktree(request)
        #expect(try git("status", "--porcelain", in: made.path) == "" && git("sparse-checkout", "list", in: made.path) == "a/b")
        #expect(try Repository(opening: made.path).worktree == made.path)
        #expect(try git("rev-parse", "--is-bare-repository", in: bare) == "true")
    }

    @Test func aSeparateWorktreeSettingIsRefusedBeforeAnythingChanges() throws {
        let repository = try GitRepository()
        try git("config", "core.worktree", repository.path, in: repository.path)
        let before = try String(contentsOfFile: repository.path + "/.git/config", encoding: .utf8)
        let location = try RepositoryLocation.discover(from: repository.path)
        let error = #expect(throws: GitError.self) { try location.enableWorktreeConfiguration() }
        #expect(error?.code == .conflict && error?.message.contains("core.worktree") == true)
        #expect(try String(contentsOfFile: repository.path + "/.git/config", encoding: .utf8) == before)
    }

    @Test func settingsOfOneWorktreeCountThereAndNowhereElse() throws {
        let fixture = try fixture()
        try fixture.location.enableWorktreeConfiguration()
        let main = fixture.repository.path
        let tree = try fixture.add("w")
        try git("config", "--worktree", "core.autocrlf", "true", in: main)
        #expect(try Data(contentsOf: URL(fileURLWithPath: tree.path + "/top")) == Data("top\n".utf8))
        #expect(try Repository(opening: main).configFlag("core.autocrlf") == true)
        #expect(try Repository(opening: tree.path).configFlag("core.autocrlf") == nil)
        try git("config", "--worktree", "user.name", "Here", in: tree.path)
        #expect(try Repository(opening: tree.path).configValue("user.name") == "Here")
        #expect(try Repository(opening: main).configValue("user.name") != "Here")
    }

    @Test(arguments: [false, true]) func aCheckoutThatWasCutOffIsDoneAgain(isSparse: Bool) async throws {
        let fixture = try fixture()
        try fixture.location.enableWorktreeConfiguration()
        try git("branch", "w", in: fixture.repository.path)
        let (path, root) = (fixture.repository.path, fixture.repository.around)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, root = root as String, isSparse = isSparse as Bool] in
            let commit = try Repository(opening: path).resolve("w")
            let paths = isSparse ? [RepositoryPath("a/b")] : nil
            let request = WorktreeRequest(name: "w", path: "trees/w", root: root, branch: "w", commit: commit, sparsePaths: paths)
            try RepositoryLocation.discover(from: path).addWorktree(request) { if $0 == .registered { kill(getpid(), SIGKILL) } }
        }
        // What a checkout in its middle leaves: half a file, an empty one, folders.
        let tree = fixture.repository.around + "/trees/w"
        try writeFile(tree + "/top", "to")
        try writeFile(tree + "/a/b/f", "")
        try FileManager.default.createDirectory(atPath: tree + "/a/sub", withIntermediateDirectories: true)
        #expect(try fixture.location.recoverStaging() == [.completed(name: "w", path: tree)])
        let theirs = try isSparse ? oracle(fixture, "o", ["a/b"]) : fixture.oracle("o")
        #expect(try differences(tree, theirs) == "")
        #expect(try listing(of: tree) == listing(of: theirs))
        #expect(try indexListing(of: tree) == indexListing(of: theirs))
        #expect(try git("status", "--porcelain", in: tree) == "")
    }
}
