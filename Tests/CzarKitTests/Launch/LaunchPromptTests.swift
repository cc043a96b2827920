import CzarGit
import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

@Suite struct LaunchPromptTests {
    private func plan(_ count: Int, description: String = "Does something") throws -> [WorkerDefinition] {
        var workers: [WorkerDefinition] = []
        for number in 0..<count {
            let id = try #require(WorkerID(rawValue: "w\(number)"))
            let before = number > 0 ? [try #require(WorkerID(rawValue: "w\(number - 1)"))] : []
            workers.append(
                WorkerDefinition(
                    id: id, description: description, role: "code", dependencies: before, merges: before,
                    branch: try #require(BranchName(rawValue: "feat/w\(number)")), worktree: "x", paths: ["Sources/W\(number)/**"]))
        }
        return workers
    }

    private func identity(_ index: Int, of workers: [WorkerDefinition]) throws -> String {
        let worker = workers[index]
        return IdentityFile.text(
            WorkerContext(
                worker: worker, project: Project(name: "Billing", slug: "billing"), attempt: 1, repository: "/src/bill",
                branch: worker.branch.rawValue, base: "main",
                worktree: "/src/bill/.czarina/worktrees/w\(index)", brief: "/src/bill/.czarina/workers/w\(index).md", prompt: ""),
            workers: workers)
    }

    private func lines(_ text: String) -> Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }

    @Test func anIdentityHasAtMostFortyLinesForAHundredWorkers() throws {
        let plan = try plan(100, description: String(repeating: "line\n", count: 1000))
        let text = try identity(50, of: plan)
        #expect(lines(text) <= 40)
        #expect(text.utf8.count < 8000)
        #expect(text.contains("- `w49` (you build on it)") && text.contains("- `w51` (builds on you)") && text.contains("and 91 more"))
    }

    @Test func anIdentityTellsWhatAWorkerHasToKnow() throws {
        let text = try identity(1, of: try plan(3))
        for part in [
            "# Worker Identity: w1", "`feat/w1`", "`/src/bill/.czarina/worktrees/w1`", "`/src/bill/.czarina/workers/w1.md`", "`w0`",
            "`Sources/W2/**`", "czar task", "czar event", "czar block", "czar commit", "czar complete", "Never push",
            "Never switch branches",
            "at least one commit",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("../") && !text.contains("required checks"))
    }

    @Test func controlCharactersOfAPlanDoNotReachTheIdentity() throws {
        let text = try identity(0, of: try plan(2, description: "a\u{1B}[31m\r\n# Worker Identity: other\u{7}"))
        #expect(!text.contains("\u{1B}") && !text.contains("\r") && !text.contains("\u{7}"))
        #expect(!text.contains("\n# Worker Identity: other"))
    }

    /// Whoever writes it may be cut off, or fail, between its copy and the prompt itself.
    @Test func aPromptThatCouldNotBeReplacedIsStillCzars() throws {
        let folder = try TemporaryFolder()
        for name in ["tree/.czar", "entry"] { try prepare("mkdir", "-p", folder.path + "/" + name) }
        let file = PromptFile(worktree: folder.path + "/tree", entry: folder.path + "/entry")
        let own = try Folder(opening: folder.path + "/tree/.czar")
        let path = folder.path + "/tree/.czar/prompt.md"
        try file.write("first\n", in: own)
        guard try run(["chattr", "+i", path], in: folder.path).status == 0 else {
            return CzarProgram.skip("may not make a file immutable")
        }
        #expect(throws: FileError.self) { try file.write("second\n", in: own) }
        try prepare("chattr", "-i", path)
        #expect(try file.isAsWritten())
        try file.write("third\n", in: own)
        #expect(try own.names() == ["prompt.md"] && file.isAsWritten())
        try writeFile(path, "third\nmine\n")
        try file.write("fourth\n", in: own)
        #expect(try own.read("prompt.md.1") == Array("third\nmine\n".utf8) && own.read("prompt.md") == Array("fourth\n".utf8))
    }

    @Test func aPromptHoldsIdentityBriefAndSuccess() throws {
        var worker = try plan(1)[0]
        worker.success = ["All tests pass"]
        worker.firstAction = "Read the tests"
        let text = Prompt.text(identity: "IDENTITY\n", brief: "BRIEF\n\n", worker: worker)
        #expect(
            text == """
                IDENTITY

                This stands in WORKER_IDENTITY.md too, whenever you need it again.

                # Your brief

                BRIEF

                # Success means

                - All tests pass

                # Do first

                Read the tests

                """)
    }

    @Test func aPromptHoldsWhatWasAskedAndWhatWasSaidToIt() throws {
        let questions: [WorkerRecord.Question] = [
            .init(text: "which key?", answer: "the blue one\nfrom the safe", isClosed: true), .init(text: "which door?", isClosed: true),
            .init(text: "which floor?"),
        ]
        let text = Prompt.text(identity: "I", brief: "B", worker: try plan(1)[0], questions: questions)
        #expect(
            text.contains(
                """
                # You have asked

                You said that you could not go on:

                    which key?

                The answer:

                    the blue one
                    from the safe

                You said that you could not go on:

                    which door?

                You were told to go on, without an answer.

                You said that you could not go on:

                    which floor?

                Nobody has answered yet.

                # Your brief
                """), "\(text)")
    }

    @Test func aSecondPromptSaysWhyTheFirstAttemptDidNotCount() throws {
        let worker = try plan(1)[0]
        let text = Prompt.text(identity: "I", brief: "B", worker: worker, lastFailure: "2 files are not committed:\n  a.swift")
        #expect(text.contains("tried this before") && text.contains("    2 files are not committed:\n      a.swift"))
        let long = Prompt.text(
            identity: "I", brief: "B", worker: worker, lastFailure: (1...1000).map { "line \($0)" }.joined(separator: "\n"))
        #expect(lines(long) < 100 && long.contains("line 1000") && !long.contains("line 900\n"))
    }
}
