/// The plan that `czar init` writes: small, commented, and valid as it stands.
package enum StarterPlan {
    /// YAML text for a project. Without an agent its workers are people, which works on every machine. `isTaken`: ids that something here has
    /// already.
    package static func yaml(
        project: String, base: String?, agent: String? = nil, isTaken: (String) -> Bool
    ) -> String {
        let (foundation, feature) = (free("foundation", isTaken), free("feature", isTaken))
        let (docs, release) = (free("docs", isTaken), free("release", isTaken))
        let baseLine = base.map { "  base: \(JSONText.quoted($0))                  # the branch that workers start from" }
        let agentLine = agent.map { "  default_agent: \(JSONText.quoted($0))         # czar agents lists what this machine has" }
        return """
            # What Czar coordinates. Check it with `czar validate`, look at it with `czar graph`, start it with `czar run`.
            project:
              name: \(JSONText.quoted(project))
              version: 0.1.0
              phase: 1
            \(baseLine ?? "  # base: main                  # the branch that workers start from; without it, the one checked out now")

            orchestration:
              max_active: 4                 # workers that run at the same time; 0 means no limit
              dependency_gate: complete     # or `integrated`: wait until the work has landed
              auto_commit: on_exit          # commit what a worker's command leaves behind; or `never`
              stuck_after: 30m              # say so when nothing has happened for this long
            \(agentLine ?? "  # default_agent: claude       # who works where a worker names no agent; without it, a person")

            # Each worker gets a branch and a worktree, and starts when all it depends on is complete.
            # Its brief is .czarina/workers/<id>.md.
            workers:
              - id: \(foundation)
                description: The types and functions that the others build on
                planned_duration: 1d
              - id: \(feature)
                description: The feature itself
                dependencies: [\(foundation)]
                planned_duration: 2d
                # command: [make, feature]  # instead of an agent: a program with its arguments
                # script: "make feature"    # or a line for the shell
              - id: \(docs)
                description: The pages that explain it
                dependencies: [\(foundation)]
                planned_duration: 4h
              - id: \(release)
                description: Everything together, tested once more
                dependencies: [\(feature), \(docs)]
                planned_duration: 4h

            """
    }

    /// The name, else `name-2` and so on.
    private static func free(_ name: String, _ isTaken: (String) -> Bool) -> String {
        var (candidate, number) = (name, 1)
        while isTaken(candidate) {
            number += 1
            candidate = "\(name)-\(number)"
        }
        return candidate
    }
}
