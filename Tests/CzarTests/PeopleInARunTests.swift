import TestSupport
import Testing

/// People work with or without a run, and no run waits for them.
@Suite struct PeopleInARunTests {
    @Test func aRunEndsWhereOnlyPeopleWork() throws {
        let project = try CzarProject(
            "project: {name: people, base: main}\nworkers:\n  - {id: one}\n  - {id: two, script: 'echo 1 > f'}\n"
                + "  - {id: three, dependencies: [one], script: 'echo 1 > g'}\n")
        let ended = try project.expect(1, "run", "--trust", "--json")
        #expect(ended.errors.contains("nothing can run without you, and 2 workers are not complete"), "\(ended.errors)")
        let last = try CzarAnswer(String(ended.output.split(separator: "\n").last ?? ""))
        #expect(last["reason"].string == "nothing-left", "\(last)")
        #expect(last["open"][0]["waiting_for"][0]["why"].string == "a person works there", "\(last)")
        #expect(try project.states() == ["one": "active", "two": "complete", "three": "pending"])
        try git("commit", "-q", "--allow-empty", "-m", "done", in: project.worktree("one"))
        #expect(
            try project.expect(0, "complete", "one").errors == "czar: note: 'three' can start, and no 'czar run' is active\ntry: czar run\n"
        )
        #expect(try project.expect(0, "complete", "two").errors.isEmpty)
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try project.state("three") == "complete")
    }

    @Test func whoWasDoneBeforeTheRunIsNotAskedAgain() throws {
        let project = try CzarProject(
            "project: {name: people, base: main}\nworkers:\n  - {id: one}\n  - {id: two, dependencies: [one], script: 'echo 1 > f'}\n")
        try project.expect(0, "create", "one")
        let tree = project.worktree("one")
        try writeFile(tree + "/g", "1")
        try project.expect(0, "commit", "-m", "work", at: tree)
        try project.expect(0, "event", "WORKER_COMPLETE", at: tree)
        let attention = try project.expect(0, "status", "--attention").output
        #expect(attention.contains("declared complete, and no 'czar run' is active to judge it"), "\(attention)")
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try project.states() == ["one": "complete", "two": "complete"])
    }

    /// What was declared before it failed is no declaration afterwards.
    @Test func whoIsRetriedDeclaresAnew() throws {
        let project = try CzarProject("project: {name: people, base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "create", "one")
        try project.expect(0, "event", "one", "WORKER_COMPLETE")
        try project.expect(0, "fail", "one", "--reason", "wrong")
        try project.expect(0, "retry", "one")
        try git("commit", "-q", "--allow-empty", "-m", "more", in: project.worktree("one"))
        try project.expect(1, "run", "--quiet")
        #expect(try project.state("one") == "active")
    }
}
