/// What the journal tells about one phase over time, up to a moment: a pure function of the entries.
package struct Chronicle: Hashable, Sendable {
    /// A stretch of time in one state.
    package struct Span: Hashable, Sendable {
        package let state: WorkerState
        package let from: Timestamp
        package var to: Timestamp

        package var milliseconds: Int64 { max(0, to.milliseconds - from.milliseconds) }
    }

    /// A worker's figures when its tip moved.
    package struct Sample: Hashable, Sendable {
        package let worker: WorkerID
        package let time: Timestamp
        package let tip: CommitID
        package let ownCommits: Int?
        package let inserted: Int?
        package let deleted: Int?
        package let testsAdded: Int?
    }

    /// The phase's tokens after an entry that reported some.
    package struct TokenPoint: Hashable, Sendable {
        package let time: Timestamp
        package let total: Int64
    }

    /// How a worker became active for the first time.
    package struct Start: Hashable, Sendable {
        /// Who it depended on then, by the plan that was accepted.
        package let dependencies: [WorkerID]
        /// Whether some of them had not been complete by then.
        package let isEarly: Bool
    }

    package let phase: PhaseID
    package let until: Timestamp
    /// The state after the last entry at or before ``until``.
    package let state: ProjectState
    /// When the phase's plan was first accepted; else its first entry. Nil when the journal says nothing about it.
    package let began: Timestamp?
    /// Each worker's states in their order, without gaps; the last one ends at ``end``.
    package let spans: [WorkerID: [Span]]
    package let starts: [WorkerID: Start]
    /// In the order of the journal.
    package let samples: [Sample]
    package let tokens: [TokenPoint]
    /// The tips at which each worker was proven complete, also those of completions that were reopened; in the order of the journal.
    package let completedTips: [WorkerID: [CommitID]]
    /// When the phase was closed; nil while it is open. Closing it once more, because more had landed, does not change when it was.
    package let closed: Timestamp?
    /// Why closing it kept something of workers, as it was found then.
    package let kept: [WorkerID: String]
    /// Where the time of the phase ends: at ``until``; of a closed one when it was closed, or with the last work that went on after that.
    package let end: Timestamp

    /// - Complexity: O(entries), and the reading of each plan that was accepted.
    package init(_ entries: [JournalEntry], phase: PhaseID, until: Timestamp) {
        var fold = Fold(phase: phase)
        let end = entries.lastIndex { $0.event.time <= until }.map { $0 + 1 } ?? 0
        for entry in entries[..<end] { fold.take(entry) }
        (self.phase, self.until, state) = (phase, until, fold.state)
        (began, samples, tokens) = (fold.began, fold.samples, fold.tokens)
        (closed, completedTips, starts, kept) = (fold.closed, fold.completedTips, fold.starts, fold.kept)
        let close = fold.closed.map { max($0, fold.lastWork ?? $0) } ?? until
        self.end = close
        spans = fold.spans.mapValues { spans in
            var spans = spans
            if let last = spans.indices.last { spans[last].to = max(spans[last].from, close) }
            return spans
        }
    }

    /// Milliseconds that a worker spent in any of the states.
    package func milliseconds(of worker: WorkerID, in states: Set<WorkerState>) -> Int64 {
        (spans[worker] ?? []).reduce(0) { $0 + (states.contains($1.state) ? $1.milliseconds : 0) }
    }

    /// The last time at which a worker came into a state.
    package func lastEntry(of worker: WorkerID, into state: WorkerState) -> Timestamp? {
        spans[worker]?.last { $0.state == state }?.from
    }

    /// The first time at which a worker came into a state.
    package func firstEntry(of worker: WorkerID, into state: WorkerState) -> Timestamp? {
        spans[worker]?.first { $0.state == state }?.from
    }
}

private struct Fold {
    let phase: PhaseID
    var state = ProjectState()
    var began: Timestamp?
    var closed: Timestamp?
    var spans: [WorkerID: [Chronicle.Span]] = [:]
    var kept: [WorkerID: String] = [:]
    var starts: [WorkerID: Chronicle.Start] = [:]
    var samples: [Chronicle.Sample] = []
    var tokens: [Chronicle.TokenPoint] = []
    var completedTips: [WorkerID: [CommitID]] = [:]
    /// When a worker changed its state, or its branch, last.
    var lastWork: Timestamp?
    private var total: Int64 = 0
    /// The one accepted last.
    private var plan: Plan?

    init(phase: PhaseID) { self.phase = phase }

    mutating func take(_ entry: JournalEntry) {
        let event = entry.event
        guard event.phase == phase else {
            // Workers of this phase may stand in another one's plan.
            if event.type == .planAccepted, let plan = event.fields[Field.plan].flatMap({ Plan(normalised: $0) }),
                plan.definitions.contains(where: { $0.phase == phase })
            {
                self.plan = plan
            }
            return state.apply(entry)
        }
        let before = event.key.map { state[$0] }
        state.apply(entry)
        guard let key = event.key, let before else { return takeProject(event) }
        let after = state[key]
        if began == nil { began = event.time }
        if spans[key.id] == nil { begin(key.id, at: began ?? event.time) }
        if before.state != after.state {
            if after.state == .active, starts[key.id] == nil { starts[key.id] = start(of: key.id) }
            change(key.id, to: after.state, at: event.time)
            lastWork = event.time
        }
        if let tip = after.completedTip, tip != before.completedTip { completedTips[key.id, default: []].append(tip) }
        if let used = after.tokens.used, used != before.tokens.used {
            total += used - (before.tokens.used ?? 0)
            tokens.append(Chronicle.TokenPoint(time: event.time, total: total))
        }
        if event.type == .tipMoved, let tip = event.fields[Field.to] {
            samples.append(sample(key.id, tip, event))
            lastWork = event.time
        }
    }

    private mutating func takeProject(_ event: Event) {
        switch event.type {
        case .planAccepted:
            if began == nil { began = event.time }
            guard let text = event.fields[Field.plan], let plan = Plan(normalised: text) else { return }
            self.plan = plan
            for worker in plan.definitions where worker.phase == phase && spans[worker.id] == nil { begin(worker.id, at: event.time) }
        case .phaseClosed:
            closed = closed ?? event.time
            kept = KeptWork.parse(event.fields[Field.kept] ?? "")
        case .undone where event.fields[Field.what] == EventType.phaseClosed.rawValue: (closed, kept) = (nil, [:])
        default: break
        }
    }

    private func start(of worker: WorkerID) -> Chronicle.Start {
        // Who is not the plan's gates no one.
        let definition = plan?[worker].flatMap { $0.phase == phase ? $0 : nil }
        let awaited = (definition?.dependencies ?? []).compactMap { plan?[$0]?.key }
        let isEarly = awaited.contains { other in
            state[other].state != .complete && (spans[other.id] ?? []).allSatisfy { $0.state != .complete }
        }
        return Chronicle.Start(dependencies: awaited.map(\.id), isEarly: isEarly)
    }

    private mutating func begin(_ worker: WorkerID, at time: Timestamp) {
        spans[worker] = [Chronicle.Span(state: .pending, from: time, to: time)]
    }

    private mutating func change(_ worker: WorkerID, to next: WorkerState, at time: Timestamp) {
        guard var list = spans[worker], let last = list.indices.last else { return }
        // A clock that was set back makes no stretch of negative length.
        let time = max(time, list[last].from)
        list[last].to = time
        list.append(Chronicle.Span(state: next, from: time, to: time))
        spans[worker] = list
    }

    private func sample(_ worker: WorkerID, _ tip: String, _ event: Event) -> Chronicle.Sample {
        func number(_ name: String) -> Int? { event.fields[name].flatMap { Int($0) } }
        return Chronicle.Sample(
            worker: worker, time: event.time, tip: CommitID(rawValue: tip), ownCommits: number(Field.ownCommits),
            inserted: number(Field.inserted), deleted: number(Field.deleted), testsAdded: number(Field.testsAdded))
    }
}

extension Plan {
    /// Reads what ``normalised`` wrote; nil for anything that is no plan.
    package init?(normalised text: String) {
        let file = PlanFile(name: "accepted.json", bytes: Array(text.utf8))
        guard let plan = PlanReader(repository: "project").read(file).plan else { return nil }
        self = plan
    }
}
