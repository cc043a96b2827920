/// What the words of a report mean, for a reader who knows nothing of the project.
struct Legend {
    private let inputs: ReportInputs

    init(_ inputs: ReportInputs) { self.inputs = inputs }

    /// Only words that the report uses.
    func lines(_ kind: ReportKind) -> [Line] {
        var lines: [Line] = [
            "\(strong: "worker"): one piece of the work, done by an agent or a person on a branch and in a folder of its own",
            "\(strong: "phase"): the workers of one plan; it begins when the plan is accepted and ends with \(code: "czar closeout")",
            "\(strong: "states"): pending waits for another worker, ready may start, active is at work, blocked and paused are held; complete means declared done and proven: commits, and nothing uncommitted",
            "\(strong: "commits") of a worker: those that its branch adds to the branch it started from, its base",
        ]
        if kind == .metrics || kind == .closeout {
            lines.append(
                "\(strong: "landed"): the work is on \(code: inputs.status.target); merged, as the same patches (rebased or picked one by one), or as one change (squashed)"
            )
            lines.append("\(strong: "?"): could not be found out")
        }
        if inputs.metrics.workers.contains(where: { !$0.status.figures.stranded.isEmpty }) {
            lines.append(
                "\(strong: "stranded"): commits made after the worker was complete; they land only when it is declared complete again")
        }
        if inputs.status.workers.contains(where: { $0.waitingFor.contains { $0.why.contains("max_active") } }) {
            lines.append("\(strong: "max_active"): how many workers may be at work at one time; the plan says so")
        }
        return lines
    }
}
