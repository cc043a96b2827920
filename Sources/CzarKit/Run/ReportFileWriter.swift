import CzarGit
import CzarPlanning

/// Writes `standup` and `weekly` at the times that the plan names, into `.czarina/logs/reports/`: `standup-2026-01-05.md`, `weekly-2026-01-05.md`
/// and `.html`.
///
/// A time that passed while nothing ran is made up for by the next `czar run`, unless it passed before the phase began. What is there is never
/// written again.
package struct ReportFileWriter: Sendable {
    private let coordinator: Coordinator
    private let zone: Zone
    /// The reports that are there, or are not to be written.
    private var settled: Set<String> = []

    package init(_ coordinator: Coordinator, zone: Zone) { (self.coordinator, self.zone) = (coordinator, zone) }

    /// Writes what is due.
    /// - Returns: when to look again; nil when the plan names no times.
    /// - Complexity: that of a report for each that is written, else O(1).
    package mutating func writeDue(at now: Timestamp = currentTime()) throws -> Timestamp? {
        let times = coordinator.plan.reports
        for kind in times.kinds {
            guard let due = times.last(kind, at: now, zone) else { continue }
            let name = "\(kind.rawValue)-\(zone.day(due))"
            guard settled.insert(name).inserted else { continue }
            try write(kind, name, due: due)
        }
        return times.next(after: now, zone)
    }

    private func write(_ kind: ReportKind, _ name: String, due: Timestamp) throws {
        let project = coordinator.project
        let inside = String(project.logsFolder.dropFirst(project.root.count).drop { $0 == "/" })
        let folder = try Folder(opening: project.root).subfolder(inside + "/reports", creating: project.location.ownFiles.folder)
        guard folder.kind(of: name + ".md") == nil else { return }
        let inputs = try ReportReader(coordinator).inputs(for: kind, zone: zone)
        guard let began = inputs.chronicle.began, began <= due else { return }
        let document = inputs.document(kind)
        if kind == .weekly { try folder.write(document.html.utf8, to: name + ".html", mode: .asParent, durable: false) }
        // Last, because it says that the report is there.
        try folder.write(document.markdown.utf8, to: name + ".md", mode: .asParent, durable: false)
    }
}
