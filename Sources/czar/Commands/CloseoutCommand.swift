import ArgumentParser
import CzarKit
import CzarPlanning
import Glibc

struct CloseoutCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "closeout", abstract: "Closes a phase: report, archive, and removal of what is proven integrated.",
        discussion: """
            The archive is .czarina/phases/phase-<N>-v<version>/. What is not proven to be on the target stays, and is named. Run it again \
            after an interruption, or when more has landed; 'czar undo' brings back what it removed.
            """)

    @Option(help: ArgumentHelp("Another phase than the plan's.", valueName: "phase"))
    var phase: String?

    @Flag(name: [.customLong("branches"), .customLong("branch")], help: "Delete the branches of what is removed too.")
    var branches = false

    @Flag(help: "Close although a required merge is not proven, or a person is at work.")
    var force = false

    @Flag(help: "Say what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try ActingWorker.leaveToOperators("use 'czar closeout'")
        // Closing ends a phase for good, and its plan's files go into the archive: only a look at it makes do with another plan.
        let coordinator = try dryRun ? common.coordinatorOfAnyPlan() : Coordinator(around: common.path, actor: "cli")
        if !dryRun { for sentence in try InterruptedTidying(coordinator).finish() { common.note(sentence) } }
        var options = CloseoutOptions()
        (options.branches, options.force, options.dryRun) = (branches, force, dryRun)
        let wanted = phase.map { PhaseID(rawValue: $0) }
        if !dryRun { try await confirm(coordinator, wanted, options) }
        let closed = try await PhaseCloser(coordinator, phase: wanted, options: options, zone: .local).close()
        try common.answer(json(closed), text: text(closed))
        guard closed.inputs.isDone else {
            throw ShownFailure(
                failure: Failure(
                    message: "not everything of phase \(closed.phase) is done", hint: "czar report closeout" + closed.inputs.phaseOption,
                    code: FailureKind.negative.exitCode))
        }
    }

    /// Asks a person at a terminal when something remains; anywhere else nothing is asked.
    private func confirm(_ coordinator: Coordinator, _ phase: PhaseID?, _ options: CloseoutOptions) async throws {
        guard !common.yes, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return }
        var look = options
        look.dryRun = true
        let found = try await PhaseCloser(coordinator, phase: phase, options: look, zone: .local).close()
        guard !found.inputs.isDone else { return }
        Console.note(found.inputs.remainingSentences.map(DisplayText.safe).joined(separator: "\n"))
        guard Question.ask("Close phase \(found.phase) all the same?") else {
            throw Failure(
                message: "phase \(found.phase) was not closed", hint: "czar closeout --yes" + found.inputs.phaseOption,
                code: FailureKind.negative.exitCode)
        }
    }

    private func text(_ closed: ClosedPhase) -> String {
        var lines: [String] = []
        if dryRun {
            lines += closed.removable.map { "would remove \($0): complete, and its work is on \(closed.inputs.status.target)" }
            lines.append("would write the archive \(closed.archive)")
            let people = closed.inputs.status.workers.filter { $0.record.state == .active && $0.record.person }.map(\.definition.id)
            if !force, !people.isEmpty {
                lines.append("would be refused without --force: a person works on \(people.map(\.rawValue).joined(separator: ", "))")
            }
            if !force, closed.inputs.merges.contains(where: { !$0.isProven }) {
                lines.append("would be refused without --force: a required merge is not proven")
            }
        } else {
            lines += closed.removed.map(\.sentence)
        }
        lines += closed.kept.map { "kept \($0.worker): \(DisplayText.safe($0.why))" }
        lines += closed.leftLogs.map { "left .czarina/logs/\(DisplayText.safe($0)): it is too large for the archive" }
        if !dryRun {
            lines.append("phase \(closed.phase) is closed; its archive is \(DisplayText.safe(closed.archive)) (closeout.md, closeout.html)")
        }
        let remaining = closed.inputs.remainingSentences
        if !remaining.isEmpty { lines += ["", "What remains"] + remaining.map { "  " + DisplayText.safe($0) } }
        return lines.joined(separator: "\n")
    }

    private func json(_ closed: ClosedPhase) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.closeout/1")
        object.set("generated_at", currentTime().description)
        object.set("dry_run", dryRun)
        object.set("phase", closed.phase.rawValue)
        object.set("archive", closed.archive)
        object.set("done", closed.inputs.isDone)
        object.set("removed", .array(closed.removed.map(\.json)))
        object.set("removable", .strings(closed.removable.map(\.rawValue)))
        object.set(
            "kept",
            .array(
                closed.kept.map { kept in
                    var item = JSONObject()
                    item.set("worker", kept.worker.rawValue)
                    item.set("why", kept.why)
                    return item.value
                }))
        object.set("left_logs", .strings(closed.leftLogs))
        object.set("report", closed.inputs.json(.closeout))
        return object.value
    }
}
