import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// A repository with some files, folders and a link, and branches to add worktrees for.
private func makeRepository(branches: [String]) throws -> GitRepository {
    let repository = try GitRepository()
    for index in 0..<20 { try repository.write("folder\(index % 3)/file\(index)", "content \(index)\n") }
    try FileManager.default.createSymbolicLink(atPath: repository.path + "/link", withDestinationPath: "folder0")
    try repository.commitAll()
    for branch in branches { try git("branch", branch, in: repository.path) }
    return repository
}

private func request(_ name: String, in repository: GitRepository, path: String? = nil) throws -> WorktreeRequest {
    let commit = try Repository(opening: repository.path).resolve(name)
    return WorktreeRequest(
        name: name, path: path ?? ".czarina/worktrees/" + name, root: repository.path, branch: name, commit: commit)
}

/// Everything that an addition could leave behind.
private func traces(_ repository: GitRepository) throws -> [String] {
    let manager = FileManager.default
    let staging = repository.path + "/.git/czar/staging"
    var found = (try manager.subpathsOfDirectory(atPath: repository.path)).filter { !$0.hasPrefix(".git/") && $0 != ".git" }
    if exists(staging) { found += try manager.contentsOfDirectory(atPath: staging).map { "staging/" + $0 } }
    let entries = repository.path + "/.git/worktrees"
    if exists(entries) { found += try manager.contentsOfDirectory(atPath: entries).map { "worktrees/" + $0 } }
    return found.sorted()
}

@Suite struct WorktreeTests {
    @Test func anAddedWorktreeIsWhatGitWouldHaveMade() throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        let added = try location.addWorktree(request("a", in: repository))
        #expect(added.path == repository.path + "/.czarina/worktrees/a")
        #expect(try git("status", "--porcelain", "--branch", in: added.path) == "## a")
        #expect(try git("worktree", "list", "--porcelain", in: repository.path).contains("worktree \(added.path)\nHEAD "))
        #expect(!(try git("worktree", "list", "--porcelain", in: repository.path)).contains("locked"))
        #expect(try git("reflog", "show", "HEAD", "--format=%H", in: added.path).split(separator: "\n").count >= 1)
        #expect(try git("rev-parse", "ORIG_HEAD", in: added.path) == git("rev-parse", "a", in: repository.path))
        #expect(try String(contentsOfFile: added.gitDirectory + "/commondir", encoding: .utf8) == "../..\n")
        #expect(try git("fsck", "--strict", in: added.path).isEmpty)
        #expect(try traces(repository).filter { $0.hasPrefix("staging/") }.isEmpty)
        // The main worktree did not move.
        #expect(try git("symbolic-ref", "HEAD", in: repository.path) == "refs/heads/main")
    }

    @Test func theListAgreesWithGit() throws {
        let repository = try makeRepository(branches: ["a", "b", "c"])
        let location = try RepositoryLocation.discover(from: repository.path)
        for name in ["a", "b", "c"] { try location.addWorktree(request(name, in: repository)) }
        try git("checkout", "-q", "--detach", in: repository.path + "/.czarina/worktrees/a")
        try git("worktree", "lock", "--reason", "on a stick", ".czarina/worktrees/b", in: repository.path)
        try FileManager.default.removeItem(atPath: repository.path + "/.czarina/worktrees/c")
        let entries = try location.worktrees()
        #expect(entries.map(\.name) == [nil, "a", "b", "c"])
        #expect(entries.map(\.branch) == ["main", nil, "b", "c"])
        #expect(entries[1].detachedAt?.hex == (try git("rev-parse", "main", in: repository.path)))
        #expect(entries.map(\.lockReason) == [nil, nil, "on a stick", nil])
        #expect(entries.map { $0.problem != nil } == [false, false, false, true])
        let listed = try git("worktree", "list", "--porcelain", in: repository.path).split(separator: "\n")
        #expect(Set(entries.map(\.path)) == Set(listed.filter { $0.hasPrefix("worktree ") }.map { String($0.dropFirst(9)) }))
        #expect(try location.checkedOutBranches().keys.sorted() == ["b", "c", "main"])
        #expect(try location.worktreePlaces().sorted() == entries.dropFirst().map(\.path).sorted())
    }

    @Test func aBranchInARebaseIsInUse() throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        try repository.write("folder0/file0", "main\n")
        try repository.commitAll()
        let path = try location.addWorktree(request("a", in: repository)).path
        try writeFile(path + "/folder0/file0", "a\n")
        try git("commit", "-qam", "a", in: path)
        #expect(try run(["git", "rebase", "-q", "main"], in: path).status != 0)
        #expect(try location.checkedOutBranches()["a"] == path)
        #expect(try Repository(opening: path).status().operation == .rebase)
        #expect(throws: WorktreeError.branchInUse(branch: "a", worktree: path)) {
            try location.addWorktree(request("a", in: repository, path: "other"))
        }
    }

    @Test func refusalsLeaveNothingBehind() throws {
        let repository = try makeRepository(branches: ["a", "b"])
        let location = try RepositoryLocation.discover(from: repository.path)
        try repository.write("taken/file", "x")
        try FileManager.default.createSymbolicLink(atPath: repository.path + "/outside", withDestinationPath: "/tmp")
        let before = try traces(repository)
        #expect(throws: WorktreeError.pathExists(repository.path + "/taken")) {
            try location.addWorktree(request("a", in: repository, path: "taken"))
        }
        #expect(throws: WorktreeError.pathExists(repository.path + "/outside")) {
            try location.addWorktree(request("a", in: repository, path: "outside"))
        }
        #expect(throws: WorktreeError.symlinkInPath(repository.path + "/outside")) {
            try location.addWorktree(request("a", in: repository, path: "outside/in/a"))
        }
        #expect(throws: WorktreeError.branchInUse(branch: "main", worktree: repository.path)) {
            try location.addWorktree(request("main", in: repository, path: "new/deep/main"))
        }
        #expect(throws: WorktreeError.self) { try location.addWorktree(request("a", in: repository, path: "../escape")) }
        let good = try request("a", in: repository)
        for name in ["", "..", "x/y", "a\nb"] {
            let bad = WorktreeRequest(name: name, path: "p", root: good.root, branch: "a", commit: good.commit)
            #expect(throws: WorktreeError.invalidName(name)) { try location.addWorktree(bad) }
        }
        let missing = WorktreeRequest(name: "x", path: "p", root: good.root, branch: "x", commit: good.commit)
        #expect(throws: WorktreeError.branchMissing("x")) { try location.addWorktree(missing) }
        #expect(try traces(repository) == before)
        #expect(!exists(repository.around + "/escape"))
    }

    @Test func aCheckoutThatFailsIsRolledBack() throws {
        let repository = try makeRepository(branches: ["a"])
        // A blob of the branch is gone.
        let blob = try git("rev-parse", "a:folder1/file1", in: repository.path)
        let object = repository.path + "/.git/objects/" + blob.prefix(2) + "/" + blob.dropFirst(2)
        try FileManager.default.removeItem(atPath: object)
        let before = try traces(repository)
        let location = try RepositoryLocation.discover(from: repository.path)
        let error = #expect(throws: WorktreeError.self) { try location.addWorktree(request("a", in: repository)) }
        guard case .failed(let step, _) = error else { Issue.record("not \(String(describing: error))"); return }
        #expect(step.contains("check out"))
        #expect(try traces(repository) == before)
    }

    @Test(arguments: [true, false]) func bareAndSeparateRepositoriesGetWorktreesToo(bare: Bool) throws {
        let repository = try makeRepository(branches: ["a"])
        let store = repository.around + "/store"
        if bare {
            try git("clone", "-q", "--bare", repository.path, store, in: repository.around)
        } else {
            try git("init", "-q", "--separate-git-dir", store, repository.path, in: repository.path)
        }
        let location = try RepositoryLocation.discover(from: bare ? store : repository.path)
        let wanted = WorktreeRequest(
            name: "a", path: "trees/a", root: repository.around, branch: "a", commit: try Repository(opening: store).resolve("a"))
        let added = try location.addWorktree(wanted)
        #expect(try git("status", "--porcelain", "-b", in: added.path) == "## a")
        let inside = try RepositoryLocation.discover(from: added.path)
        #expect(inside.commonDirectory == store && inside.isLinked && inside.isBare == bare && inside.currentWorktree == added.path)
        try location.removeWorktree(named: "a")
        let listed = try git("worktree", "list", in: store)
        #expect(!exists(added.path) && !listed.contains("trees"))
    }

    @Test func aFailureLeavesAnEmptyFolderThatStoodThere() throws {
        let repository = try makeRepository(branches: [])
        let location = try RepositoryLocation.discover(from: repository.path)
        try FileManager.default.createDirectory(atPath: repository.path + "/here", withIntermediateDirectories: false)
        #expect(throws: WorktreeError.branchInUse(branch: "main", worktree: repository.path)) {
            try location.addWorktree(request("main", in: repository, path: "here"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: repository.path + "/here").isEmpty)
    }

    /// Wants a small file system: `mount -t tmpfs -o size=3m tmpfs DIR` and `CZAR_TEST_SMALL_DISK=DIR`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["CZAR_TEST_SMALL_DISK"] != nil)) func aFullDiskIsNamedAndLeftEmpty() throws {
        let disk = try #require(ProcessInfo.processInfo.environment["CZAR_TEST_SMALL_DISK"])
        let repository = try makeRepository(branches: [])
        for index in 0..<80 { try repository.write("big\(index)", String(repeating: "\(index) ", count: 30_000)) }
        try repository.commitAll()
        try git("branch", "a", in: repository.path)
        let location = try RepositoryLocation.discover(from: repository.path)
        let full = WorktreeRequest(
            name: "a", path: "deep/a", root: disk, branch: "a", commit: try Repository(opening: repository.path).resolve("a"))
        let error = #expect(throws: WorktreeError.self) { try location.addWorktree(full) }
        guard case .noSpace = error else { Issue.record("not \(String(describing: error))"); return }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk).isEmpty)
        #expect(try location.worktrees().count == 1)
    }

    @Test func anEmptyFolderMayStandThereAndNamesAreNumbered() throws {
        let repository = try makeRepository(branches: ["a", "b"])
        let location = try RepositoryLocation.discover(from: repository.path)
        try FileManager.default.createDirectory(atPath: repository.path + "/here", withIntermediateDirectories: false)
        #expect(try location.addWorktree(request("a", in: repository, path: "here")).name == "a")
        let second = WorktreeRequest(
            name: "a", path: repository.path + "/there", root: repository.path, branch: "b", commit: try request("b", in: repository).commit
        )
        #expect(try location.addWorktree(second).name == "a1")
        #expect(try git("status", "--porcelain", in: repository.path + "/there").isEmpty)
    }

    @Test func aMovedRepositoryIsRepairedByGit() throws {
        let repository = try makeRepository(branches: ["a"])
        let linked = try RepositoryLocation.discover(from: repository.path)
            .addWorktree(
                WorktreeRequest(name: "a", path: "a", root: repository.around, branch: "a", commit: request("a", in: repository).commit))
        let moved = repository.around + "/moved"
        try FileManager.default.moveItem(atPath: repository.path, toPath: moved)
        try git("worktree", "repair", in: moved)
        #expect(try git("status", "--porcelain", "--branch", in: linked.path) == "## a")
    }

    @Test func thirtyTwoAdditionsAtOnceAllSucceed() async throws {
        let names = (0..<32).map { "w\($0)" }
        let repository = try makeRepository(branches: names)
        let location = try RepositoryLocation.discover(from: repository.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names { group.addTask { try location.addWorktree(request(name, in: repository)) } }
            try await group.waitForAll()
        }
        let listed = try git("worktree", "list", "--porcelain", in: repository.path)
        #expect(names.allSatisfy { listed.contains("branch refs/heads/\($0)\n") })
        #expect(!listed.contains("locked"))
        #expect(try location.worktrees().count == 33)
        for name in names.prefix(4) {
            #expect(try git("status", "--porcelain", in: repository.path + "/.czarina/worktrees/" + name).isEmpty)
        }
        #expect(try git("fsck", in: repository.path).isEmpty)
    }

    @Test func oneBranchNeverGetsIntoTwoWorktrees() async throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        let made = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<12 {
                group.addTask {
                    do {
                        try location.addWorktree(request("a", in: repository, path: "deep/w\(index)"))
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 1)
        #expect(try location.worktrees().count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: repository.path + "/deep").count == 1)
    }

    @Test func processesDoNotDisturbEachOther() async throws {
        let names = (0..<6).map { "w\($0)" }
        let repository = try makeRepository(branches: names)
        let path = repository.path
        await withTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String, name = name as String] in
                        let commit = try Repository(opening: path).resolve(name)
                        let request = WorktreeRequest(name: "same", path: "trees/" + name, root: path, branch: name, commit: commit)
                        try RepositoryLocation.discover(from: path).addWorktree(request)
                    }
                }
            }
        }
        #expect(try RepositoryLocation.discover(from: path).checkedOutBranches().keys.sorted() == ["main"] + names)
        for name in names { #expect(try git("status", "--porcelain", "-b", in: path + "/trees/" + name) == "## " + name) }
    }
}

@Suite struct WorktreeRemovalTests {
    @Test func removalTakesFolderAndEntryAndKeepsTheBranch() throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        let path = try location.addWorktree(request("a", in: repository)).path
        try writeFile(repository.around + "/precious/file", "keep")
        try FileManager.default.createSymbolicLink(atPath: path + "/trap", withDestinationPath: repository.around + "/precious")
        try writeFile(path + "/closed/f", "x")
        chmod(path + "/closed", 0o500)
        try location.removeWorktree(named: "a")
        #expect(!exists(path) && exists(repository.around + "/precious/file"))
        #expect(try traces(repository).filter { $0.hasPrefix("staging/") || $0.hasPrefix("worktrees/") }.isEmpty)
        #expect(try git("branch", "--list", "a", in: repository.path) == "  a")
        try location.addWorktree(request("a", in: repository))
    }

    @Test func lockedAndUnknownWorktreesAreRefusedAndMissingOnesAreNot() throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        let path = try location.addWorktree(request("a", in: repository)).path
        #expect(throws: WorktreeError.notFound(name: "x")) { try location.removeWorktree(named: "x") }
        try git("worktree", "lock", "--reason", "why", path, in: repository.path)
        #expect(throws: WorktreeError.locked(name: "a", reason: "why")) { try location.removeWorktree(named: "a") }
        #expect(exists(path + "/README"))
        try git("worktree", "unlock", path, in: repository.path)
        try FileManager.default.removeItem(atPath: path)
        try location.removeWorktree(named: "a")
        #expect(try location.worktrees().count == 1)
    }

    @Test func aFolderThatIsNotTheWorktreeStays() throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        let path = try location.addWorktree(request("a", in: repository)).path
        try FileManager.default.removeItem(atPath: path)
        try git("clone", "-q", repository.path, path, in: repository.around)
        try location.removeWorktree(named: "a")
        #expect(exists(path + "/README"))
    }
}

@Suite struct WorktreeCrashTests {
    @Test(arguments: [WorktreeStep.staged, .folderMade, .linked, .registered, .checkedOut, .unlocked])
    func anAdditionThatWasKilledIsFinishedOrUndone(at step: WorktreeStep) async throws {
        let repository = try makeRepository(branches: ["a"])
        let path = repository.path
        let before = try traces(repository)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as WorktreeStep] in
            let commit = try Repository(opening: path).resolve("a")
            let request = WorktreeRequest(name: "a", path: "deep/er/a", root: path, branch: "a", commit: commit)
            try RepositoryLocation.discover(from: path).addWorktree(request) { if $0 == step { kill(getpid(), SIGKILL) } }
        }
        let location = try RepositoryLocation.discover(from: path)
        let outcome = try location.recoverStaging()
        let tree = path + "/deep/er/a"
        switch step {
        case .staged, .folderMade, .linked:
            #expect(outcome == [.removed(path: tree)])
            #expect(try traces(repository) == before)
            try location.addWorktree(request("a", in: repository, path: "deep/er/a"))
        case .registered, .checkedOut: #expect(outcome == [.completed(name: "a", path: tree)])
        default: #expect(outcome == [.forgotten(path: tree)])
        }
        #expect(try git("status", "--porcelain", "-b", in: tree) == "## a")
        #expect(!(try git("worktree", "list", "--porcelain", in: path)).contains("locked"))
        #expect(try location.recoverStaging().isEmpty)
        #expect(try traces(repository).filter { $0.hasPrefix("staging/") }.isEmpty)
    }

    @Test(arguments: [WorktreeStep.removalRecorded, .treeAside, .entryAside, .treeRemoved])
    func aRemovalThatWasKilledIsFinishedOrNeverBegan(at step: WorktreeStep) async throws {
        let repository = try makeRepository(branches: ["a"])
        let path = repository.path
        let location = try RepositoryLocation.discover(from: path)
        let tree = try location.addWorktree(request("a", in: repository)).path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as WorktreeStep] in
            try RepositoryLocation.discover(from: path).removeWorktree(named: "a") { if $0 == step { kill(getpid(), SIGKILL) } }
        }
        let outcome = try location.recoverStaging()
        if step == .removalRecorded || step == .treeAside {
            #expect(outcome == [.forgotten(path: tree)])
            #expect(try git("status", "--porcelain", in: tree).isEmpty)
        } else {
            #expect(outcome == [.removed(path: tree)])
            #expect(try location.worktrees().count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/.czarina/worktrees").isEmpty)
        }
        #expect(try location.recoverStaging().isEmpty)
    }

    @Test func theWorkOfALivingProcessIsNotTouched() throws {
        let repository = try makeRepository(branches: ["a"])
        let location = try RepositoryLocation.discover(from: repository.path)
        var seen: [RecoveredWorktree]?
        try location.addWorktree(request("a", in: repository)) { step in
            if step == .linked || step == .registered {
                seen = (seen ?? []) + ((try? location.recoverStaging()) ?? [.removed(path: "failed")])
            }
        }
        #expect(seen == [])
    }

    @Test func whatSomebodyPutIntoAnUnfinishedFolderStays() async throws {
        let repository = try makeRepository(branches: ["a"])
        let path = repository.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let commit = try Repository(opening: path).resolve("a")
            let request = WorktreeRequest(name: "a", path: "deep/a", root: path, branch: "a", commit: commit)
            try RepositoryLocation.discover(from: path).addWorktree(request) { if $0 == .folderMade { kill(getpid(), SIGKILL) } }
        }
        try repository.write("deep/a/notes", "mine")
        #expect(try RepositoryLocation.discover(from: path).recoverStaging() == [.removed(path: path + "/deep/a")])
        #expect(exists(path + "/deep/a/notes"))
    }
}
