import CzarGit
import CzarPlanning

/// The briefs of the workers: `.czarina/workers/<id>.md`, or the text that the plan itself holds.
package struct Briefs: Sendable {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// The brief's text; empty when a worker has none.
    package func text(of worker: WorkerDefinition) throws -> String {
        // An old plan's id stays the name of its brief.
        for name in [worker.id.rawValue, worker.displayName].compactMap({ $0 }) where !name.contains("/") {
            if let bytes = try project.planFile("workers/\(name).md") { return String(decoding: bytes, as: UTF8.self) }
        }
        return worker.brief ?? ""
    }

    /// Whether ``ProjectLayout/briefPath(of:)`` leads to one.
    func hasFile(of worker: WorkerID) throws -> Bool { try project.planFile("workers/\(worker).md") != nil }

    /// The tasks of a worker: its brief's checklist, else what an old plan lists.
    package func tasks(of worker: WorkerDefinition) throws -> [StatusReport.Task] {
        let checklist = Brief.checklist(in: try text(of: worker))
        if checklist.isEmpty { return worker.tasks.map { StatusReport.Task(text: $0, done: false) } }
        return checklist.map { StatusReport.Task(text: $0.text, done: $0.done) }
    }
}
