/// What closing a phase kept of workers, and why, as text: a line a worker.
package enum KeptWork {
    /// `two: 1 ignored entry that the main worktree has no copy of: x.o`.
    package static func text(_ kept: [(worker: WorkerID, why: String)]) -> String {
        kept.map { "\($0.worker): \($0.why.withoutControls)" }.joined(separator: "\n")
    }

    /// What ``text(_:)`` wrote; lines that are none are left out.
    package static func parse(_ text: String) -> [WorkerID: String] {
        var kept: [WorkerID: String] = [:]
        for line in text.split(separator: "\n") {
            guard let end = line.firstRange(of: ": "), let worker = WorkerID(rawValue: String(line[..<end.lowerBound])) else { continue }
            kept[worker] = String(line[end.upperBound...])
        }
        return kept
    }
}
