import CzarKit
import CzarPlanning

/// How a run ended, as the last line of `czar run --json` says it and as the exit code tells.
struct RunEnding {
    let end: DaemonEnd
    /// The workers that the run was about.
    let workers: [WorkerDefinition]

    private var open: [WorkerDefinition] { workers.filter { end.state[$0.key].state != .complete } }

    /// Those that do not go on by themselves; `--once` leaves the others at work.
    private var held: [WorkerDefinition] { workers.filter { [.failed, .blocked, .paused].contains(end.state[$0.key].state) } }

    /// What a caller has to be told beside the answer; nil when the run did what it was for.
    var failure: Failure? {
        switch end.reason {
        case .planChanged: nil
        case .once where held.isEmpty: nil
        case .once:
            Failure(
                message: "\(Figures.plural(held.count, "worker", "workers")) failed or held", hint: "czar status",
                code: FailureKind.negative.exitCode)
        case .told: Failure(message: "the run was interrupted", hint: "czar run", code: FailureKind.interrupted.exitCode)
        case .timeIsUp: Failure(message: "the run's time is up", hint: "czar run", code: FailureKind.timedOut.exitCode)
        case .nothingLeft where open.isEmpty: nil
        case .nothingLeft:
            Failure(
                message: "nothing can run without you, and \(Figures.plural(open.count, "worker is", "workers are")) not complete",
                hint: "czar status", code: FailureKind.negative.exitCode)
        }
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.run-ended/1")
        object.set("generated_at", currentTime().description)
        object.set("reason", end.reason.rawValue)
        object.set("complete", workers.count - open.count)
        object.set(
            "open",
            .array(
                open.map { worker in
                    var item = JSONObject()
                    item.set("worker", worker.id.rawValue)
                    item.set("state", end.state[worker.key].state.rawValue)
                    item.set("waiting_for", .array((end.waiting[worker.id] ?? []).map(\.json)))
                    return item.value
                }))
        return object.value
    }
}
