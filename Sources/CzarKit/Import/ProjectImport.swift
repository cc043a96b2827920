import CzarGit
import CzarPlanning

/// Takes the events and the claims of an old Czarina project into the journal: what it says happened, never what that proves.
///
/// No worker changes its state by it. An event that the journal has by an earlier import, with the same time, worker, type and fields, is
/// passed over, so an import can be run again, also after the old project went on.
package struct ProjectImport {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    private var project: ProjectLayout { coordinator.project }

    /// What was done.
    package struct Result: Sendable {
        /// How many events are new in the journal.
        package var imported = 0
        /// How many it had already.
        package var known = 0
        /// The workers that claim to be complete, in the order of the plan.
        package var claims: [WorkerID] = []
        /// The names of workers in it that the plan does not have: their events are the project's.
        package var unlisted: [String] = []
        /// What is no event: `logs/events.jsonl line 3: …`.
        package var refused: [String] = []
        /// The files that were read, relative to the folder.
        package var files: [String] = []
        /// Where the refused lines are kept; nil when there is none.
        package var keptAside: String?
    }

    /// Imports from a `.czarina` folder; nil means this project's own.
    package func run(from folder: String?) throws -> Result {
        try project.withLock("import") { try runLocked(folder ?? project.folder) }
    }

    private func runLocked(_ folder: String) throws -> Result {
        let old = try OldEvents(in: folder)
        var result = Result()
        result.files = old.files
        result.refused = old.bad.map(Self.sentence)
        let known = Set(try coordinator.ledger.journal.entries().map(\.event).filter { $0.actor == Self.actor }.map(Content.init))
        var events: [Event] = []
        var seen: Set<Content> = []
        for line in old.lines {
            guard let event = event(line, &result) else { continue }
            if seen.insert(Content(event)).inserted { events.append(event) }
        }
        events += try marks(folder, besides: events).filter { seen.insert(Content($0)).inserted }
        result.claims = claims(events)
        result.unlisted = Set(events.filter { $0.worker == nil }.compactMap { $0.fields[Self.source] }).sorted()
        let new = events.filter { !known.contains(Content($0)) }
        (result.imported, result.known) = (new.count, events.count - new.count)
        result.keptAside = try keepAside(result.refused, old.bad)
        // By time, as they would have been written; lines of one moment keep their order.
        let sorted = new.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
        if !sorted.isEmpty { try coordinator.ledger.change { _ in sorted } }
        return result
    }

    /// Who wrote what was imported, as entries show it.
    static let actor = "import"
    /// The field that names whom an event was about where the plan knows nobody of that name.
    private static let source = "source"

    /// What makes two events the same.
    private struct Content: Hashable {
        let time: Timestamp
        let worker: WorkerKey?
        let type: EventType
        let fields: [String: String]

        init(_ event: Event) { (time, worker, type, fields) = (event.time, event.key, event.type, event.fields) }
    }

    // MARK: - Lines

    private func event(_ line: CzarinaLine, _ result: inout Result) -> Event? {
        var fields = line.fields
        let worker = line.subject.flatMap { findWorker($0) }
        if worker == nil, let subject = line.subject { fields[Self.source] = subject }
        do throws(EventRefusal) {
            try EventAdmission.check(type: line.type.rawValue, fields: fields)
        } catch {
            result.refused.append("\(line.time) \(line.type): \(error)")
            return nil
        }
        // A clock that ran ahead there must not make this journal's future.
        return Event(
            time: min(line.time, currentTime()), phase: worker?.phase ?? coordinator.phase, worker: worker?.id, type: line.type,
            fields: fields, actor: Self.actor)
    }

    private func findWorker(_ name: String) -> WorkerDefinition? {
        coordinator.plan.definitions.first { $0.id.rawValue == name || $0.displayName == name }
    }

    // MARK: - Claims

    private func claims(_ events: [Event]) -> [WorkerID] {
        let claimed = Set(events.filter { $0.type == .workerComplete }.compactMap(\.worker))
        return coordinator.plan.ids.filter { claimed.contains($0) }
    }

    /// The claims that stand in no event: a worker's `.WORKER_COMPLETE`, or its log holding a whole event line that says so.
    private func marks(_ folder: String, besides events: [Event]) throws -> [Event] {
        var found: [Event] = []
        for worker in coordinator.plan.definitions {
            let names = [worker.id.rawValue, worker.displayName].compactMap { $0 }
            let mark = project.worktreePath(of: worker, under: nil) + "/.WORKER_COMPLETE"
            if folder == project.folder, FileKind(at: mark) == .file, let time = modificationTime(of: mark) {
                found.append(claim(worker, time, [Field.what: ".WORKER_COMPLETE"]))
            }
            for line in try lines(ofLog: "\(folder)/logs/\(worker.id).log") {
                guard line.type == .workerComplete, let subject = line.subject, names.contains(subject) else { continue }
                found.append(claim(worker, line.time, line.fields))
            }
        }
        return found
    }

    private func claim(_ worker: WorkerDefinition, _ time: Timestamp, _ fields: [String: String]) -> Event {
        Event(
            time: min(time, currentTime()), phase: worker.phase, worker: worker.id, type: .workerComplete, fields: fields,
            actor: Self.actor)
    }

    /// A log is output: what in it is no event is nothing to complain about. The log of an attempt that Czar ran is never read.
    private func lines(ofLog path: String) throws -> [CzarinaLine] {
        guard FileKind(at: path) == .file, let bytes = try fileContent(path) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let text = String(decoding: line, as: UTF8.self)
            guard text.contains(EventType.workerComplete.rawValue) else { return nil }
            do throws(EventLineProblem) { return try CzarinaLine(text) } catch { return nil }
        }
    }

    // MARK: - Bad lines

    private static func sentence(_ bad: OldEvents.BadLine) -> String { "\(bad.file) line \(bad.line): \(bad.reason)" }

    /// Writes the lines that are no events where a person can look at them.
    private func keepAside(_ refused: [String], _ bad: [OldEvents.BadLine]) throws -> String? {
        guard !refused.isEmpty else { return nil }
        let texts = Dictionary(bad.map { (Self.sentence($0), $0.text) }, uniquingKeysWith: { first, _ in first })
        let lines = refused.map { sentence in sentence + (texts[sentence].map { ": " + JSONText.quoted($0) } ?? "") + "\n" }
        let logs = try Folder(opening: project.folder).subfolder("logs", creating: project.location.ownFiles.folder)
        try logs.write(lines.joined().utf8, to: "import.bad", mode: .asParent, durable: false)
        return project.logsFolder + "/import.bad"
    }
}
