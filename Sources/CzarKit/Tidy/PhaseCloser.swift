import CzarGit
import CzarPlanning

/// How a phase is closed.
package struct CloseoutOptions: Hashable, Sendable {
    /// Delete the branches of what is removed too.
    package var branches = false
    /// Close although a required merge is not proven, or a person is at work.
    package var force = false
    /// Say what would be done, and change nothing.
    package var dryRun = false

    package init() {}
}

/// What closing a phase did.
package struct ClosedPhase: Sendable {
    /// A worker that something was kept of, and why.
    package struct Kept: Hashable, Sendable {
        package let worker: WorkerID
        package let why: String
    }

    package let phase: PhaseID
    /// The archive's path from the repository's root.
    package let archive: String
    package let removed: [Removed]
    /// In a dry run the workers that would be removed.
    package let removable: [WorkerID]
    package let kept: [Kept]
    /// Logs that are too large for the archive.
    package let leftLogs: [String]
    /// The report as it stands in the archive.
    package let inputs: ReportInputs
}

/// Closes a phase: archives its report, plan, briefs, journal and logs, and removes what is proven to be integrated.
///
/// The order, and what running it again makes of a crash after each step:
/// 1. what forbids it is refused → nothing has changed;
/// 2. `CLOSEOUT_PLANNED` is recorded → it is done again;
/// 3. the archive is written → it is written again;
/// 4. worktrees are removed by ``WorkspaceRemover``, each whole or not → the rest is removed;
/// 5. `PHASE_CLOSED` is recorded, naming the entry of step 2 → the report is written again;
/// 6. the report, the journal and what was kept are written as things are now.
///
/// Of another phase that is open, nothing is read or touched.
package struct PhaseCloser: Sendable {
    private let coordinator: Coordinator
    private let phase: PhaseID
    private let options: CloseoutOptions
    private let zone: Zone
    private let step: @Sendable (CloseoutStep) -> Void

    package init(
        _ coordinator: Coordinator, phase: PhaseID?, options: CloseoutOptions, zone: Zone,
        step: @escaping @Sendable (CloseoutStep) -> Void = { _ in }
    ) {
        (self.coordinator, self.phase, self.options, self.zone) = (coordinator, phase ?? coordinator.phase, options, zone)
        self.step = step
    }

    private var ledger: Ledger { coordinator.ledger }

    /// Throws ``CloseoutError``; nothing has changed then.
    /// - Complexity: that of a report and of removing the worktrees.
    package func close() async throws -> ClosedPhase {
        let before = try await onOwnThread("closeout") { [self] in try survey() }
        let archive = PhaseArchive(coordinator.project, phase: phase, version: before.plan.project.version)
        let (removable, kept) = sort(before)
        if options.dryRun {
            let (free, held) = try await look(at: removable, before)
            return ClosedPhase(
                phase: phase, archive: archive.path, removed: [], removable: free, kept: kept + held, leftLogs: [],
                inputs: before.keeping(kept + held))
        }
        // Branches may go now: the journal alone will say where they were, also of one that was complete before a daemon saw it move.
        try await onOwnThread("tips") { [coordinator] in try coordinator.record(TipObserver(coordinator).observe()) }
        let planned = try ledger.record(.closeoutPlanned, worker: nil, phase: phase, [Field.path: archive.path])
        step(.planned)
        let left = try await onOwnThread("archive") { [self] in try write(archive, before) }
        step(.archived)
        let (removed, refused) = try await remove(removable, before)
        step(.removed)
        try recordEnd(archive, removed, kept + refused, from: planned.first?.sequence ?? 0)
        step(.recorded)
        let after = try await onOwnThread("closeout") { [self] in
            try ReportReader(coordinator, phase: phase).inputs(for: .closeout, zone: zone).keeping(kept + refused)
        }
        try archive.writeReports(after)
        try archive.writeKept(kept + refused)
        try archive.writeJournal(try ledger.journal.entries())
        return ClosedPhase(
            phase: phase, archive: archive.path, removed: removed, removable: removable.map(\.id), kept: kept + refused, leftLogs: left,
            inputs: after)
    }

    private func survey() throws -> ReportInputs {
        // What has not begun cannot end, though workers of it stand in a plan.
        guard try phase == coordinator.phase || ledger.refresh().plans[phase] != nil else {
            throw ReportError.nothingRecorded(phase: phase, at: nil)
        }
        let inputs = try ReportReader(coordinator, phase: phase).inputs(for: .closeout, zone: zone)
        let everyone = inputs.status.workers + inputs.metrics.former.map(\.status)
        let running = everyone.filter { $0.record.attempts.running != nil }.map(\.definition.id)
        guard running.isEmpty else { throw CloseoutError.running(phase: phase, workers: running, option: inputs.phaseOption) }
        let unproven = inputs.merges.filter { !$0.isProven }
        guard unproven.isEmpty || options.force || options.dryRun else {
            throw CloseoutError.unproven(phase: phase, merges: unproven, option: inputs.phaseOption)
        }
        let people = everyone.filter { $0.record.state == .active && $0.record.person }.map(\.definition.id)
        guard people.isEmpty || options.force || options.dryRun else {
            throw CloseoutError.occupied(phase: phase, workers: people, option: inputs.phaseOption)
        }
        return inputs
    }

    private func write(_ archive: PhaseArchive, _ inputs: ReportInputs) throws -> [String] {
        try archive.writeReports(inputs)
        // The files hold another plan once the phase is another one; what they made up then is in plan.json.
        let files = phase == coordinator.phase ? ["config.yaml", "config.yml", "config.json"] : []
        let entries = try ledger.journal.entries()
        try archive.writeJournal(entries)
        return try archive.writeSources(inputs.plan, entries: entries, planFiles: files)
    }

    /// What may go, and what stays for which reason. Workers of which nothing is there are in neither.
    private func sort(_ inputs: ReportInputs) -> (removable: [WorkerKey], kept: [ClosedPhase.Kept]) {
        var removable: [WorkerKey] = []
        var kept: [ClosedPhase.Kept] = []
        for worker in inputs.status.workers {
            let record = worker.record
            guard record.creation?.worktree != nil || (options.branches && record.creation != nil) else { continue }
            if let why = reasonToKeep(worker, inputs.status.target) {
                kept.append(ClosedPhase.Kept(worker: worker.definition.id, why: why))
            } else {
                removable.append(worker.definition.key)
            }
        }
        // Nothing is removed by itself that is no longer the plan's.
        return (removable, kept + inputs.keptFormer.map { ClosedPhase.Kept(worker: $0.worker, why: $0.why) })
    }

    private func reasonToKeep(_ worker: StatusReport.Worker, _ target: String) -> String? {
        let record = worker.record, figures = worker.figures
        guard record.state == .complete else { return "it is \(record.state)" }
        if !figures.stranded.isEmpty { return "\(Figures.plural(figures.stranded.count, "commit")) after what was completed" }
        if let tip = figures.tip, let completed = record.completedTip, tip != completed { return "its branch moved since it was completed" }
        if figures.integration.isIntegrated { return nil }
        return figures.integration == .reverted ? "its work was reverted on '\(target)'" : "its work is not proven to be on '\(target)'"
    }

    private func removal(_ inputs: ReportInputs) -> RemovalBatch {
        var options = RemovalOptions(branch: options.branches)
        options.target = inputs.status.target
        return RemovalBatch(coordinator, options: options)
    }

    /// What a removal would do with each: nothing is promised that it would refuse.
    private func look(
        at workers: [WorkerKey], _ inputs: ReportInputs
    ) async throws -> (free: [WorkerID], kept: [ClosedPhase.Kept]) {
        guard !workers.isEmpty else { return ([], []) }
        var free: [WorkerID] = []
        var kept: [ClosedPhase.Kept] = []
        for (worker, found) in zip(workers, try await removal(inputs).look(at: workers)) {
            switch found {
            case .success(let hazards) where hazards.isEmpty: free.append(worker.id)
            case .success(let hazards): kept.append(ClosedPhase.Kept(worker: worker.id, why: Self.why(hazards)))
            case .failure(let error as any Explained) where error.kind != .internal:
                kept.append(ClosedPhase.Kept(worker: worker.id, why: Self.why(error)))
            case .failure(let error): throw error
            }
        }
        return (free, kept)
    }

    private func remove(_ workers: [WorkerKey], _ inputs: ReportInputs) async throws -> (removed: [Removed], kept: [ClosedPhase.Kept]) {
        guard !workers.isEmpty else { return ([], []) }
        var removed: [Removed] = []
        var kept: [ClosedPhase.Kept] = []
        for result in try await removal(inputs).remove(workers) {
            switch result.outcome {
            case .success(let done): removed.append(done)
            case .failure(let error as any Explained) where error.kind != .internal:
                kept.append(ClosedPhase.Kept(worker: result.worker, why: Self.why(error)))
            case .failure(let error): throw error
            }
        }
        return (removed, kept)
    }

    private static func why(_ error: any Explained) -> String {
        guard case RemovalError.refused(_, let hazards, _) = error else { return "\(error)" }
        return why(hazards)
    }

    private static func why(_ hazards: [RemovalHazard]) -> String { hazards.map(\.description).joined(separator: "; ") }

    /// Names the first closeout that was planned since the phase was open last: one that was cut off belongs to this one, and one that was
    /// done before more had landed, so that one undo brings everything back.
    private func recordEnd(_ archive: PhaseArchive, _ removed: [Removed], _ kept: [ClosedPhase.Kept], from planned: Int64) throws {
        let entries = try ledger.journal.entries().filter { $0.event.phase == phase }
        let last = entries.last { $0.event.type == .undone && $0.event.fields[Field.what] == EventType.phaseClosed.rawValue }?.sequence ?? 0
        let first = entries.first { $0.event.type == .closeoutPlanned && $0.sequence > last }?.sequence ?? planned
        var fields = [Field.path: archive.path, Field.from: String(first)]
        if !removed.isEmpty { fields[Field.removed] = removed.map(\.worker.rawValue).sorted().joined(separator: ",") }
        if !kept.isEmpty { fields[Field.kept] = KeptWork.text(kept.map { ($0.worker, $0.why) }) }
        try ledger.record(.phaseClosed, worker: nil, phase: phase, fields)
    }
}

extension ReportInputs {
    fileprivate func keeping(_ kept: [ClosedPhase.Kept]) -> ReportInputs {
        var inputs = self
        for worker in kept { inputs.kept[worker.worker] = worker.why }
        return inputs
    }
}

/// A point between two steps: where tests end the process.
package enum CloseoutStep: String, CaseIterable, Sendable {
    case planned, archived, removed, recorded
}

/// Why a phase was not closed; nothing has changed.
package enum CloseoutError: Explained, Hashable {
    /// `option`: what commands have behind them where the plan is in another phase.
    case running(phase: PhaseID, workers: [WorkerID], option: String)
    /// People are at work there.
    case occupied(phase: PhaseID, workers: [WorkerID], option: String)
    case unproven(phase: PhaseID, merges: [MergeProof], option: String)

    package var description: String {
        switch self {
        case .running(let phase, let workers, _):
            "will not close phase \(phase): \(workers.map { "'\($0)'" }.joined(separator: ", ")) \(workers.count == 1 ? "runs" : "run")"
        case .occupied(let phase, let workers, _):
            "will not close phase \(phase): a person works on \(workers.map { "'\($0)'" }.joined(separator: ", ")); --force closes it all the same"
        case .unproven(let phase, let merges, _):
            (["will not close phase \(phase): required merges are not proven:"]
                + merges.map { "  '\($0.worker)' does not provably contain '\($0.source)'" }
                + ["Merge them; with --force the report says what is missing."]).joined(separator: "\n")
        }
    }

    package var kind: FailureKind { .refused }

    package var remedy: String? {
        switch self {
        case .running(_, let workers, let option): "czar stop \(workers.map(\.rawValue).joined(separator: " "))\(option)"
        case .occupied(_, let workers, let option): "czar complete \(workers[0])\(option)"
        case .unproven(_, _, let option): "czar closeout --force\(option)"
        }
    }
}
