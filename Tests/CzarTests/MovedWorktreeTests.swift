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
}
