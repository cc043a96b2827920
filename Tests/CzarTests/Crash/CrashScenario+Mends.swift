import TestSupport

/// Commands that change the plan, or bring back in line what has gone astray.
extension CrashScenario {
    /// A worker outside of the plan's file, with a worktree and work in it.
    private static func added(_ project: CzarProject) throws {
        try project.expect(0, "add", "two", "A brief of two words", "--agent", "person")
        try project.expect(0, "create", "two")
        try writeFile(project.worktree("two") + "/untracked", "untracked\n")
    }

    private static func vanished(_ project: CzarProject) throws {
        try project.expect(0, "create", "one")
        try prepareFolder(project, "rm -r \"$1\"", "")
    }

    private static let otherBranch = "project: {name: crash, base: main}\nworkers:\n  - {id: one, branch: other/one}\n"

    static let mends: [CrashScenario] = [
        // A brief without a definition is nobody's yet, and the same command takes it for its own.
        CrashScenario(
            name: "add", command: ["add", "two", "A brief of two words", "--agent", "person"],
            next: ["add", "two", "A brief of two words", "--agent", "person"]),
        CrashScenario(name: "withdrawal", prepare: added, command: ["remove", "two", "--branch", "--force"]),
        CrashScenario(
            name: "undo of a withdrawal",
            prepare: {
                try added($0)
                try $0.expect(0, "remove", "two", "--branch", "--force")
            }, command: ["undo"]),
        CrashScenario(
            name: "rebinding",
            prepare: {
                try $0.expect(0, "create", "one")
                try $0.replacePlan(otherBranch)
            }, command: ["create", "one", "--rebind"], next: ["create", "one", "--rebind"]),
        CrashScenario(
            name: "undo of a rebinding",
            prepare: {
                try $0.expect(0, "create", "one")
                try $0.replacePlan(otherBranch)
                try $0.expect(0, "create", "one", "--rebind")
            }, command: ["undo"]),
        CrashScenario(
            name: "sparse creation with ignored files",
            plan: """
                project: {name: crash, base: main}
                workers:
                  - {id: one, sparse: true, paths: [deep/inner], copy: [brought]}

                """,
            prepare: {
                try writeFile($0.path + "/deep/inner/file", "inner\n")
                try writeFile($0.path + "/deep/other/file", "other\n")
                try writeFile($0.path + "/.gitignore", "brought\n")
                try $0.repository.commitAll("folders")
                try writeFile($0.path + "/brought", "brought\n")
            }, command: ["create", "one"]),
        CrashScenario(
            name: "repair of a moved worktree",
            prepare: {
                try $0.expect(0, "create", "one")
                try prepareFolder($0, "mv \"$1\" \"$2\"", "/moved")
            }, command: ["doctor", "--repair"]),
        CrashScenario(
            name: "repair of an emptied entry",
            prepare: {
                try $0.expect(0, "create", "one")
                try prepareFolder($0, "rm -r \"$2\"/*", "/.git/worktrees/one")
            }, command: ["doctor", "--repair"]),
        CrashScenario(
            name: "removal of a vanished worktree",
            prepare: vanished, command: ["remove", "one", "--branch"], next: ["remove", "one", "--branch"]),
        CrashScenario(
            name: "creation of a vanished worktree",
            prepare: vanished, command: ["create", "one"], next: ["create", "one"]),
        CrashScenario(
            name: "failure, by hand",
            prepare: {
                try $0.expect(0, "create", "one")
                try $0.expect(0, "event", "one", "WORKER_START")
            }, command: ["fail", "one", "--reason", "not needed"]),
        CrashScenario(
            name: "retry",
            prepare: {
                try $0.expect(0, "create", "one")
                try $0.expect(0, "event", "one", "WORKER_START")
                try $0.expect(0, "fail", "one", "--reason", "not needed")
            }, command: ["retry", "one"]),
    ]

    /// `$1` is the worker's worktree, `$2` a place below the repository.
    private static func prepareFolder(_ project: CzarProject, _ script: String, _ place: String) throws {
        try TestSupport.prepare("sh", "-ec", script, "prepare", project.worktree("one"), project.path + place)
    }
}
