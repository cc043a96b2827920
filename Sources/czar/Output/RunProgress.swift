import CzarKit
import CzarPlanning

/// What `czar run` says while it runs: a line for each thing that happened.
struct RunProgress: Sendable {
    private let style: Style
    private let quiet: Bool
    private let asJSON: Bool

    init(style: Style, quiet: Bool, asJSON: Bool) { (self.style, self.quiet, self.asJSON) = (style, quiet, asJSON) }

    func show(_ entries: [JournalEntry]) {
        for entry in entries {
            if asJSON {
                Console.answer(EventLine(entry).json)
            } else if let line = line(entry) {
                Console.answer(line)
            }
        }
    }

    private func line(_ entry: JournalEntry) -> String? {
        let event = entry.event
        guard let worker = event.worker, let text = text(event) else { return nil }
        if quiet && event.type != .stateChanged { return nil }
        let clock = style.paint(String(event.time.description.dropFirst(11).prefix(8)), .faint)
        return "\(clock) \(style.paint(worker.rawValue, .bold)) \(text)"
    }

    private func text(_ event: Event) -> String? {
        let fields = event.fields
        switch event.type {
        case .stateChanged:
            guard let to = fields[Field.to].flatMap(WorkerState.init), to != .starting else { return nil }
            let reason = fields[Field.reason].map { ": \(DisplayText.safe($0))" } ?? ""
            return style.paint("\(to)", tone(to)) + reason
        case .tipMoved: return "commit \(String(fields[Field.to]?.prefix(10) ?? "")) \(DisplayText.safe(fields[Field.subject] ?? ""))"
        case .branchCreated:
            return "branch \(DisplayText.safe(fields[Field.branch] ?? "")) from \(DisplayText.safe(fields[Field.base] ?? ""))"
        case .branchAdopted: return "branch \(DisplayText.safe(fields[Field.branch] ?? "")) adopted"
        case .processEnded: return style.paint("command \(Attempts.Outcome(fields: fields))", .faint)
        case .stuck: return style.paint("stuck", .red) + " since \(fields["since"] ?? "")"
        case .budgetReached: return style.paint("budget", .yellow) + " \(DisplayText.safe(fields[Field.reason] ?? ""))"
        case let type where !EventType.reserved.contains(type):
            let detail = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(DisplayText.safe($0.value))" }.joined(separator: " ")
            return "\(type)" + (detail.isEmpty ? "" : " " + style.paint(detail, .faint))
        default: return nil
        }
    }

    private func tone(_ state: WorkerState) -> Style.Tone {
        switch state {
        case .complete: .green
        case .failed: .red
        case .blocked, .paused: .yellow
        case .active: .blue
        case .pending, .ready, .starting: .plain
        }
    }
}
