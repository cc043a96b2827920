import CzarGit
import CzarPlanning

/// The plans that the journal holds, for when the plan's files say less than they did: they are broken or gone, or a worker has left them.
struct AcceptedPlans {
    /// The entries that accepted them, oldest first.
    private let entries: [JournalEntry]
    /// Workers whose addition was undone since the newest was accepted.
    private let withdrawn: Set<WorkerKey>

    init(_ all: [JournalEntry]) {
        entries = all.filter { $0.event.type == .planAccepted }
        var withdrawn: Set<WorkerKey> = []
        for entry in all where entry.sequence > entries.last?.sequence ?? .max {
            guard let key = entry.event.key else { continue }
            switch entry.event.type {
            case .workerAdded: withdrawn.remove(key)
            case .workerWithdrawn: withdrawn.insert(key)
            case .undone where entry.event.fields[Field.what] == EventType.workerAdded.rawValue: withdrawn.insert(key)
            case .undone where entry.event.fields[Field.what] == EventType.workerWithdrawn.rawValue: withdrawn.remove(key)
            default: break
            }
        }
        self.withdrawn = withdrawn
    }

    /// Nil where there is no journal, and where none was accepted.
    init?(of project: ProjectLayout) throws {
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        guard let journal = try Journal.open(place, mode: .readOnly) else { return nil }
        self.init(try journal.entries())
    }

    /// The one accepted last, with the base that it resolved to, and without workers that were taken back since; nil when nobody is left.
    var newest: (plan: Plan, base: String)? { newest(withWithdrawn: false) }

    /// `withWithdrawn`: those that were taken back are in it, for who brings them back.
    func newest(withWithdrawn: Bool) -> (plan: Plan, base: String)? {
        guard let fields = entries.last?.event.fields, let text = fields[Field.plan], let base = fields[Field.base],
            var plan = Plan(normalised: text)
        else { return nil }
        if !withWithdrawn { for key in withdrawn where plan[key.id]?.key == key { plan.remove(key.id) } }
        return plan.ids.isEmpty ? nil : (plan, base)
    }

    /// The newest that fulfils a condition.
    /// - Complexity: O(accepted plans), as far back as that one.
    func newest(where isMeant: (Plan) -> Bool) -> Plan? {
        entries.reversed().lazy.compactMap { $0.event.fields[Field.plan].flatMap { Plan(normalised: $0) } }.first(where: isMeant)
    }

    /// The workers that are no longer `plan`'s (``ProjectState/outside(_:)``), that something was made or run for, and whose name is not
    /// another worker's now, each as it was accepted last.
    /// - Complexity: O(accepted plans) where there are such workers, O(recorded workers) where there are none.
    func former(_ plan: Plan, _ state: ProjectState) -> [WorkerDefinition] {
        definitions(
            of: state.outside(plan).filter { record in
                plan[record.key.id] == nil && (record.creation != nil || record.attempts.count > 0)
            }.map(\.key)
        ).sorted { $0.id < $1.id }
    }

    /// Workers as they were accepted last.
    /// - Complexity: O(accepted plans), as far back as the oldest of them.
    func definitions(of workers: [WorkerKey]) -> [WorkerDefinition] {
        var missing = workers
        var found: [WorkerDefinition] = []
        // A worker of another phase may have stood in any plan.
        for entry in entries.reversed() {
            guard !missing.isEmpty else { break }
            guard let earlier = entry.event.fields[Field.plan].flatMap({ Plan(normalised: $0) }) else { continue }
            found += missing.compactMap { key in earlier[key.id].flatMap { $0.key == key ? $0 : nil } }
            missing.removeAll { earlier[$0.id]?.key == $0 }
        }
        return found
    }
}

extension PlanSource {
    /// The plan that the files make up; where they make none, the one accepted last, and why: workers that run are looked at and ended all the
    /// same.
    /// `withWithdrawn`: where the files make none, also workers that were taken out of it.
    /// - Throws: what is wrong with the files where nothing was accepted.
    package func readOrAccepted(withWithdrawn: Bool = false) throws -> (reading: Reading, problem: (any Error)?) {
        do { return (try read(), nil) } catch {
            guard error is any Explained, let accepted = try AcceptedPlans(of: project)?.newest(withWithdrawn: withWithdrawn) else {
                throw error
            }
            let reading = Reading(
                plan: accepted.plan, graph: PlanGraph(accepted.plan), warnings: [], files: [], fingerprint: try fingerprint())
            return (reading, error)
        }
    }
}
