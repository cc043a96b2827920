import CzarPlanning

/// Takes several workers that `czar add` defined out of the plan, those first on whom no other depends: each that goes may free the next.
package struct WithdrawalBatch {
    private let coordinator: Coordinator
    private let actor: String

    /// `actor`: who writes, as entries show it.
    package init(_ coordinator: Coordinator, actor: String) { (self.coordinator, self.actor) = (coordinator, actor) }

    /// What became of the workers. One that the plan's main file has, or that is not in the plan, is in neither.
    package struct Outcome {
        /// What was done, in a sentence.
        package var withdrawn: [WorkerID: String] = [:]
        package var refused: [WorkerID: WithdrawalRefusal] = [:]

        package init() {}
    }

    /// - Complexity: for each worker that goes one reading of the plan, and O(entries of the journal) for each.
    package func withdraw(_ workers: [WorkerKey]) throws -> Outcome {
        let outcome = try withdrawInOrder(workers)
        // Nobody is to try it again later, when something else may have become of the worker.
        for key in workers where try coordinator.ledger.refresh()[key].plannedWithdrawal == .leave {
            let why = outcome.refused[key.id].map { "\($0)" } ?? "there is nothing to take out of the plan"
            try coordinator.ledger.record(.removalAbandoned, worker: key, phase: key.phase, [Field.reason: why])
        }
        return outcome
    }

    private func withdrawInOrder(_ workers: [WorkerKey]) throws -> Outcome {
        var outcome = Outcome()
        var (waiting, now) = (workers, coordinator)
        while !waiting.isEmpty {
            let key = waiting.remove(at: waiting.firstIndex { now.plan.directDependents(of: $0.id).isEmpty } ?? 0)
            let history = UndoHistory(try now.ledger.journal.entries())
            guard now.plan[key.id]?.key == key else { continue }
            guard let added = history.standingAddition(of: key) else {
                // Whoever finishes what was begun may have been faster; files that are there again are somebody else's.
                if try now.ledger.refresh()[key].isWithdrawn, try now.project.addedFiles(of: key.id).isEmpty {
                    outcome.withdrawn[key.id] = AdditionUndo.sentence(key.id)
                }
                continue
            }
            do {
                outcome.withdrawn[key.id] = try AdditionUndo(now).withdraw(
                    key, added, after: history.removal(of: key, in: added.sequence..<Int64.max))
                // By its root: the folder that the command was called in may be gone.
                if !waiting.isEmpty { now = try Coordinator(around: now.project.root, actor: actor, evenWithBrokenPlan: true) }
            } catch UndoError.depends(_, let why, first: nil) {
                outcome.refused[key.id] = try WithdrawalRefusal(of: key.id, because: why, now)
            } catch is UndoError {
                // There is something of it yet, which its removal has spoken about.
                continue
            }
        }
        return outcome
    }
}

/// Why a worker that `czar add` defined, and of which nothing is left, stays in the plan.
package struct WithdrawalRefusal: Explained, Hashable {
    package let worker: WorkerID
    package let why: String
    package let remedy: String?
    package let isComplete: Bool

    fileprivate init(of worker: WorkerID, because why: String, _ coordinator: Coordinator) throws {
        (self.worker, self.why) = (worker, why)
        let key = WorkerKey(phase: coordinator.phase, id: worker)
        isComplete = try coordinator.ledger.refresh()[key].state == .complete
        let dependents = coordinator.plan.directDependents(of: worker)
        let areAdded = try dependents.allSatisfy { try coordinator.project.planFile("workers/\($0).yaml") != nil }
        remedy =
            dependents.isEmpty
            ? "czar events \(worker)"
            : areAdded ? ShellText.line(["czar", "remove"] + (dependents + [worker]).map(\.rawValue) + ["--branch"]) : "czar graph"
    }

    package var description: String { "worker '\(worker)' stays in the plan: \(why)" }
    package var kind: FailureKind { .refused }
}

extension Plan {
    /// The workers that wait for one, or merge its work.
    fileprivate func directDependents(of worker: WorkerID) -> [WorkerID] {
        definitions.filter { ($0.dependencies + $0.merges).contains(worker) }.map(\.id)
    }
}
