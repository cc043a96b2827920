import Foundation
import TestSupport
import Testing

/// After `git worktree move` every command says where the worktree is, and what records that.
@Suite struct MovedWorktreeTests {
    @Test func nobodyCallsAMovedWorktreeGone() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            workers:
              - {id: a, script: 'echo x > x; git add x; git commit -qm x; czar complete'}

            """)
        try project.expect(0, "trust")
        try project.expect(0, "create", "a")
        let place = project.worktree("alpha")
        try git("worktree", "move", project.worktree("a"), place, in: project.path)
        let sentence = """
            czar: the worktree of worker 'a' is in '\(place)', and the repository or the journal does not find it there
            try: czar doctor --repair

            """
        for command in [["create", "a"], ["path", "a"], ["exec", "a", "--", "true"], ["shell", "a"], ["start", "a"]] {
            let refused = try run([CzarProgram.path] + command, in: project.path)
            #expect(refused.status == 77 && refused.errors == sentence, "\(command): \(refused.status) \(refused.errors)")
        }
        // Inside it nobody is asked which worker this is.
        for command in ["whoami", "complete", "path"] {
            let refused = try project.expect(77, command, at: place)
            #expect(refused.errors == sentence, "\(command): \(refused.errors)")
        }
        try project.expect(0, "event", "CHECKPOINT", at: place)
        try project.expect(1, "run", "--quiet")
        #expect(try project.state("a") == "ready")
        let needs = try #require(try project.answer("status")["attention"].array.first)
        #expect(needs["why"].string == "its worktree was moved to '\(place)'" && needs["commands"].strings == ["czar doctor --repair"])
        try project.expect(0, "doctor", "--repair")
        #expect(try project.expect(0, "path", "a").output == place + "\n")
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("a") == "complete")
        #expect(try project.complaints() == [])
    }

    /// Its supervisor cannot write into the journal any more, and keeps how it ended where the project is now.
    @Test func whatEndsAfterTheProjectWasMovedIsJudgedAndNotRunAgain() throws {
        let script = "until [ -e \"$OUTSIDE/go\" ]; do sleep 0.05; done; echo x > x; git add x; git commit -qm x"
        let project = try CzarProject(
            "project: {base: main}\norchestration: {retry: {limit: 1, backoff: 0s}}\nworkers:\n  - {id: a, script: '\(script)'}\n")
        let environment = ["OUTSIDE": project.outside]
        try project.expect(0, "start", "a", "--trust", environment: environment)
        try project.wait(for: "a", toBe: "active")
        let moved = project.path + "-moved"
        try prepare("mv", project.path, moved)
        func czar(_ arguments: String...) throws -> ProcessOutcome {
            try run([CzarProgram.path] + arguments, in: moved, environment: environment)
        }
        #expect(try czar("doctor", "--adopt", "--repair").status == 0)
        try writeFile(project.outside + "/go", "")
        try waitUntil("its command has ended") {
            try run(["grep", "-rlq", "exit", moved + "/.git/czar/attempts"], in: "/").status == 0
        }
        let outcome = try czar("run", "--quiet")
        let worker = try CzarAnswer(czar("status", "--json").output)["workers"][0]
        #expect(worker["state"].string == "complete" && worker["attempt"].int == 1, "\(outcome.errors)\(worker)")
    }

    /// That doctor has found it is nothing to take back.
    @Test func whatIsUndoneIsTheLastThingThatSomebodyDid() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        try project.expect(0, "create", "a")
        try writeFile(project.worktree("a") + "/work", "work\n")
        try project.expect(0, "commit", "-m", "work", "--worker", "a")
        let place = project.worktree("alpha")
        try git("worktree", "move", project.worktree("a"), place, in: project.path)
        try project.expect(0, "doctor", "--repair")
        #expect(try project.expect(0, "undo").output.contains("undid COMMITTED"))
        #expect(try git("status", "--porcelain", in: place) == "A  work")
        let found = try #require(try project.events().last { $0.fields["moved"] != nil })
        #expect(try project.expect(64, "undo", String(found.sequence)).errors.contains("was moved"))
        #expect(try git("status", "--porcelain", in: place) == "A  work")
    }

    /// By git, and by hand to a place near its own.
    @Test(arguments: ["git -C \"$HERE\" worktree move \"$P\" \"$P-2\"", "mv \"$P\" \"$P-2\""])
    func nobodyFailsWhoIsMovedWhileItsCommandRuns(_ move: String) throws {
        let project = try CzarProject(
            """
            project: {base: main}
            workers:
              - {id: a, script: 'echo x > x; echo y > y; git add x; git commit -qm x; P=$PWD; HERE=$P/../../..; cd /; \(move)'}
              - {id: b, dependencies: [a], script: 'echo z > z; git add z; git commit -qm z'}

            """)
        try project.expect(0, "trust")
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("a") == "complete" && project.state("b") == "complete")
        let place = project.worktree("a") + "-2"
        #expect(try git("show", "--format=", "--name-only", "HEAD", in: place) == "y")
        #expect(try git("show", "--format=", "--name-only", "HEAD~1", in: place) == "x")
        #expect(try git("status", "--porcelain", in: place) == "")
        try project.expect(0, "doctor", "--repair")
        #expect(try project.complaints() == [])
    }

    @Test func whereItIsSaysCompleteToo() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        try project.expect(0, "create", "a")
        let place = project.worktree("alpha")
        try git("worktree", "move", project.worktree("a"), place, in: project.path)
        let refused = try project.expect(77, "complete", "a")
        #expect(refused.errors.contains("is in '\(place)'") && refused.errors.contains("try: czar doctor --repair\n"))
    }

    @Test func whatStandsWhereItWasIsNotIts() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n  - {id: b, launcher: none}\n")
        try project.expect(0, "create", "a", "b")
        let place = project.worktree("alpha")
        try git("worktree", "move", project.worktree("a"), place, in: project.path)
        try git("worktree", "remove", "--force", project.worktree("b"), in: project.path)
        for id in ["a", "b"] { try FileManager.default.createDirectory(atPath: project.worktree(id), withIntermediateDirectories: false) }
        for command in [["path", "a"], ["exec", "a", "--", "git", "branch"], ["shell", "a"]] {
            let refused = try run([CzarProgram.path] + command, in: project.path)
            #expect(refused.status == 77 && refused.errors.contains(place), "\(command): \(refused.status) \(refused.errors)")
        }
        let refused = try project.expect(66, "exec", "b", "--", "git", "branch")
        #expect(refused.errors == "czar: what is in '\(project.worktree("b"))' is no worktree of 'b'\ntry: czar create b\n")
        try project.expect(0, "create", "b")
        try project.expect(0, "exec", "b", "--", "true")
    }
}
