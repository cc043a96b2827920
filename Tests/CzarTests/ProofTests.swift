import Foundation
import TestSupport
import Testing

/// A branch counts as the worker's only while it contains the commit that it started from.
@Suite struct ProofTests {
    private static func plan(_ script: String) -> String {
        """
        project: {base: main}
        orchestration: {retry: {limit: 0}}
        workers:
          - id: a
            script: |
              \(script)

        """
    }

    @Test func nothingIsCommittedToABranchThatWasDeleted() throws {
        let project = try CzarProject(
            Self.plan("echo p > f; git add f; git commit -qm p; git update-ref -d refs/heads/cz1/feat/a; echo z > z"))
        try project.expect(1, "run", "--trust", "--quiet")
        let worker = try #require(try project.workers()["a"])
        #expect(worker["state"].string == "failed" && worker["causes"].strings == ["unproven"])
        #expect(worker["cause"].string?.contains("no longer exists") == true)
        // No root commit took its place, and what was left lies where it was.
        #expect(try git("for-each-ref", "refs/heads", in: project.path).split(separator: "\n").count == 1)
        #expect(exists(project.worktree("a") + "/z"))
        let refused = try project.expect(77, "commit", "-m", "z", "--worker", "a")
        #expect(refused.errors.contains("git update-ref refs/heads/cz1/feat/a "))
    }

    @Test func aBranchThatWasMadeAnewIsNoProof() throws {
        let project = try CzarProject(
            Self.plan("git checkout -q --orphan new; git commit -qm root; git branch -q -M new cz1/feat/a; echo z > z"))
        let fork = try git("rev-parse", "HEAD", in: project.path)
        try project.expect(1, "run", "--trust", "--quiet")
        let worker = try #require(try project.workers()["a"])
        #expect(worker["causes"].strings == ["unproven"])
        #expect(
            worker["cause"].string == "'cz1/feat/a' no longer contains \(fork.prefix(10)), the commit at which it was created")
        // No retry can help before its commits are where they count.
        let command = try #require(try project.answer("status")["attention"][0]["commands"].strings.first)
        #expect(command == "git -C \(project.worktree("a")) rebase \(fork) && czar complete a")
        let followed = try run(["bash", "-c", command.replacing("czar complete", with: CzarProgram.path + " complete")], in: project.path)
        #expect(followed.status == 0, "\(followed.errors)")
        #expect(try project.state("a") == "complete")
    }

    @Test func aRebaseOntoTheMovedBaseIsProof() throws {
        let project = try CzarProject(
            Self.plan(
                """
                echo f > f; git add f; git commit -qm f
                      git -C "$CZAR_REPOSITORY" commit -q --allow-empty -m moved; git rebase -q main
                """))
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try git("merge-base", "main", "cz1/feat/a", in: project.path) == git("rev-parse", "main", in: project.path))
    }

    @Test func whatAPersonMendedAfterAFailureOrAHoldIsCompletedByItsProof() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}, auto_commit: never}
            workers:
              - {id: failed, script: 'echo 1 > f'}
              - {id: held, script: 'echo 1 > f'}
              - {id: after, dependencies: [failed, held], script: 'echo 2 > g; git add g; git commit -qm g'}

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.states() == ["failed": "failed", "held": "failed", "after": "blocked"])
        try project.expect(0, "retry", "held")
        try project.expect(0, "pause", "held")
        for worker in ["failed", "held"] {
            // Not without proof.
            let refused = try project.expect(1, "complete", worker)
            #expect(refused.errors.contains("not proven complete"), "\(refused.errors)")
            try git("add", "f", in: project.worktree(worker))
            try git("commit", "-qm", "mended", in: project.worktree(worker))
            #expect(try project.expect(0, "complete", worker).output.hasPrefix("\(worker) is complete at "))
        }
        // Only moves that the table of states has, each recorded.
        let moves = try project.events().filter { $0.worker == "failed" && $0.type == "STATE_CHANGED" }.suffix(5).map(\.description)
        #expect(
            moves == [
                "failed failed→pending", "failed pending→ready", "failed ready→starting", "failed starting→active",
                "failed active→complete",
            ])
        #expect(
            try project.events().filter { $0.worker == "held" }.suffix(2).map(\.description) == [
                "held paused→active", "held active→complete",
            ])
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("after") == "complete")
    }
}
