/// A worker as `czar add` defines it: what one command line says, and the file that makes it a part of the plan.
package struct WorkerAddition: Hashable, Sendable {
    /// Who works there.
    package enum Work: Hashable, Sendable {
        /// Whoever the plan's settings name for a worker without an agent.
        case planDefault
        case agent(String)
        /// A line for the shell, by the profile `shell`.
        case script(String)
    }

    package var id: WorkerID
    /// The brief's text; nil takes the brief that is there, or none.
    package var brief: String?
    package var work: Work
    package var dependencies: [WorkerID]
    package var base: String?
    package var branch: String?

    package init(
        id: WorkerID, brief: String? = nil, work: Work = .planDefault, dependencies: [WorkerID] = [], base: String? = nil,
        branch: String? = nil
    ) {
        (self.id, self.brief, self.work) = (id, brief, work)
        (self.dependencies, self.base, self.branch) = (dependencies, base, branch)
    }

    /// The definition in the notation of a plan, for `workers/<id>.yaml`.
    package var yaml: String {
        var lines = [
            "# Written by `czar add`: a worker of this plan like those of its main file. Its brief lies beside it.",
            "id: \(quoted(id.rawValue))",
        ]
        if let description { lines.append("description: \(quoted(description))") }
        switch work {
        case .planDefault: break
        case .agent(let name): lines.append("agent: \(quoted(name))")
        case .script(let text): lines += ["agent: shell", "script: \(quoted(text))"]
        }
        if !dependencies.isEmpty { lines.append("dependencies: [\(dependencies.map { quoted($0.rawValue) }.joined(separator: ", "))]") }
        if let base { lines.append("base: \(quoted(base))") }
        if let branch { lines.append("branch: \(quoted(branch))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The brief's first line that says something, without a heading's marks, cut to what a table can show.
    package var description: String? {
        for line in (brief ?? "").split(whereSeparator: \.isNewline) {
            let text = line.drop { $0 == "#" || $0.isWhitespace }
            guard !text.isEmpty else { continue }
            return text.count > Self.longestDescription ? text.prefix(Self.longestDescription - 1) + "…" : String(text)
        }
        return nil
    }

    private static let longestDescription = 100

    private func quoted(_ text: String) -> String { JSONText.quoted(text) }
}
