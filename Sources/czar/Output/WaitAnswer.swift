import CzarKit
import CzarPlanning

/// The answer of `czar wait`.
struct WaitAnswer {
    let goal: WaitGoal
    let ending: WorkerWait.Ending
    let seconds: Double

    private var workers: [WaitJudgement.Worker] { ending.judgement.workers }

    private func listed(_ outcome: WaitJudgement.Outcome) -> String {
        let found = workers.filter { $0.outcome == outcome }
        let shown = found.prefix(5).map { worker in "'\(worker.id)' is \(worker.state)" + (worker.why.map { " (\($0))" } ?? "") }
        return shown.joined(separator: "; ") + (found.count > shown.count ? "; and \(found.count - shown.count) more" : "")
    }

    /// What is said of all of them when the goal is reached.
    var text: String {
        switch goal {
        case .attention:
            workers.filter { $0.outcome == .met }.map { "\($0.id): \(DisplayText.safe($0.why ?? ""))" }.joined(separator: "\n")
        case .complete: "\(Figures.plural(workers.count, "worker is", "workers are")) complete"
        case .integrated: "\(Figures.plural(workers.count, "worker is", "workers are")) integrated"
        case .idle: "\(Figures.plural(workers.count, "worker is", "workers are")) idle"
        }
    }

    var failure: Failure? {
        switch ending.reason {
        case .met: nil
        case .failed where goal == .attention:
            Failure(message: "nothing runs and nothing needs you", hint: "czar status", code: FailureKind.negative.exitCode)
        case .failed: Failure(message: listed(.failed), hint: "czar status", code: FailureKind.negative.exitCode)
        case .timedOut:
            Failure(
                message: goal == .attention ? "nothing needed you in that time" : "not \(goal) in time: " + listed(.open),
                hint: "czar status",
                code: FailureKind.timedOut.exitCode)
        case .interrupted: Failure(message: "the wait was interrupted", code: FailureKind.interrupted.exitCode)
        }
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.waited/1")
        object.set("generated_at", currentTime().description)
        object.set("for", goal.rawValue)
        object.set("outcome", ending.reason.rawValue)
        object.set("seconds", .number(seconds))
        object.set(
            "workers",
            .array(
                workers.map { worker in
                    var item = JSONObject()
                    item.set("worker", worker.id.rawValue)
                    item.set("state", worker.state.rawValue)
                    item.set("outcome", worker.outcome.rawValue)
                    item.set("why", worker.why)
                    return item.value
                }))
        return object.value
    }
}
