/// Commands of hints about workers of a phase that the plan is not in: they name the phase, and none starts anything.
package struct PhaseHint {
    private let option: String

    /// Commands that take a worker and `--phase`.
    private static let verbs = [
        "complete", "fail", "stop", "pause", "resume", "reopen", "unblock", "remove", "logs", "path", "status", "shell", "diff", "log",
        "brief", "commit", "exec", "event",
    ]
    /// Commands after which something is started, which is not so for these workers.
    private static let starting = ["run", "start", "retry", "create", "approve", "trust"]

    package init(_ phase: PhaseID) { option = "--phase " + ShellText.word(phase.rawValue) }

    /// The command with the phase behind the worker, wherever it is named; nil where it would only start something.
    package func command(_ text: String, of worker: WorkerID) -> String? {
        let steps = Self.words(text).split(separator: "&&").map(Array.init).filter { step in
            Self.verb(of: step).map { !Self.starting.contains(step[$0]) } ?? true
        }
        return steps.isEmpty ? nil : steps.map { naming(worker, in: $0).joined(separator: " ") }.joined(separator: " && ")
    }

    /// ``command(_:of:)`` of each; where nothing is left, a look at the worker.
    package func commands(_ all: [String], of worker: WorkerID) -> [String] {
        let named = all.compactMap { command($0, of: worker) }
        return named.isEmpty ? ["czar status \(worker) \(option)"] : named
    }

    private func naming(_ worker: WorkerID, in step: [String]) -> [String] {
        guard let verb = Self.verb(of: step), Self.verbs.contains(step[verb]), !step.contains("--phase") else { return step }
        // What stands behind `--` is another program's.
        guard let name = step[(verb + 1)...].prefix(while: { $0 != "--" }).firstIndex(of: worker.rawValue) else { return step }
        return step[...name] + [option] + step[(name + 1)...]
    }

    /// Where the word behind `czar` is.
    private static func verb(of step: [String]) -> Int? {
        step.firstIndex(of: "czar").map { $0 + 1 }.flatMap { step.indices.contains($0) ? $0 : nil }
    }

    /// The words as a shell parts them, with their quotation marks.
    private static func words(_ text: String) -> [String] {
        var words = [""]
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == quote {
                quote = nil
            } else if quote == nil {
                if character == "'" || character == "\"" { quote = character }
                isEscaped = character == "\\"
            }
            if character == " ", quote == nil, !isEscaped { words.append("") } else { words[words.count - 1].append(character) }
        }
        return words
    }
}
