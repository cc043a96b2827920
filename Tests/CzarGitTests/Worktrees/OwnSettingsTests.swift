import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// Settings of the main worktree alone (`git config --worktree`) in new worktrees; `git worktree add` is the oracle.
@Suite struct OwnSettingsTests {
    private func fixture() throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        try fixture.bytes("a.txt", "one\ntwo\n")
        try fixture.bytes("d/b.txt", "one\n")
        try fixture.repository.commitAll()
        try git("config", "core.repositoryformatversion", "1", in: fixture.repository.path)
        try git("config", "extensions.worktreeConfig", "true", in: fixture.repository.path)
        return fixture
    }

    private func file(_ worktree: String) throws -> String {
        let folder = try git("rev-parse", "--absolute-git-dir", in: worktree)
        return try String(contentsOfFile: folder + "/config.worktree", encoding: .utf8)
    }

    @Test func theyAreCopiedAsGitDoesAndCountForTheCheckout() throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        try writeFile(
            path + "/.git/config.worktree", "# mine\n[core]\n\tautocrlf = true ; here\n[user]\n\temail = \"o@x\"\n[commit]\ngpgsign")
        let ours = try fixture.add("w").path
        let theirs = try fixture.oracle("o")
        #expect(try file(ours) == file(theirs) && file(ours) == file(path))
        try fixture.expectAgreement(ours, theirs)
        #expect(try String(contentsOfFile: ours + "/a.txt", encoding: .utf8) == "one\r\ntwo\r\n")
        let repository = try Repository(opening: ours)
        #expect(try repository.configFlag("commit.gpgsign") == true)
        #expect(try repository.configValue("user.email") == "o@x")
        // A removal keeps what is the worktree's own, and this is not.
        #expect(try repository.ownSettings() == nil)
        try git("config", "--worktree", "user.email", "other@x", in: ours)
        #expect(try Repository(opening: ours).ownSettings() != nil)
    }

    /// What was made before the main worktree had settings of its own has none of them, and an undo would give it them.
    @Test(arguments: [true, false]) func thatAWorktreeHasNoneIsKept(_ hasFile: Bool) throws {
        let fixture = try fixture()
        let ours = try fixture.add("w").path
        #expect(try Repository(opening: ours).ownSettings() == nil)
        if hasFile { try writeFile(fixture.repository.path + "/.git/worktrees/w/config.worktree", "") }
        try git("config", "--worktree", "user.email", "main@x", in: fixture.repository.path)
        #expect(try Repository(opening: ours).ownSettings() == [])
    }

    /// Those with the same settings are filled together, and each answer stands in its worktree's place.
    @Test func worktreesOfOtherSettingsStandInAnyOrder() throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        let tree = try git("rev-parse", "HEAD^{tree}", in: path)
        let ends: [String?] = ["true", nil, "input", "true", nil, "input", "true"]
        let targets = try ends.enumerated().map { number, value in
            let place = fixture.repository.around + "/w\(number)"
            try git("worktree", "add", "-q", "--no-checkout", "--detach", place, in: path)
            if let value { try git("config", "--worktree", "core.autocrlf", value, in: place) }
            // One fails.
            let content = CheckoutContent(tree: try #require(ObjectID(hex: number == 3 ? String(repeating: "1", count: 40) : tree)))
            return CheckoutTarget(content, path: place, gitDirectory: try git("rev-parse", "--absolute-git-dir", in: place))
        }
        let seen = Mutex<Set<Int>>([])
        var options = CheckoutOptions()
        options.progress = { progress in seen.withLock { _ = $0.insert(progress.totalFiles) } }
        for (number, result) in try fixture.location.checkOut(targets, options: options).enumerated() {
            guard number != 3 else {
                #expect(throws: GitError.self) { _ = try result.get() }
                continue
            }
            #expect(try result.get().files == 2)
            let text = try String(contentsOfFile: targets[number].path + "/a.txt", encoding: .utf8)
            #expect(text == (ends[number] == "true" ? "one\r\ntwo\r\n" : "one\ntwo\n"))
            #expect(try git("status", "--porcelain", in: targets[number].path) == "")
        }
        // Two worktrees of each setting, two files each.
        #expect(seen.withLock { $0 } == [4])
    }

    @Test func withoutTheExtensionTheFileSaysNothing() throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        try writeFile(path + "/.git/config.worktree", "[core]\n\tautocrlf = true\n")
        try git("config", "--unset", "extensions.worktreeConfig", in: path)
        let ours = try fixture.add("w")
        #expect(!exists(ours.gitDirectory + "/config.worktree"))
        #expect(try String(contentsOfFile: ours.path + "/a.txt", encoding: .utf8) == "one\ntwo\n")
    }

    @Test func whereTheMainWorktreeIsAndThatItIsSparseStaysThere() throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        try git("sparse-checkout", "set", "d", in: path)
        let whole = try fixture.add("whole")
        #expect(!exists(whole.gitDirectory + "/config.worktree") && exists(whole.path + "/d/b.txt"))
        try writeFile(path + "/.git/config.worktree", try file(path) + "[user]\n\temail = o@x")
        let second = try fixture.add("second")
        let lines = try git("config", "-l", "--worktree", in: second.path)
        #expect(lines == "user.email=o@x" && exists(second.path + "/d/b.txt"))
        let plain = try fixture.request("sparse")
        let sparse = try fixture.location.addWorktree(
            WorktreeRequest(
                name: plain.name, path: plain.path, root: plain.root, branch: plain.branch, commit: plain.commit,
                sparsePaths: [RepositoryPath("d")]))
        #expect(
            try git("config", "-l", "--worktree", in: sparse.path).split(separator: "\n").sorted()
                == ["core.sparsecheckout=true", "core.sparsecheckoutcone=true", "index.sparse=false", "user.email=o@x"])
        #expect(try git("status", "--porcelain", in: sparse.path) == "")
        #expect(try Repository(opening: sparse.path).ownSettings() == nil)
    }

    @Test func aBareRepositorysWorktreesAreNotBare() throws {
        let fixture = try fixture()
        let bare = fixture.repository.around + "/bare.git"
        try git("clone", "-q", "--bare", fixture.repository.path, bare, in: "/")
        try git("config", "core.repositoryformatversion", "1", in: bare)
        try git("config", "extensions.worktreeConfig", "true", in: bare)
        try git("config", "--unset", "core.bare", in: bare)
        try writeFile(bare + "/config.worktree", "[core]\n\tbare = true\n[user]\n\temail = o@x\n")
        try git("branch", "w", in: bare)
        let commit = try Repository(opening: bare).resolve("w")
        let added = try RepositoryLocation.discover(from: bare).addWorktree(
            WorktreeRequest(name: "w", path: "trees/w", root: fixture.repository.around, branch: "w", commit: commit))
        try git("worktree", "add", "-q", "--detach", fixture.repository.around + "/theirs", in: bare)
        #expect(
            try git("config", "-l", "--worktree", in: added.path)
                == git("config", "-l", "--worktree", in: fixture.repository.around + "/theirs"))
        #expect(try git("status", "--porcelain", in: added.path) == "")
    }
}
