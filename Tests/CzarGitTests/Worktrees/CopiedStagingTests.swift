import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// What was cut off, and then copied with its whole repository, is finished in the original alone.
@Suite struct CopiedStagingTests {
    private func repository() throws -> GitRepository {
        let repository = try GitRepository()
        for index in 0..<4 { try repository.write("folder/file\(index)", "content \(index)\n") }
        try repository.commitAll()
        try git("branch", "a", in: repository.path)
        return repository
    }

    private func copy(_ repository: GitRepository) throws -> RepositoryLocation {
        let copy = repository.around + "/copy"
        try FileManager.default.copyItem(atPath: repository.path, toPath: copy)
        return try RepositoryLocation.discover(from: copy)
    }

    /// What the original holds, its records too.
    private func traces(_ repository: GitRepository, _ folder: String) throws -> [String] {
        let manager = FileManager.default
        return try [folder, repository.path + "/.git/czar/staging", repository.path + "/.git/worktrees"].flatMap { folder in
            exists(folder) ? try [folder] + manager.subpathsOfDirectory(atPath: folder).sorted() : []
        }
    }

    /// `isOutside`: in a folder of the user's, which is in no repository.
    @Test(arguments: [WorktreeStep.folderMade, .linked, .registered], [false, true])
    func anAdditionIsLeftToTheOriginal(at step: WorktreeStep, isOutside: Bool) async throws {
        let repository = try repository()
        let path = repository.path
        let root = isOutside ? repository.around + "/trees" : path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, root = root as String, step = step as WorktreeStep] in
            let commit = try Repository(opening: path).resolve("a")
            let request = WorktreeRequest(name: "a", path: "one/a", root: root, branch: "a", commit: commit)
            try RepositoryLocation.discover(from: path).addWorktree(request) { if $0 == step { kill(getpid(), SIGKILL) } }
        }
        let copy = try copy(repository)
        // Somebody may have begun to work in it, as in one that its maker has finished meanwhile.
        if step == .registered { try writeFile(root + "/one/a/folder/file0", "mine\n") }
        let before = try traces(repository, root)
        let outcome = try copy.recoverStaging()
        #expect(try FileManager.default.contentsOfDirectory(atPath: copy.commonDirectory + "/czar/staging").isEmpty)
        #expect(try copy.worktrees().count == 1)
        // An empty folder outside says nothing of whose it is.
        if isOutside, step == .folderMade { return }
        #expect(outcome == [.forgotten(path: root + "/one/a")])
        #expect(try traces(repository, root) == before)
        // The original finishes its own.
        let location = try RepositoryLocation.discover(from: path)
        let tree = root + "/one/a"
        #expect(try location.recoverStaging() == [step == .registered ? .completed(name: "a", path: tree) : .removed(path: tree)])
    }

    @Test(arguments: [WorktreeStep.treeAside, .entryAside])
    func aRemovalIsLeftToTheOriginal(at step: WorktreeStep) async throws {
        let repository = try repository()
        let path = repository.path
        let location = try RepositoryLocation.discover(from: path)
        let commit = try Repository(opening: path).resolve("a")
        let request = WorktreeRequest(name: "a", path: "trees/a", root: path, branch: "a", commit: commit)
        let tree = try location.addWorktree(request).path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as WorktreeStep] in
            try RepositoryLocation.discover(from: path).removeWorktree(named: "a") { if $0 == step { kill(getpid(), SIGKILL) } }
        }
        let copy = try copy(repository)
        let before = try traces(repository, path + "/trees")
        #expect(try copy.recoverStaging() == [.forgotten(path: tree)])
        #expect(try FileManager.default.contentsOfDirectory(atPath: copy.commonDirectory + "/czar/staging").isEmpty)
        #expect(try traces(repository, path + "/trees") == before)
        #expect(try location.recoverStaging() == [step == .treeAside ? .forgotten(path: tree) : .removed(path: tree)])
    }

    /// Its folder went, and another worktree was moved there since.
    @Test func whatAnotherWorktreeHoldsIsNotUndone() async throws {
        let repository = try repository()
        let path = repository.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let commit = try Repository(opening: path).resolve("a")
            let request = WorktreeRequest(name: "a", path: "trees/a", root: path, branch: "a", commit: commit)
            try RepositoryLocation.discover(from: path).addWorktree(request) { if $0 == .registered { kill(getpid(), SIGKILL) } }
        }
        let tree = path + "/trees/a"
        try FileManager.default.removeItem(atPath: tree)
        try git("worktree", "add", "-q", "-b", "other", path + "/other", in: path)
        try FileManager.default.moveItem(atPath: path + "/other", toPath: tree)
        // 'git worktree repair' would take it for the one that was being made.
        try writeFile(path + "/.git/worktrees/other/gitdir", tree + "/.git\n")
        try writeFile(tree + "/folder/file0", "mine\n")
        let location = try RepositoryLocation.discover(from: path)
        #expect(try location.recoverStaging() == [.removed(path: tree)])
        #expect(try String(contentsOfFile: tree + "/folder/file0", encoding: .utf8) == "mine\n")
        #expect(try git("status", "--porcelain", in: tree) == " M folder/file0")
    }
}
