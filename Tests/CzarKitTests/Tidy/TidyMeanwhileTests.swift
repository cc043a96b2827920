import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// What somebody does in a worktree that an undo which was cut off had made already.
@Suite struct TidyMeanwhileTests {
    /// A removed worktree with much in it, whose undo was killed.
    private func killed(at step: TidyStep) async throws -> (fixture: TidyFixture, before: [String: String]) {
        let (fixture, before) = try TidyFixture.removedByForce()
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as TidyStep] in
            _ = try Undoer(Coordinator(around: path, actor: "cli")) { if $0 == step { kill(getpid(), SIGKILL) } }.undo()
        }
        return (fixture, before)
    }

    private static let kept = "refs/czar/recovery/api/2"

    @Test(arguments: [TidyStep.worktreeAdded, .workRestored])
    func whatWasChangedIsKeptBeforeItIsReplaced(at step: TidyStep) async throws {
        let (fixture, before) = try await killed(at: step)
        let tree = fixture.tree()
        try writeFile(tree + "/src/file0", "my edit\n")
        try writeFile(tree + "/src/file4", "my other edit\n")
        try writeFile(tree + "/precious", "mine\n")
        try git("add", "precious", in: tree)
        let said = try InterruptedTidying(fixture.coordinator()).finish()
        #expect(said.count == 1 && said[0].hasSuffix("; what was changed in it meanwhile is kept in \(Self.kept)"), "\(said)")
        #expect(try fixture.contents() == before)
        let message = try git("log", "-1", "--format=%B", Self.kept, in: fixture.path)
        let stash = try present(message.split(separator: "\n").first { $0.hasPrefix("stash ") }).dropFirst("stash ".count)
        #expect(try git("show", "\(stash):src/file0", in: fixture.path) == "my edit")
        #expect(try git("show", "\(stash):src/file4", in: fixture.path) == "my other edit")
        #expect(try git("show", "\(stash)^2:precious", in: fixture.path) == "mine")
        #expect(try InterruptedTidying(fixture.coordinator()).finish().isEmpty)
    }

    @Test(arguments: [TidyStep.worktreeAdded, .workRestored])
    func whatWasCommittedStays(at step: TidyStep) async throws {
        let (fixture, _) = try await killed(at: step)
        let commit = try fixture.commit(file: "src/file0", "my edit\n")
        func look() throws -> [String: String] { try fixture.contents().filter { $0.key != "WORKER_IDENTITY.md" } }
        let mine = try look()
        let said = try InterruptedTidying(fixture.coordinator()).finish()
        #expect(said.count == 1 && said[0].contains("; its files stay as they are, because HEAD was moved in it meanwhile: "), "\(said)")
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == commit)
        #expect(try look() == mine)
        let command = try present(said[0].split(separator: "'").first { $0.hasPrefix("git log ") })
        #expect(try run(["sh", "-c", String(command)], in: fixture.path).output.contains("git stash apply --index"))
        #expect(try fixture.record().plannedTidying == nil)
        #expect(try InterruptedTidying(fixture.coordinator()).finish().isEmpty)
    }

    @Test func aFileThatWasBeingWrittenIsNobodys() async throws {
        let (fixture, before) = try await killed(at: .worktreeAdded)
        try writeFile(fixture.tree() + "/src/file0", "chan")
        try writeFile(fixture.tree() + "/run me", "#!")
        _ = try run(["chmod", "+x", "run me"], in: fixture.tree())
        let said = try InterruptedTidying(fixture.coordinator()).finish()
        #expect(said.count == 1 && said[0].hasSuffix("is back"), "\(said)")
        #expect(try fixture.contents() == before)
        #expect(try run(["git", "rev-parse", "-q", "--verify", Self.kept], in: fixture.path).status != 0)
    }
}
