import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct DiscoveryTests {
    @Test func aSubfolderLeadsToTheRoot() throws {
        let repository = try GitRepository()
        try repository.write("a/b/c", "x")
        let found = try RepositoryLocation.discover(from: repository.path + "/a/b")
        #expect(found.gitDirectory == repository.path + "/.git")
        #expect(found.commonDirectory == repository.path + "/.git")
        #expect(found.mainWorktree == repository.path && found.currentWorktree == repository.path)
        #expect(!found.isBare && !found.isLinked)
    }

    @Test(arguments: [false, true]) func aLinkedWorktreeLeadsToTheCommonDirectory(relative: Bool) throws {
        let repository = try GitRepository()
        let linked = repository.around + "/linked"
        try git("worktree", "add", "-q", "-b", "x", linked, in: repository.path)
        if relative { try writeFile(linked + "/.git", "gitdir: ../repo/.git/worktrees/linked\n") }
        try writeFile(linked + "/sub/f", "x")
        let found = try RepositoryLocation.discover(from: linked + "/sub")
        #expect(found.gitDirectory == repository.path + "/.git/worktrees/linked")
        #expect(found.commonDirectory == repository.path + "/.git")
        #expect(found.mainWorktree == repository.path && found.currentWorktree == linked)
        #expect(found.isLinked && !found.isBare)
        #expect(try Repository(opening: found).head().branchName == "x")
    }

    @Test func aBareRepositoryHasNoWorktree() throws {
        let repository = try GitRepository(commit: false, arguments: ["--bare"])
        let found = try RepositoryLocation.discover(from: repository.path + "/refs")
        #expect(found.gitDirectory == repository.path)
        #expect(found.isBare && found.mainWorktree == nil && found.currentWorktree == nil)
    }

    @Test func aWorktreeOfABareRepositoryHasNoMainWorktree() throws {
        let repository = try GitRepository()
        try git("clone", "-q", "--bare", repository.path, repository.around + "/bare.git", in: repository.around)
        try git("worktree", "add", "-q", "-b", "x", repository.around + "/linked", in: repository.around + "/bare.git")
        let found = try RepositoryLocation.discover(from: repository.around + "/linked")
        #expect(found.isBare && found.isLinked && found.mainWorktree == nil)
        #expect(found.currentWorktree == repository.around + "/linked")
    }

    @Test func aSeparateGitDirectoryIsFollowed() throws {
        let repository = try GitRepository()
        try git("init", "-q", "--separate-git-dir", repository.around + "/store", repository.path, in: repository.path)
        let found = try RepositoryLocation.discover(from: repository.path)
        #expect(found.gitDirectory == repository.around + "/store")
        #expect(found.mainWorktree == repository.path && !found.isBare && !found.isLinked)
    }

    @Test func aPathThatIsNoUTF8IsSaidToBeOne() throws {
        let repository = try GitRepository()
        let path = Array((repository.around + "/r").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
        #expect(rename(repository.path, path) == 0)
        #expect(symlink(path, repository.around + "/link") == 0)
        #expect(throws: DiscoveryError.notUTF8(path: repository.around + "/r\u{FFFD}")) {
            try RepositoryLocation.discover(from: repository.around + "/link")
        }
    }

    @Test func symbolicLinksAreResolved() throws {
        let repository = try GitRepository()
        try FileManager.default.createSymbolicLink(atPath: repository.around + "/link", withDestinationPath: repository.path)
        #expect(try RepositoryLocation.discover(from: repository.around + "/link").mainWorktree == repository.path)
    }

    @Test func insideTheGitDirectoryTheRepositoryIsFound() throws {
        let repository = try GitRepository()
        #expect(try RepositoryLocation.discover(from: repository.path + "/.git/refs").mainWorktree == repository.path)
    }

    @Test func noRepositoryAndABrokenLinkAreTwoErrors() throws {
        let folder = try TemporaryFolder()
        #expect(throws: DiscoveryError.noRepository(from: folder.path)) { try RepositoryLocation.discover(from: folder.path) }
        try writeFile(folder.path + "/.git", "gitdir: /nowhere/at/all\n")
        #expect(throws: DiscoveryError.brokenLink(file: folder.path + "/.git", target: "/nowhere/at/all")) {
            try RepositoryLocation.discover(from: folder.path)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aForeignOwnerIsNamedWithTheRemedy() throws {
        let repository = try GitRepository()
        for path in [repository.path, repository.path + "/.git"] { #expect(chown(path, 12_345, 12_345) == 0) }
        let error = #expect(throws: DiscoveryError.self) { try RepositoryLocation.discover(from: repository.path) }
        #expect(error == .foreignOwner(path: repository.path))
        #expect(error?.wayOut == "git config --global --add safe.directory '\(repository.path)'")
    }
}
