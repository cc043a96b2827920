import Foundation
import TestSupport
import Testing

/// What one worker does to its worktree is its own trouble: the others run, and every command answers.
@Suite struct DamagedWorkerTests {
    /// What a worker does, and what the doctor then calls it.
    @Test(arguments: [
        ("echo garbage > .git", "worktree-unreadable"),
        ("echo \"ref: refs/heads/a b\" > $(git rev-parse --git-dir)/HEAD", "worktree-unreadable"),
        ("echo garbage > $(git rev-parse --git-dir)/index", "worktree-unreadable"),
        ("echo zz > $(git rev-parse --git-common-dir)/refs/heads/cz1/feat/x", "branch-unreadable"),
        ("rm -f .czar/events.log; mkfifo .czar/events.log", "reports"),
    ])
    func othersAreLookedAfter(_ damage: String, _ finding: String) throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - id: x
                script: |
                  \(damage)
              - {id: y, script: "echo y > y"}
              - {id: z, script: "echo z > z", dependencies: [y]}

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.states() == ["x": "failed", "y": "complete", "z": "complete"])
        let x = try #require(try project.workers()["x"])
        if finding == "worktree-unreadable" {
            #expect(x["worktree"]["state"].string == "unreadable" && x["worktree"]["problem"].string != nil)
            #expect(x["worktree"]["modified"].int == nil)
        }
        let doctor = try project.czar("doctor", "--json")
        #expect(doctor.status == 1 && doctor.output.contains("\"\(finding)\""), "\(doctor.output)")
        if damage.contains("--git-dir") {
            let found = try CzarAnswer(doctor.output)["findings"].array.first { $0["name"].string == finding }
            try prepare("bash", "-c", try #require(found?["hint"].string))
            #expect(try git("status", "--porcelain", in: project.worktree("x")).isEmpty)
            #expect(try !project.czar("doctor", "--json").output.contains(finding))
        }
        try project.expect(0, "reopen", "y")
        try project.expect(0, "complete", "y")
    }

    @Test func aStatusFileThatCannotBeWrittenEndsNothing() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, script: \"echo a > a\"}\n")
        let blocker = project.path + "/.czarina/worker-status.json"
        try prepare("mkdir", "-p", blocker + "/full")
        let outcome = try project.expect(0, "run", "--trust")
        #expect(outcome.errors.contains("worker-status.json' is not up to date"))
        #expect(try project.state("a") == "complete")
    }

    @Test func aDeletedGitFileIsSaidOnceWithWhatBringsItBack() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - id: a
                script: echo f > f; git add f; git commit -qm f; rm .git

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        let needs = try #require(try project.answer("status")["attention"].array.first)
        let why = try #require(needs["why"].string)
        #expect(why.components(separatedBy: "cannot be looked at").count == 2 && !why.contains("could not be committed"), "\(why)")
        let command = try #require(needs["commands"].strings.first)
        #expect(command == "czar doctor --repair && czar complete a")
        let outcome = try run(["sh", "-ec", command.replacing("czar", with: CzarProgram.path)], in: project.path)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try project.state("a") == "complete")
    }
}
