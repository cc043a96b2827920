import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@Suite struct TidyRemoveTests {
    @Test func aBranchWhoseWorkWasRevertedIsKeptInARecovery() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        try git("merge", "-q", "--no-ff", "-m", "land", try fixture.branch(), in: fixture.path)
        try git("revert", "-m", "1", "--no-edit", "HEAD", in: fixture.path)
        let removed = try fixture.remove(branch: true)
        #expect(removed.branchDeleted)
        #expect(try git("log", "-1", "--format=%P", try present(removed.recovery), in: fixture.path).contains(tip))
    }

    @Test func aCleanWorktreeGoesAndItsBranchStays() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        let branch = try fixture.branch()
        let removed = try fixture.remove()
        #expect(removed.recovery == nil && !removed.branchDeleted)
        #expect(!exists(fixture.tree()))
        #expect(try fixture.worktreeCount() == 1)
        #expect(try git("rev-parse", branch, in: fixture.path) == tip)
        #expect(try fixture.record().creation?.worktree == nil)
        #expect(try fixture.check().isEmpty)
        let entry = try present(fixture.record().latest.last?.event)
        #expect(entry.type == .worktreeRemoved && entry.fields["tip"] == tip && entry.fields["path"] == fixture.tree())
        // And it can be made again on the same branch.
        try fixture.create()
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == tip)
    }

    @Test func everyHazardIsNamedAndNothingIsTouched() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.makeMess()
        try writeFile(fixture.tree() + "/x.o", "object")
        try git("checkout", "-q", "--detach", in: fixture.tree())
        try git("commit", "-q", "--allow-empty", "--only", "-m", "loose", in: fixture.tree())
        let before = try fixture.contents()
        let hazards = try fixture.hazards()
        let names = hazards.map { "\($0)".prefix { $0 != "(" } }
        #expect(names == ["changed", "untracked", "ignored", "detached"])
        #expect(hazards.contains { $0.description.contains("x.o") })
        // With all that the command has to take, so that the hint does not lead in a circle.
        #expect(try fixture.hazards(force: true) == hazards)
        #expect(hazards.map(\.description).contains("1 ignored entry that the main worktree has no copy of: x.o"))
        #expect(try fixture.contents() == before)
        #expect(try git("for-each-ref", "refs/czar/recovery", in: fixture.path).isEmpty)
    }

    @Test func aMergeInProgressALockAndSubmodulesRefuse() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit("api", file: "src/file0", "ours\n")
        try git("checkout", "-q", "-b", "other", "main", in: fixture.path)
        try fixture.repository.write("src/file0", "theirs\n")
        try fixture.repository.commitAll()
        try git("checkout", "-q", "main", in: fixture.path)
        _ = try run(["git", "merge", "other"], in: fixture.tree())
        #expect(try fixture.hazards().contains(.operation(.merge)))
        try git("merge", "--abort", in: fixture.tree())
        try git("worktree", "lock", "--reason", "on a stick", fixture.tree(), in: fixture.path)
        #expect(try fixture.hazards(force: true) == [.locked(reason: "on a stick", path: fixture.tree())])
        try git("worktree", "unlock", fixture.tree(), in: fixture.path)
        try git("init", "-q", fixture.tree() + "/vendor", in: fixture.path)
        try writeFile(fixture.tree() + "/vendor/f", "f")
        try git("add", "f", in: fixture.tree() + "/vendor")
        try git("commit", "-qm", "vendored", in: fixture.tree() + "/vendor")
        #expect(try fixture.hazards(force: true).contains { "\($0)".hasPrefix("repositories") })
        #expect(exists(fixture.tree() + "/vendor/.git"))
    }

    @Test(arguments: ["--assume-unchanged", "--skip-worktree"])
    func changesThatAMarkHidesAreSeen(_ mark: String) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("update-index", mark, "src/file0", in: fixture.tree())
        try writeFile(fixture.tree() + "/src/file0", "hidden\n")
        #expect(try git("status", "--porcelain", in: fixture.tree()).isEmpty)
        #expect(try fixture.hazards() == [.changed([RepositoryPath("src/file0")])])
        let recovery = try present(fixture.remove(force: true).recovery)
        #expect(try git("show", recovery + ":src/file0", in: fixture.path) == "hidden")
    }

    @Test func forceKeepsWhatAStashWouldKeep() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.makeMess(beyondStash: false)
        let recovery = try present(fixture.remove(force: true).recovery)
        #expect(recovery == "refs/czar/recovery/api/1")
        // The oracle: git's own stash of the same changes, made in a worktree of git's own.
        let twin = fixture.path + "-twin"
        try git("worktree", "add", "-q", "--detach", twin, "main", in: fixture.path)
        let message = try git("log", "-1", "--format=%B", recovery, in: fixture.path)
        let stash = try present(message.split(separator: "\n").first { $0.hasPrefix("stash ") }).dropFirst(6)
        try git("stash", "apply", "-q", "--index", String(stash), in: twin)
        let expected = try fixtureWithMess()
        let status = try git("status", "--porcelain", "-uall", in: twin)
        #expect(status == expected.status)
        for (name, text) in expected.files { #expect(try git("hash-object", twin + "/" + name, in: twin) == text, "\(name)") }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: twin + "/dangling") == "no where")
        #expect(try git("ls-tree", "-r", "\(stash)^3", in: fixture.path).contains("100755 blob"))
        #expect(!(try git("ls-tree", "-r", "--name-only", "\(stash)^3", in: fixture.path)).contains("WORKER_IDENTITY"))
        try git("worktree", "remove", "--force", twin, in: fixture.path)
        #expect(try fixture.check().isEmpty)
    }

    private func fixtureWithMess() throws -> (status: String, files: [String: String]) {
        let other = try TidyFixture()
        try other.create()
        try other.makeMess(beyondStash: false)
        try git("stash", "-q", "-u", in: other.tree())
        try git("stash", "pop", "-q", "--index", in: other.tree())
        var files: [String: String] = [:]
        for name in ["src/file0", "src/file1", "binary", "new/deep/ä\"\n\\ file", "run me"] {
            files[name] = try git("hash-object", other.tree() + "/" + name, in: other.tree())
        }
        return (try git("status", "--porcelain", "-uall", in: other.tree()), files)
    }

    @Test func commitsThatOnlyTheReflogKnowsAreKept() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let first = try fixture.commit()
        try git("commit", "-q", "--amend", "-m", "second", in: fixture.tree())
        try git("update-ref", "refs/worktree/mark", first, in: fixture.tree())
        let recovery = try present(fixture.remove().recovery)
        #expect(try git("log", "-1", "--format=%B", recovery, in: fixture.path).contains("commit \(first)"))
        try git("reflog", "expire", "--expire=now", "--all", in: fixture.path)
        try git("gc", "-q", "--prune=now", in: fixture.path)
        #expect(try git("cat-file", "-t", first, in: fixture.path) == "commit")
    }

    @Test func aBranchGoesOnlyWhereItIsProvenToBeElsewhere() throws {
        let fixture = try TidyFixture()
        for id in TidyFixture.ids { try fixture.create(id) }
        // Merged.
        try fixture.commit("api", file: "a")
        let api = try fixture.branch("api"), docs = try fixture.branch("docs"), ui = try fixture.branch("ui")
        #expect(try fixture.hazards("api", branch: true) == [.branchNotContained(branch: BranchName(rawValue: api)!, target: "main")])
        #expect(try fixture.hazards("api", branch: true, force: true).count == 1)
        try git("merge", "-q", "--no-ff", "-m", "land", api, in: fixture.path)
        let removed = try fixture.remove("api", branch: true)
        #expect(removed.branchDeleted && removed.recovery == nil)
        // Cherry-picked: the commits themselves are only in the recovery.
        let tip = try fixture.commit("docs", file: "d")
        try git("cherry-pick", docs, in: fixture.path)
        let picked = try fixture.remove("docs", branch: true)
        #expect(picked.branchDeleted)
        #expect(try git("rev-parse", try present(picked.recovery) + "^1", in: fixture.path) == tip)
        // Pushed.
        let pushed = try fixture.commit("ui", file: "u")
        try git("update-ref", "refs/remotes/origin/ui", pushed, in: fixture.path)
        #expect(try fixture.remove("ui", branch: true).branchDeleted)
        for branch in [api, docs, ui] { #expect(try run(["git", "rev-parse", "-q", "--verify", branch], in: fixture.path).status != 0) }
        #expect(try fixture.check().isEmpty)
        #expect(try fixture.record("docs").creation == nil)
        #expect(try fixture.record("docs").latest.suffix(2).map(\.event.type) == [.worktreeRemoved, .branchDeleted])
    }

    @Test func ignoredFilesThatAreCopiesOfTheMainWorktreeDoNotCount() throws {
        let fixture = try TidyFixture()
        try fixture.repository.write("build/lib.o", "same")
        try fixture.create()
        try writeFile(fixture.tree() + "/build/lib.o", "same")
        #expect(try fixture.hazards() == [])
        try fixture.create()
        try writeFile(fixture.tree() + "/build/lib.o", "mine")
        #expect(try fixture.hazards() == [.ignored([RepositoryPath("build/")])])
        try fixture.remove(ignored: true)
        #expect(!exists(fixture.tree()))
    }

    @Test func aVanishedWorktreeIsPrunedAndItsStagedWorkKept() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/staged", "precious\n")
        try git("add", "staged", in: fixture.tree())
        try FileManager.default.removeItem(atPath: fixture.tree())
        let removed = try fixture.remove()
        #expect(!removed.hadFolder)
        #expect(try git("show", try present(removed.recovery) + ":staged", in: fixture.path) == "precious")
        #expect(try fixture.worktreeCount() == 1)
        #expect(try fixture.check().isEmpty)
    }

    @Test func aMovedWorktreeIsFoundAndAForeignOneIsNot() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("worktree", "move", fixture.tree(), fixture.path + "-moved", in: fixture.path)
        #expect(try fixture.remove().movedTo == fixture.path + "-moved")
        #expect(!exists(fixture.path + "-moved"))
        try fixture.create("docs")
        let branch = try fixture.branch("docs")
        try git("worktree", "remove", "--force", fixture.tree("docs"), in: fixture.path)
        try git("worktree", "add", "-q", "-b", "mine", fixture.tree("docs"), "main", in: fixture.path)
        #expect(throws: RemovalError.foreign(worker: WorkerID(rawValue: "docs")!, path: fixture.tree("docs"))) {
            try fixture.remove("docs", force: true)
        }
        try git("worktree", "add", "-q", fixture.path + "-own", branch, in: fixture.path)
        #expect(exists(fixture.tree("docs") + "/README") && exists(fixture.path + "-own/README"))
    }

    @Test func aRunningAttemptRefuses() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let ledger = try fixture.coordinator().ledger
        let key = fixture.key()
        try ledger.move(key, StateMove(to: .ready))
        try ledger.change { _ in
            [
                ledger.event(.stateChanged, worker: key, phase: key.phase)
                    .stateChanged(
                        from: .ready, StateMove(to: .starting), fields: ["attempt": "1", "process": "host=h boot=b pid=1 start=1"])
            ]
        }
        #expect(try fixture.hazards(force: true) == [.running(attempt: 1)])
        #expect(exists(fixture.tree()))
    }

    /// A tag and a commit are nothing that work lands on.
    @Test(arguments: ["v1", "v1^0", "HEAD~1"]) func aBranchThatStartedFromNoBranchIsProvenByTheProjects(_ base: String) throws {
        let fixture = try TidyFixture()
        try git("tag", "v1", "HEAD~1", in: fixture.path)
        let start = base == "HEAD~1" ? try git("rev-parse", base, in: fixture.path) : base
        try fixture.repository.write(
            ".czarina/config.json",
            "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[{\"id\":\"api\",\"launcher\":\"none\",\"base\":\"\(start)\"}]}")
        try fixture.create()
        let tip = try fixture.commit()
        let hazards = try fixture.hazards(branch: true)
        #expect(hazards == [.branchNotContained(branch: try #require(BranchName(rawValue: fixture.branch())), target: "main")])
        try git("cherry-pick", tip, in: fixture.path)
        #expect(try fixture.remove(branch: true).branchDeleted)
    }

    @Test func manyAreRemovedSideBySide() async throws {
        let ids = (0..<24).map { "w\($0)" }
        let fixture = try TidyFixture(ids: ids)
        for id in ids { try fixture.create(id) }
        try writeFile(fixture.tree("w7") + "/untracked", "x")
        let batch = RemovalBatch(try fixture.coordinator(), options: RemovalOptions(branch: true))
        let results = try await batch.remove(ids.map { fixture.key($0) }, jobs: 8)
        let failed = results.filter { if case .failure = $0.outcome { true } else { false } }
        #expect(failed.map(\.worker.rawValue) == ["w7"], "\(failed)")
        #expect(try fixture.worktreeCount() == 2)
        #expect(try git("branch", "--format=%(refname)", in: fixture.path).split(separator: "\n").count == 2)
        #expect(try fixture.check().isEmpty)
    }
}
