import CzarPlanning

/// The rows that a status table shows of many workers: those that a person may have to do with, the rest as a line.
struct FoldedRows {
    /// In the order that they came in.
    let shown: [StatusReport.Worker]
    /// What is left out; nil when nothing is.
    let rest: String?

    static let most = 30

    init(_ workers: [StatusReport.Worker], most: Int = FoldedRows.most) {
        guard workers.count > most else {
            (shown, rest) = (workers, nil)
            return
        }
        let kept = Set(workers.stablySorted { StatusOrder.rank($0.record.state) }.prefix(most).map(\.definition.id))
        shown = workers.filter { kept.contains($0.definition.id) }
        let left = workers.filter { !kept.contains($0.definition.id) }
        let states = WorkerState.allCases.compactMap { state -> String? in
            let count = left.count { $0.record.state == state }
            return count > 0 ? "\(count) \(state)" : nil
        }
        rest = "and \(left.count) more: " + states.joined(separator: ", ") + "; czar status --all shows them"
    }
}
