import Foundation

/// A real repository with a plan, and `czar` to run in it.
package final class CzarProject: Sendable {
    package let repository: GitRepository
    package var path: String { repository.path }
    /// For what workers leave outside of their worktrees.
    package var outside: String { repository.around }

    /// `plan` is the text of `.czarina/config.yaml`; it is committed, as teams do.
    package init(_ plan: String, arguments: [String] = []) throws {
        repository = try GitRepository(arguments: arguments)
        try git("config", "user.name", "Worker", in: path)
        try git("config", "user.email", "worker@example.org", in: path)
        try repository.write(".czarina/config.yaml", plan)
        try repository.commitAll("plan")
    }

    package func worktree(_ worker: String) -> String { path + "/.czarina/worktrees/" + worker }

    package func replacePlan(_ plan: String) throws { try repository.write(".czarina/config.yaml", plan) }

    // MARK: Running it

    /// Runs `czar` to its end.
    @discardableResult
    package func czar(
        _ arguments: String..., at folder: String? = nil, environment: [String: String] = [:]
    ) throws -> ProcessOutcome {
        try run([CzarProgram.path] + arguments, in: folder ?? path, environment: environment)
    }

    /// Runs `czar` and throws when it does not end with the code.
    @discardableResult
    package func expect(
        _ code: Int32, _ arguments: String..., at folder: String? = nil, environment: [String: String] = [:]
    ) throws -> ProcessOutcome {
        let outcome = try run([CzarProgram.path] + arguments, in: folder ?? path, environment: environment)
        guard outcome.status == code else {
            throw ProcessFailure(
                description:
                    "czar \(arguments.joined(separator: " ")): \(outcome.status), not \(code)\n\(outcome.output)\n\(outcome.errors)")
        }
        return outcome
    }

    /// Starts `czar` and lets it run.
    package func start(_ arguments: String..., environment: [String: String] = [:]) throws -> CzarProcess {
        try CzarProcess([CzarProgram.path] + arguments, in: path, environment: environment)
    }

    /// The JSON answer of a command that succeeds.
    package func answer(_ arguments: String..., at folder: String? = nil) throws -> CzarAnswer {
        let outcome = try run([CzarProgram.path] + arguments + ["--format", "json"], in: folder ?? path)
        guard outcome.status == 0 else {
            throw ProcessFailure(description: "czar \(arguments.joined(separator: " ")): \(outcome.status)\n\(outcome.errors)")
        }
        return try CzarAnswer(outcome.output)
    }

    // MARK: What became of it

    package func events() throws -> [CzarEvent] {
        let outcome = try run([CzarProgram.path, "events", "--format", "json"], in: path)
        guard outcome.status == 0 else { throw ProcessFailure(description: "czar events: \(outcome.errors)") }
        return try outcome.output.split(separator: "\n").map { CzarEvent(try CzarAnswer(String($0))) }
    }

    /// The workers of `czar status`, by id.
    package func workers() throws -> [String: CzarAnswer] {
        let status = try answer("status")
        return Dictionary(uniqueKeysWithValues: status["workers"].array.map { ($0["id"].string ?? "", $0) })
    }

    package func state(_ worker: String) throws -> String { try workers()[worker]?["state"].string ?? "none" }

    package func states() throws -> [String: String] { try workers().mapValues { $0["state"].string ?? "none" } }

    /// Waits until `czar status` shows a worker in a state.
    package func wait(for worker: String, toBe state: String) throws {
        var last = ""
        do {
            try waitUntil("") {
                last = try self.state(worker)
                return last == state
            }
        } catch {
            throw ProcessFailure(description: "'\(worker)' never became \(state); it is \(last)")
        }
    }

    // MARK: The oracle

    /// Everything that git has to say against the repository and the worktrees of these workers; empty when all is well.
    package func complaints(clean workers: [String] = []) throws -> [String] {
        var complaints: [String] = []
        let check = try run(["git", "fsck", "--strict", "--no-dangling"], in: path)
        if check.status != 0 || !check.errors.isEmpty { complaints.append("fsck: \(check.errors)\(check.output)") }
        let list = try git("worktree", "list", "--porcelain", in: path)
        if list.contains("prunable") { complaints.append("worktree list: \(list)") }
        for worker in workers {
            if !list.contains("worktree \(worktree(worker))\n") { complaints.append("\(worker) is not in: \(list)") }
            let status = try git("status", "--porcelain", in: worktree(worker))
            if !status.isEmpty { complaints.append("\(worker): \(status)") }
        }
        return complaints
    }

    /// What a failed creation could leave: references, entries of worktrees, folders.
    package func traces() throws -> [String] {
        let references = try git("for-each-ref", in: path)
        let administration = try git("rev-parse", "--git-common-dir", in: path)
        let common = administration.hasPrefix("/") ? administration : path + "/" + administration
        func names(_ folder: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }
        return references.split(separator: "\n").map(String.init) + names(common + "/worktrees").map { "entry \($0)" }
            + names(path + "/.czarina/worktrees").map { "folder \($0)" }
    }
}
