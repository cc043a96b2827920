import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

struct RemoveCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes the worktrees of workers; the branches stay.",
        discussion: """
            What would be lost is refused, with the list. --force keeps it in refs/czar/recovery/<worker>/<n> first; 'czar undo' brings it \
            back, but for a merge or rebase that was in progress: its commits and its plan stay in that reference. A 'git am' can go on.
            """,
        aliases: ["rm"])

    @OptionGroup var selection: WorkerSelection

    @Flag(
        name: [.customLong("branch"), .customLong("branches")],
        help: "Delete the branch too (it must be integrated or pushed); an added worker that did nothing leaves the plan.")
    var branch = false

    @Flag(help: "Remove what is not committed, after keeping it in a recovery reference.")
    var force = false

    @Flag(help: "Lose ignored files that the main worktree has no copy of.")
    var ignored = false

    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try ActingWorker.leaveToOperators("use 'czar remove'")
        let coordinator = try common.coordinatorOfAnyPlan()
        // Whoever names a worker once more is answered about it.
        let isRepeated = branch && !selection.names.isEmpty
        for sentence in try InterruptedTidying(coordinator).finish(withdrawing: !isRepeated) { common.note(sentence) }
        let state = try coordinator.ledger.refresh()
        let roster = try choice.id.map { try coordinator.roster(of: $0) } ?? coordinator.startable()
        let (workers, unknown) = try TidySelection(selection).workers(roster, state)
        if workers.isEmpty, unknown.isEmpty {
            guard selection.isEmpty else { return try showNothing() }
            throw ProjectError.workerNeeded(known: coordinator.plan.ids.map(\.rawValue))
        }
        var results: [RemovalBatch.Result] = []
        // What a branch has to be on before it goes is what the plan of its own phase says.
        for (phase, own) in Dictionary(grouping: workers, by: { coordinator.plan.lacks($0) ? $0.phase : coordinator.phase }).sorted(by: {
            $0.key < $1.key
        }) {
            let batch = RemovalBatch(try coordinator.inPhase(phase), options: removal)
            results += try await batch.remove(own, jobs: max(2, 2 * processorCount()))
        }
        let others = workers.filter { coordinator.plan.lacks($0) }
        let current = results.filter { result in workers.contains { $0.id == result.worker && !others.contains($0) } }
        try show(results, of: others, branch ? try withdraw(current, coordinator) : WithdrawalBatch.Outcome(), unknown)
    }

    private var removal: RemovalOptions { RemovalOptions(branch: branch, force: force, ignored: ignored, withdraws: branch) }

    /// What is to be tried next keeps the options that were given.
    private func failure(_ error: any Error) -> Failure {
        guard case let error as RemovalError = error else { return Failure(error) }
        return Failure(message: "\(error)", hint: error.remedy(given: removal), code: error.kind.exitCode)
    }

    /// Workers that `czar add` defined, and of which nothing is left, leave the plan too. Also those that were never created.
    private func withdraw(_ results: [RemovalBatch.Result], _ coordinator: Coordinator) throws -> WithdrawalBatch.Outcome {
        let gone = results.filter { result in
            switch result.outcome {
            case .success(let removed): removed.branchDeleted
            case .failure(RemovalError.nothing): true
            case .failure: false
            }
        }
        let keys = gone.map { WorkerKey(phase: coordinator.phase, id: $0.worker) }
        return try WithdrawalBatch(coordinator, actor: ActingWorker.actor).withdraw(keys)
    }

    /// Whoever asked for all there is gets an answer, also when that is nothing.
    private func showNothing() throws {
        if common.wantsJSON { return try show([], of: [], WithdrawalBatch.Outcome()) }
        if !common.quiet { Console.answer("there is nothing to remove") }
    }

    private func show(
        _ results: [RemovalBatch.Result], of others: [WorkerKey], _ withdrawal: WithdrawalBatch.Outcome,
        _ unknown: [WorkerChoice.Unknown] = []
    ) throws {
        let withdrawn = withdrawal.withdrawn
        var failures: [Failure] = []
        var removed: [JSONValue] = [], failed: [JSONValue] = []
        for result in results {
            switch result.outcome {
            case .success(let done):
                removed.append(done.json)
                guard !common.wantsJSON, !common.quiet else { continue }
                Console.answer(done.sentence)
                if let sentence = withdrawn[result.worker] { Console.answer(sentence) }
                // That one which was completed stays is no news.
                if let refusal = withdrawal.refused[result.worker], !refusal.isComplete { common.note("czar: note: \(refusal)") }
            case .failure where withdrawn[result.worker] != nil:
                if !common.wantsJSON, !common.quiet, let sentence = withdrawn[result.worker] { Console.answer(sentence) }
            case .failure(let error):
                let other = others.first { $0.id == result.worker }
                let failure =
                    other.map { self.failure(error).about($0) } ?? withdrawal.refused[result.worker].map { Failure($0) }
                    ?? self.failure(error)
                failures.append(failure)
                failed.append(failure.json(of: result.worker.rawValue))
                if !common.wantsJSON { failure.show(asJSON: false) }
            }
        }
        for unknown in unknown {
            let failure = Failure(unknown.error)
            failures.append(failure)
            failed.append(failure.json(of: unknown.name))
            if !common.wantsJSON { failure.show(asJSON: false) }
        }
        if common.wantsJSON {
            var object = JSONObject()
            object.set("schema", "czar.removed/1")
            object.set("generated_at", currentTime().description)
            object.set("removed", .array(removed))
            object.set("failed", .array(failed))
            if !withdrawn.isEmpty { object.set("withdrawn", .strings(withdrawn.keys.sorted().map(\.rawValue))) }
            Console.answer(object.value.prettyText)
        }
        guard let last = failures.last else { return }
        let many = Failure(message: "\(failures.count) workers were not removed", code: Failure.code(of: failures))
        throw ShownFailure(failure: failures.count == 1 ? last : many)
    }
}

/// Workers to tidy up after: also those that the plan does not list any more, as far as the journal knows them.
struct TidySelection {
    private let selection: WorkerSelection

    init(_ selection: WorkerSelection) { self.selection = selection }

    /// The workers, and the names that fit none.
    func workers(_ roster: Roster, _ state: ProjectState) throws -> ([WorkerKey], [WorkerChoice.Unknown]) {
        let plan = roster.plan
        let created = state.workers.values.filter { $0.creation != nil }
        // Also one whose name another phase's worker has now.
        let unlisted = created.map(\.key).filter { $0.phase == plan.phase && plan[$0.id]?.key != $0 }
        var listed = selection
        listed.names = selection.names.filter { name in !unlisted.contains { $0.id.rawValue == name } }
        let left = unlisted.filter { selection.names.contains($0.id.rawValue) }.sorted { $0.id < $1.id }
        let choice = try listed.choice(of: roster, state)
        if left.isEmpty { try choice.refuseIfOnlyUnknown() }
        let keys = choice.workers.map(\.key)
        // A glob or --all means what there is to remove, not workers that were never created.
        let isBroad = selection.all || selection.state != nil
        let wanted = isBroad ? keys.filter { state[$0].creation?.worktree != nil || selection.names.contains($0.id.rawValue) } : keys
        return (wanted + left, choice.unknown)
    }
}

func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

extension Removed {
    var sentence: String {
        var text = "removed \(worker)"
        if let path {
            text +=
                isOthers
                ? ": '\(DisplayText.safe(path))' is another repository's worktree, and stays; the entry here was pruned"
                : hadFolder
                    ? " from \(DisplayText.safe(path))" : ": its folder '\(DisplayText.safe(path))' had vanished, the entry was pruned"
        }
        if branchDeleted {
            text += ", and its branch \(branch)"
        } else if tip != nil {
            text += "; the branch \(branch) stays" + (whyBranchStays.map { ": \($0)" } ?? "")
        }
        if let recovery { text += "; kept in \(recovery)" }
        return text
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.setOrNull("path", path.map { .string($0) })
        object.set("folder_was_there", hadFolder)
        object.set("branch", branch.rawValue)
        object.set("branch_deleted", branchDeleted)
        object.setOrNull("tip", tip.map { .string($0.hex) })
        object.setOrNull("recovery", recovery.map { .string($0) })
        return object.value
    }
}

extension Failure {
    /// One worker's failure in an answer about several.
    func json(of worker: String) -> JSONValue {
        var object = JSONObject()
        object.set("worker", worker)
        object.set("code", Int(code))
        object.set("message", message)
        object.set("hint", hint)
        return object.value
    }
}
