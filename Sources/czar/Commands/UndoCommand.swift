import ArgumentParser
import CzarKit
import CzarPlanning

struct UndoCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Takes back the last thing an operator did, or one entry of the journal.",
        discussion: """
            Additions and creations where nothing was done since, removals with the work that was in the worktree, commits (files stay), changes of \
            state, closing a phase. The journal keeps both: the entry and its undoing.
            """)

    @Argument(help: ArgumentHelp("The number of the entry, as 'czar events' shows it.", valueName: "seq"), completion: .entries)
    var sequence: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let number = try sequence.map(number)
        if let acting = ActingWorker.current {
            throw Failure(
                message: "undo is for operators, and this is worker '\(acting)'", hint: "git revert HEAD",
                code: FailureKind.refused.exitCode)
        }
        let coordinator = try common.coordinatorOfAnyPlan(withWithdrawn: true)
        let finished = try InterruptedTidying(coordinator).outcomes(withdrawing: true)
        for outcome in finished { common.note(outcome.sentence) }
        let undone = try await onOwnThread("undo") { try Undoer(coordinator).undo(number, finished: finished) }
        keepHolds(in: coordinator.project)
        var object = JSONObject()
        object.set("schema", "czar.undone/1")
        object.set("generated_at", currentTime().description)
        object.set("sequence", .integer(undone.sequence))
        object.set("worker", undone.worker?.rawValue)
        object.set("what", undone.what.rawValue)
        object.set("message", undone.sentence)
        object.set("more", .integer(undone.more))
        let text = "undid \(undone.what) #\(undone.sequence): \(DisplayText.safe(undone.sentence))"
        let more = undone.more == 0 ? "" : "\n\(undone.more) more \(undone.what) before it; the next one: czar undo"
        try common.answer(object.value, text: text + more)
    }

    /// What followed from it is taken back by the rules that it followed from: by the plan as it is now, and from a folder that is still there.
    private func keepHolds(in project: ProjectLayout) {
        do {
            try common.keepHolds(Coordinator(around: project.root, actor: "cli", evenWithBrokenPlan: true))
        } catch {
            common.note("czar: note: it is undone, but what follows from that is not known yet: \(DisplayText.safe("\(error)"))")
        }
    }

    private func number(_ text: String) throws -> Int64 {
        guard let number = Int64(text.hasPrefix("#") ? text.dropFirst() : text[...]), number > 0 else {
            throw Failure(message: "'\(text)' is no entry number", hint: "czar events", code: 64)
        }
        return number
    }
}
