import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Settings of the repository are changed as git changes them.
@Suite struct ConfigurationEditTests {
    private let repository: GitRepository
    private let location: RepositoryLocation

    init() throws {
        repository = try GitRepository()
        location = try RepositoryLocation.discover(from: repository.path)
    }

    private var file: String { repository.path + "/.git/config" }

    private func text() throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

    @Test func permissionsStayAndNoLockIsLeft() throws {
        try prepare("chmod", "640", file)
        try location.enableWorktreeConfiguration()
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o640 && !exists(file + ".lock"))
        #expect(try git("config", "extensions.worktreeConfig", in: repository.path) == "true")
        #expect(try FileManager.default.contentsOfDirectory(atPath: repository.path + "/.git/czar/staging") == [])
    }

    @Test func anothersLockIsRespectedAndNothingIsChanged() throws {
        let before = try text()
        try writeFile(file + ".lock", "theirs\n")
        let error = #expect(throws: GitError.self) { try location.enableWorktreeConfiguration() }
        #expect(error?.code == .locked && error?.description.contains("config.lock' is there") == true)
        #expect(try text() == before)
        #expect(try String(contentsOfFile: file + ".lock", encoding: .utf8) == "theirs\n")
        try FileManager.default.removeItem(atPath: file + ".lock")
        try location.enableWorktreeConfiguration()
        #expect(try location.usesWorktreeConfiguration())
    }

    @Test func whatIsIncludedStaysIncludedAndALinkStaysALink() throws {
        try git("config", "include.path", "more", in: repository.path)
        try writeFile(repository.path + "/.git/more", "[user]\n\tname = Included\n")
        let elsewhere = repository.around + "/settings"
        try prepare("sh", "-ec", "mv \"$1\" \"$2\"; ln -s \"$2\" \"$1\"", "link", file, elsewhere)
        try location.enableWorktreeConfiguration()
        #expect(FileKind(at: file) == .symlink && FileKind(at: elsewhere) == .file)
        #expect(try git("config", "extensions.worktreeConfig", in: repository.path) == "true")
        #expect(try git("config", "user.name", in: repository.path) == "Included")
    }
}
