import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Completing a checkout that was cut off: what it had written is gone on with, what somebody did in it stays.
@Suite struct BegunCheckoutTests {
    private struct Begun {
        let repository: GitRepository
        let location: RepositoryLocation
        var tree: String { repository.path + "/a" }
    }

    /// A worktree that is registered and has no files yet.
    private func begun(_ fill: (GitRepository) throws -> Void) async throws -> Begun {
        let repository = try GitRepository()
        for index in 0..<8 { try repository.write("folder/file\(index)", "content \(index)\n") }
        try repository.write("large", String(repeating: "0123456789abcde\n", count: 200_000))
        try FileManager.default.createSymbolicLink(atPath: repository.path + "/link", withDestinationPath: "README")
        try FileManager.default.createSymbolicLink(atPath: repository.path + "/other", withDestinationPath: "README")
        try fill(repository)
        try repository.commitAll()
        try git("branch", "a", in: repository.path)
        let path = repository.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let commit = try Repository(opening: path).resolve("a")
            let request = WorktreeRequest(name: "a", path: "a", root: path, branch: "a", commit: commit)
            try RepositoryLocation.discover(from: path).addWorktree(request) { if $0 == .registered { kill(getpid(), SIGKILL) } }
        }
        return Begun(repository: repository, location: try RepositoryLocation.discover(from: path))
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func whatSomebodyDidInItStays() async throws {
        let begun = try await begun { _ in }
        let tree = begun.tree
        let outside = begun.repository.path + "/outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        try writeFile(tree + "/folder/file0", "content 0\n# my edit\n")
        try writeFile(tree + "/folder/file1", "mine 1\n")
        try FileManager.default.createSymbolicLink(atPath: tree + "/folder/file2", withDestinationPath: "nowhere")
        try FileManager.default.createDirectory(atPath: tree + "/folder/file3/mine", withIntermediateDirectories: true)
        try writeFile(tree + "/link", "mine")
        try FileManager.default.createSymbolicLink(atPath: tree + "/other", withDestinationPath: "folder")
        try writeFile(tree + "/large", String(repeating: "0123456789abcde\n", count: 150_000) + "mine\n")
        try writeFile(tree + "/precious", "mine")
        #expect(try begun.location.recoverStaging() == [.completed(name: "a", path: tree)])
        #expect(
            try git("status", "--porcelain", in: tree)
                == " M folder/file0\n M folder/file1\n T folder/file2\n D folder/file3\n M large\n T link\n M other\n?? precious")
        #expect(try text(tree + "/folder/file0") == "content 0\n# my edit\n")
        #expect(try text(tree + "/folder/file1") == "mine 1\n")
        #expect(try text(tree + "/large").hasSuffix("\nmine\n"))
        #expect(exists(tree + "/folder/file3/mine"))
        #expect(try text(tree + "/folder/file4") == "content 4\n")
    }

    @Test func aFolderThatSomebodyReplacedStaysAndIsNotReachedThrough() async throws {
        let begun = try await begun { try $0.write("deep/er/file", "x\n") }
        let outside = begun.repository.around + "/outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: begun.tree + "/deep", withDestinationPath: outside)
        try writeFile(begun.tree + "/folder", "mine")
        #expect(try begun.location.recoverStaging() == [.completed(name: "a", path: begun.tree)])
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
        #expect(try text(begun.tree + "/folder") == "mine")
        #expect(exists(begun.tree + "/README"))
        #expect(try git("status", "--porcelain", in: begun.tree).contains("\n?? deep"))
    }

    @Test func whatItHadWrittenIsGoneOnWith() async throws {
        let begun = try await begun {
            try $0.write(".gitattributes", "*.crlf text eol=crlf\n"); try $0.write("a.crlf", "one\ntwo\n")
        }
        let tree = begun.tree
        try FileManager.default.createDirectory(atPath: tree + "/folder", withIntermediateDirectories: true)
        try writeFile(tree + "/folder/file0", "")
        try writeFile(tree + "/folder/file1", "content")
        try writeFile(tree + "/folder/file2", "content 2\n")
        // After a power failure.
        try writeFile(tree + "/folder/file3", Data("cont".utf8) + Data(count: 6))
        try writeFile(tree + "/a.crlf", "one\r\ntw")
        try writeFile(tree + "/large", String(repeating: "0123456789abcde\n", count: 150_000) + "01234")
        try FileManager.default.createSymbolicLink(atPath: tree + "/link", withDestinationPath: "README")
        #expect(try begun.location.recoverStaging() == [.completed(name: "a", path: tree)])
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
        #expect(try text(tree + "/a.crlf") == "one\r\ntwo\r\n")
        #expect(try text(tree + "/folder/file3") == "content 3\n")
        #expect(try git("diff-files", "--name-only", in: tree).isEmpty)
    }
}
