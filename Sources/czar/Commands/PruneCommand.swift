import ArgumentParser
import CzarKit
import CzarPlanning

struct PruneCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Removes worktrees of workers that are complete and integrated, and entries of vanished ones.",
        discussion: "What is not clean stays. Branches stay: 'czar remove --branch' deletes them.")

    @Flag(help: "Say what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try ActingWorker.leaveToOperators("use 'czar prune'")
        let coordinator = try common.coordinatorOfAnyPlan()
        let recovered = try dryRun ? [] : InterruptedTidying(coordinator).finish()
        let findings = try await Pruner(coordinator).prune(dryRun: dryRun)
        try common.answer(json(recovered, findings), text: text(recovered, findings))
    }

    private func text(_ recovered: [String], _ findings: [Pruner.Finding]) -> String {
        let verb = dryRun ? "would remove" : "removed"
        let lines =
            recovered
            + findings.map { finding in
                let kept = finding.recovery.map { " (kept in \($0))" } ?? ""
                return (finding.isPruned ? "\(verb) \(finding.worker)" : "kept \(finding.worker)") + ": \(finding.why)\(kept)"
            }
        return lines.isEmpty ? "there is nothing to prune" : lines.map(DisplayText.safe).joined(separator: "\n")
    }

    private func json(_ recovered: [String], _ findings: [Pruner.Finding]) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.pruned/1")
        object.set("generated_at", currentTime().description)
        object.set("dry_run", dryRun)
        object.set("recovered", .strings(recovered))
        for (name, isPruned) in [("pruned", true), ("kept", false)] {
            object.set(name, .array(findings.filter { $0.isPruned == isPruned }.map(\.json)))
        }
        return object.value
    }
}

extension Pruner.Finding {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.set("path", path)
        object.set("why", why)
        object.setOrNull("recovery", recovery.map { .string($0) })
        return object.value
    }
}
