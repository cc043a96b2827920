import CzarGit
import CzarPlanning

/// Finds the log of a worker's attempt, as the journal names it.
package struct WorkerLogs {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// Below `.czarina/logs`; `attempt`: nil for the latest. Where the journal knows of none, the name that it would have.
    package func name(of worker: WorkerKey, attempt: Int?) throws -> String {
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        let entries = try Journal.open(place, mode: .readOnly)?.entries(of: worker) ?? []
        var record = WorkerRecord(key: worker)
        var names: [Int: String] = [:]
        for entry in entries {
            record.apply(entry)
            if let log = record.attempts.log { names[record.attempts.logNumber] = log }
        }
        if let attempt { return names[attempt] ?? "\(worker.id).\(attempt).log" }
        return names[record.attempts.count] ?? "\(worker.id).log"
    }
}
