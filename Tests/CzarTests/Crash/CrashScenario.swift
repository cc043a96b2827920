import Foundation
import TestSupport
import Testing

/// A command, and the state that it starts from.
struct CrashScenario: Sendable, CustomTestStringConvertible {
    let name: String
    var plan = "project: {name: crash, base: main}\norchestration: {retry: {limit: 3, backoff: 0s}}\nworkers:\n  - {id: one}\n"
    /// Makes the state before the command.
    var prepare: @Sendable (CzarProject) throws -> Void = { _ in }
    let command: [String]
    /// What the command that comes after the crash is.
    var next = ["doctor", "--repair"]
    /// Where both are run, below the repository.
    var folder = ""
    /// An event that must be there once when all is done.
    var checkpoint: String?

    var testDescription: String { name }
}

extension CrashScenario {
    /// Each has a worktree with work in it and an own commit that is on the base by patch.
    private static func work(_ project: CzarProject) throws {
        try project.expect(0, "create", "one")
        try project.expect(0, "event", "one", "WORKER_START")
        let tree = project.worktree("one")
        try writeFile(tree + "/work", "work\n")
        try git("add", "work", in: tree)
        try git("commit", "-qm", "work", in: tree)
        try git("cherry-pick", "cz1/feat/one", in: project.path)
    }

    private static func mess(_ project: CzarProject) throws {
        let tree = project.worktree("one")
        try writeFile(tree + "/README", "changed\n")
        try writeFile(tree + "/staged", "staged\n")
        try git("add", "staged", in: tree)
        try writeFile(tree + "/deep/untracked", "untracked\n")
    }

    static let all: [CrashScenario] = [
        CrashScenario(name: "create", command: ["create", "one", "--jobs", "2"]),
        CrashScenario(
            name: "remove",
            prepare: {
                try work($0)
                try mess($0)
                try $0.leaveInOutbox("queued")
            }, command: ["remove", "one", "--branch", "--force"], checkpoint: "queued"),
        CrashScenario(
            name: "prune",
            prepare: {
                try work($0)
                try $0.expect(0, "complete", "--worker", "one")
            }, command: ["prune"]),
        CrashScenario(
            name: "undo of a removal",
            prepare: {
                try work($0)
                try mess($0)
                try $0.expect(0, "remove", "one", "--branch", "--force")
            }, command: ["undo"]),
        CrashScenario(name: "undo of a creation", prepare: { try $0.expect(0, "create", "one") }, command: ["undo"]),
        CrashScenario(
            name: "commit",
            prepare: {
                try $0.expect(0, "create", "one")
                try mess($0)
            }, command: ["commit", "-m", "mine"], next: ["commit", "-m", "mine"], folder: "/.czarina/worktrees/one"),
        CrashScenario(
            name: "closeout",
            prepare: {
                try work($0)
                try $0.expect(0, "complete", "--worker", "one")
                try $0.leaveInOutbox("queued")
            }, command: ["closeout", "--branches"], next: ["closeout", "--branches"], checkpoint: "queued"),
        CrashScenario(
            name: "undo of a closeout",
            prepare: {
                try work($0)
                try $0.expect(0, "complete", "--worker", "one")
                try $0.expect(0, "closeout", "--branches")
            }, command: ["undo"]),
        CrashScenario(
            name: "undo of a commit",
            prepare: {
                try $0.expect(0, "create", "one")
                try mess($0)
                try $0.expect(0, "commit", "-m", "mine", at: $0.worktree("one"))
            }, command: ["undo"]),
        CrashScenario(
            name: "complete",
            prepare: {
                try work($0)
                try $0.leaveInOutbox("queued")
            }, command: ["complete", "--worker", "one"], checkpoint: "queued"),
        CrashScenario(
            name: "event", prepare: { try $0.expect(0, "create", "one") }, command: ["event", "one", "CHECKPOINT", "name=said"]),
        CrashScenario(
            name: "doctor --repair",
            prepare: {
                try $0.expect(0, "create", "one")
                try $0.cutOffACreation()
            }, command: ["doctor", "--repair"]),
    ]

    /// The command runs a worker to its end; daemon, supervisor and the worker's own commands are all killed in turn.
    static let run = CrashScenario(
        name: "run",
        plan: """
            project: {name: crash, base: main}
            orchestration: {retry: {limit: 3, backoff: 0s}}
            workers:
              - id: one
                script: echo "$CZAR_ATTEMPT" >> "$OUTSIDE/starts"; echo work > work

            """,
        prepare: { try $0.expect(0, "trust", "--yes") }, command: ["run", "--quiet"], next: ["run", "--quiet"])
}
