/// Commands of hints about workers of a phase that the plan is not in: they name the phase, and none starts anything.
package struct PhaseHint {
    private let option: String

    /// Commands that take a worker and `--phase`.
    private static let verbs = [
        "complete", "fail", "stop", "pause", "resume", "reopen", "unblock", "remove", "logs", "path", "status", "shell", "diff", "log",
        "brief",
    ]
    /// Commands after which something is started, which is not so for these workers.
    private static let starting = ["run", "start", "retry", "create", "approve", "trust"]

    package init(_ phase: PhaseID) { option = "--phase " + ShellText.word(phase.rawValue) }

    /// The command with the phase behind the worker; nil where it would only start something.
    package func command(_ text: String, of worker: WorkerID) -> String? {
        let steps = text.split(separator: " && ").filter { step in
            !Self.starting.contains { step == "czar \($0)" || step.hasPrefix("czar \($0) ") }
        }
        return steps.isEmpty ? nil : steps.map { naming(worker, in: String($0)) }.joined(separator: " && ")
    }

    /// ``command(_:of:)`` of each; where nothing is left, a look at the worker.
    package func commands(_ all: [String], of worker: WorkerID) -> [String] {
        let named = all.compactMap { command($0, of: worker) }
        return named.isEmpty ? ["czar status \(worker) \(option)"] : named
    }

    private func naming(_ worker: WorkerID, in step: String) -> String {
        guard !step.contains(option) else { return step }
        var named = step
        for verb in Self.verbs {
            let call = "czar \(verb) \(worker)"
            for range in named.ranges(of: call).reversed() {
                let next = range.upperBound < named.endIndex ? named[range.upperBound] : " "
                guard !next.isLetter, !next.isNumber, !"-_.".contains(next) else { continue }
                named.insert(contentsOf: " " + option, at: range.upperBound)
            }
        }
        return named
    }
}
