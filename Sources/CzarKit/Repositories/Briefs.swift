import CzarGit
import CzarPlanning

/// The briefs of the workers: `.czarina/workers/<id>.md`, or the text that the plan itself holds.
package struct Briefs: Sendable {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// The brief's text; empty when a worker has none.
    package func text(of worker: WorkerDefinition) throws -> String {
        try found(worker).map { String(decoding: $0.bytes, as: UTF8.self) } ?? worker.brief ?? ""
    }

    /// The brief's file, absolute; nil when there is none.
    func file(of worker: WorkerDefinition) throws -> String? { try found(worker).map { project.folder + "/" + $0.name } }

    private func found(_ worker: WorkerDefinition) throws -> (name: String, bytes: [UInt8])? {
        // An old plan's id stays the name of its brief.
        for name in [worker.id.rawValue, worker.displayName].compactMap({ $0 }) where !name.contains("/") {
            if let bytes = try project.planFile("workers/\(name).md") { return ("workers/\(name).md", bytes) }
        }
        return nil
    }

    /// The tasks of a worker: its brief's checklist, else what an old plan lists.
    package func tasks(of worker: WorkerDefinition) throws -> [StatusReport.Task] {
        let checklist = Brief.checklist(in: try text(of: worker))
        if checklist.isEmpty { return worker.tasks.map { StatusReport.Task(text: $0, done: false) } }
        return checklist.map { StatusReport.Task(text: $0.text, done: $0.done) }
    }
}
