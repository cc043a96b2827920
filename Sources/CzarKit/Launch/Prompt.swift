import CzarPlanning

/// The text that an agent is given: who it is, what to do, and why the last attempt was not enough.
package enum Prompt {
    /// Lines of a reason that are worth an agent's attention; a log can be long.
    private static let mostReasonLines = 60

    /// A pure function of the identity's text (``IdentityFile``), the brief's (empty where there is none), why the attempt before this one
    /// did not count, and what the worker asked.
    package static func text(
        identity: String, brief: String, worker: WorkerDefinition, lastFailure: String? = nil, questions: [WorkerRecord.Question] = []
    ) -> String {
        var sections = [identity + whereItStands]
        if let lastFailure, !lastFailure.isEmpty { sections.append(retry(lastFailure)) }
        if !questions.isEmpty { sections.append("# You have asked\n\n" + dialogue(questions)) }
        sections.append(
            "# Your brief\n\n" + (brief.isEmpty ? worker.description ?? "There is no brief: your identity says what is known." : brief))
        if !worker.success.isEmpty { sections.append("# Success means\n\n" + worker.success.map { "- \($0)" }.joined(separator: "\n")) }
        if let first = worker.firstAction { sections.append("# Do first\n\n\(first)") }
        return sections.map(trimmed).joined(separator: "\n\n") + "\n"
    }

    private static let whereItStands = "\nThis stands in \(WorkerFiles.identity) too, whenever you need it again."

    /// Whether a text begins as all of them do: with an identity, and where that stands.
    static func isOne(_ text: String) -> Bool { text.hasPrefix(IdentityFile.heading) && text.contains(whereItStands) }

    /// Each question with what was said to it.
    package static func dialogue(_ questions: [WorkerRecord.Question]) -> String {
        questions.map { question in
            let answer =
                if let answer = question.answer { "The answer:\n\n\(indented(answer))" } else if question.isClosed {
                    "You were told to go on, without an answer."
                } else { "Nobody has answered yet." }
            return "You said that you could not go on:\n\n\(indented(question.text))\n\n\(answer)"
        }.joined(separator: "\n\n")
    }

    private static func indented(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { "    \($0)" }.joined(separator: "\n")
    }

    private static func retry(_ reason: String) -> String {
        let lines = reason.split(separator: "\n", omittingEmptySubsequences: false)
        // The end of an output says more about a failure than its beginning.
        let shown = lines.count > mostReasonLines ? ["…"] + lines.suffix(mostReasonLines) : lines
        return "# You have tried this before\n\nYour last attempt ended and was not accepted. What it left is in this folder. Why:\n\n"
            + shown.map { "    \($0)" }.joined(separator: "\n")
    }

    private static func trimmed(_ text: String) -> Substring {
        var rest = Substring(text)
        while rest.last?.isNewline == true { rest.removeLast() }
        return rest
    }
}
