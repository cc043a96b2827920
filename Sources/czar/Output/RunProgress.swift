import CzarKit
import CzarPlanning

/// What `czar run` says while it runs: a line for each thing that happened.
struct RunProgress: Sendable {
    private let style: Style
    private let quiet: Bool
    private let asJSON: Bool
    /// Columns of the longest id, within reason, so that what happened stands below each other.
    private let nameWidth: Int

    init(style: Style, workers: [WorkerID], quiet: Bool, asJSON: Bool) {
        (self.style, self.quiet, self.asJSON) = (style, quiet, asJSON)
        nameWidth = min(32, workers.map { DisplayText.width($0.rawValue) }.max() ?? 0)
    }

    func show(_ entries: [JournalEntry]) {
        for entry in entries {
            if asJSON {
                Console.answer(EventLine(entry).json)
            } else if let line = line(entry) {
                Console.answer(line)
            }
        }
    }

    /// What waits for a person although nothing happened; everything else has its line already.
    func show(_ notices: [Notice]) {
        guard !quiet, !asJSON else { return }
        for notice in notices where notice.occasion == .approval {
            Console.answer("\(style.paint(notice.worker.rawValue, .bold)) waits for approval: \(style.paint(notice.text, .cyan))")
        }
    }

    private func line(_ entry: JournalEntry) -> String? {
        let event = entry.event
        guard let worker = event.worker, let text = text(event) else { return nil }
        if quiet && event.type != .stateChanged { return nil }
        let clock = style.paint(LocalTime.clock(event.time), .faint)
        // The id of a pipe's line is whole: it is read by a program.
        let limit = style.width == nil ? Int.max : max(nameWidth, 16)
        let name = DisplayText.cutInside(worker.rawValue, to: limit, ellipsis: style.symbol("…", ascii: "~"))
        let padding = String(repeating: " ", count: max(0, nameWidth - DisplayText.width(name)))
        return "\(clock)  \(style.paint(name, .bold))\(padding)  \(text)"
    }

    private func text(_ event: Event) -> String? {
        let fields = event.fields
        switch event.type {
        case .stateChanged where fields[Field.to] == WorkerState.active.rawValue && fields[Field.person] == "true":
            let id = event.worker.map(\.rawValue) ?? ""
            return "waits for a person: 'czar shell \(id)', then 'czar complete \(id)'"
        case .stateChanged: return state(fields).map { LocalTime.sentence($0, now: event.time) }
        case .tipMoved:
            let commit = "\(String(fields[Field.to]?.prefix(10) ?? "")) \(DisplayText.safe(fields[Field.subject] ?? ""))"
            guard let dropped = fields[Field.dropped].flatMap({ Int($0) }) else { return "commit \(commit)" }
            return "branch moved to \(commit), without \(Figures.plural(dropped, "commit")) that it had"
        case .branchCreated:
            return "branch \(DisplayText.safe(fields[Field.branch] ?? "")) from \(DisplayText.safe(fields[Field.base] ?? ""))"
        case .branchAdopted: return "branch \(DisplayText.safe(fields[Field.branch] ?? "")) adopted"
        case .processEnded:
            // The state that follows from a plain end is the next line.
            let outcome = Attempts.Outcome(fields: fields)
            return outcome == .exited(0) ? nil : style.paint("command \(outcome)", .faint)
        case .stuck: return LocalTime.sentence(style.paint("stuck", .red) + " since \(fields["since"] ?? "")", now: event.time)
        case .problem: return style.paint("problem", .red) + " \(DisplayText.safe(fields[Field.reason] ?? ""))"
        case .budgetReached: return style.paint("budget", .yellow) + " \(DisplayText.safe(fields[Field.reason] ?? ""))"
        case let type where !EventType.reserved.contains(type): return report(type, fields)
        default: return nil
        }
    }

    /// `ready` and `starting` last for a moment and are left out.
    private func state(_ fields: [String: String]) -> String? {
        guard let to = fields[Field.to].flatMap(WorkerState.init), to != .starting, to != .ready else { return nil }
        if to == .pending, fields[Field.reason] == nil { return nil }
        var reason = fields[Field.reason].map { ": \(DisplayText.safe($0))" } ?? ""
        // Why the last attempt failed was said when it did.
        if fields[Field.automatic] != nil { reason = reason.split(separator: ":").first.map { ":" + $0 } ?? "" }
        return StateMark(to).text(style) + reason
    }

    /// What a worker reports: its type, what it is about, the rest.
    private func report(_ type: EventType, _ fields: [String: String]) -> String {
        let key = [Field.task, Field.name, Field.reason, Field.message].first { fields[$0] != nil }
        let subject = key.flatMap { fields[$0] }
        let rest = fields.filter { $0.key != key }
        let detail = rest.sorted { $0.key < $1.key }.map { "\($0.key)=\(DisplayText.safe($0.value))" }.joined(separator: " ")
        return ([style.paint(type.rawValue, .cyan)] + [subject.map(DisplayText.safe), style.paint(detail, .faint)].compactMap { $0 })
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}
