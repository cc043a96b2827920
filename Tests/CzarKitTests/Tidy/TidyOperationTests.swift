import CzarGit
import CzarKit
import Foundation
import TestSupport
import Testing

/// What an operation in progress keeps in a worktree's own git directory goes with it, and is nowhere else.
@Suite struct TidyOperationTests {
    /// A worker on whose branch `git am` of two mails has stopped at the first.
    private func stoppedMailbox() throws -> TidyFixture {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit(file: "src/file0", "ours\n")
        let other = fixture.path + "-other"
        try git("clone", "-q", fixture.path, other, in: fixture.path)
        try writeFile(other + "/src/file0", "theirs\n")
        try git("commit", "-qam", "theirs", in: other)
        try writeFile(other + "/letter", "precious\n")
        try git("add", "-A", in: other)
        try git("commit", "-qm", "a letter", in: other)
        try writeFile(fixture.path + "-mails", try git("format-patch", "--stdout", "-2", in: other) + "\n")
        #expect(try run(["git", "am", fixture.path + "-mails"], in: fixture.tree()).status != 0)
        return fixture
    }

    @Test func mailsThatAreNotAppliedYetComeBackAndCanBe() throws {
        let fixture = try stoppedMailbox()
        let mails = try FileManager.default.contentsOfDirectory(atPath: fixture.repository.path + "/.git/worktrees/api/rebase-apply")
            .sorted()
        #expect(try fixture.hazards() == [.operation(.applyMailbox)])
        try fixture.remove(force: true)
        #expect(try fixture.undo().sentence.hasSuffix("; the am that was in progress can go on"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path + "/.git/worktrees/api/rebase-apply").sorted() == mails)
        #expect(try fixture.hazards() == [.operation(.applyMailbox)])
        try git("am", "--skip", in: fixture.tree())
        #expect(try git("show", "HEAD:letter", in: fixture.tree()) == "precious")
        #expect(try git("status", "--porcelain", in: fixture.tree()).isEmpty)
        #expect(try fixture.check().isEmpty)
    }

    @Test func mailsOfAFolderThatVanishedAreKept() throws {
        let fixture = try stoppedMailbox()
        try FileManager.default.removeItem(atPath: fixture.tree())
        let made = try WorkspaceCreator(fixture.coordinator()).create(fixture.worker())
        let message = try git("log", "-1", "--format=%B", try present(made.recovery), in: fixture.path)
        let extras = try present(message.split(separator: "\n").first { $0.hasPrefix("extras ") }).dropFirst("extras ".count)
        #expect(try git("show", "\(extras):operation/rebase-apply/0002", in: fixture.path).contains("+precious"))
    }

    @Test func theMessageOfAMergeThatWasBeingWrittenIsKept() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit()
        try git("checkout", "-q", "-b", "other", "main", in: fixture.path)
        try fixture.repository.write("src/file0", "theirs\n")
        try fixture.repository.commitAll()
        try git("checkout", "-q", "main", in: fixture.path)
        try git("merge", "-q", "--no-commit", "other", in: fixture.tree())
        try writeFile(fixture.path + "/.git/worktrees/api/MERGE_MSG", "precious words\n")
        try fixture.remove(force: true)
        let words = try fixture.undo().sentence.components(separatedBy: "'git ls-tree -r ")
        let place = try present(words.last?.split(separator: "'").first)
        #expect(try git("show", "\(place)/MERGE_MSG", in: fixture.path) == "precious words")
    }

    @Test func whatARebaseHadStillToDoIsKeptAndNamed() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit(file: "src/file0", "ours\n")
        let second = try fixture.commit(file: "more")
        try git("checkout", "-q", "-b", "other", "main", in: fixture.path)
        try fixture.repository.write("src/file0", "theirs\n")
        try fixture.repository.commitAll()
        try git("checkout", "-q", "main", in: fixture.path)
        #expect(try run(["git", "rebase", "other"], in: fixture.tree()).status != 0)
        try fixture.remove(force: true)
        let words = try fixture.undo().sentence.components(separatedBy: "; the rebase that was in progress is not resumed, '")
        let command = try present(words.last).replacingOccurrences(of: "' names its files", with: "")
        let listed = try run(["sh", "-c", command], in: fixture.path)
        #expect(listed.output.contains("rebase-merge/git-rebase-todo"), "\(command): \(listed.errors)")
        let todo = try git("show", try present(command.split(separator: " ").last) + "/rebase-merge/git-rebase-todo", in: fixture.path)
        #expect(todo.contains(second.prefix(7)))
        #expect(try fixture.check().isEmpty)
    }
}
