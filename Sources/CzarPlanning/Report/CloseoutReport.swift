extension ReportInputs {
    /// Whether nothing is left to do. A criterion that was missed stays missed, and keeps nobody from closing.
    package var isDone: Bool { remains.isEmpty }

    /// What is left to do, a sentence each.
    package var remainingSentences: [String] { remains.map { "\($0.worker): \($0.sentence)" } }

    private var remains: [Remainder] { Remainder.all(self) }
}

/// Everything at the end of a phase: what was done, what is proven, whether it was a success, and what remains.
struct CloseoutReport {
    private let inputs: ReportInputs

    init(_ inputs: ReportInputs) { self.inputs = inputs }

    private var remains: [Remainder] { Remainder.all(inputs) }
    private var criteria: [Criterion] { Criterion.all(inputs) }

    var document: Document {
        var document = inputs.document("Closeout of \(inputs.plan.project.name), phase \(inputs.chronicle.phase)")
        document.add("Summary", .paragraph(verdict), .facts(summary))
        document.add("Workers", .table(inputs.workTable), .table(inputs.timeTable), .paragraph(Line(ReportInputs.explanation)))
        document.add("Required merges", merges)
        document.add("Stranded work", stranded)
        document.add("Success criteria of the orchestration", criteriaBlocks)
        let named = inputs.metrics.workers.filter { !$0.status.definition.success.isEmpty }
        if !named.isEmpty {
            document.add(
                "Success criteria of the plan",
                .paragraph("What the plan says must be true. Czar cannot judge sentences: a person does."),
                .list(
                    named.flatMap { worker in
                        worker.status.definition.success.map {
                            "\(worker: worker.id) (\(state: worker.status.record.state)): \(code: $0)" as Line
                        }
                    }))
        }
        document.add("What remains", remains.isEmpty ? .paragraph("Nothing.") : .list(remains.map(\.line)))
        document.add("Pictures", ReportPictures(inputs).all)
        return document
    }

    private var verdict: Line {
        let open = criteria.filter { $0.verdict == .unmet }.count
        let missed = "\(Figures.plural(open, "success criterion", "success criteria")) \(open == 1 ? "is" : "are") not met."
        guard remains.isEmpty else {
            let left = " \(Figures.plural(remains.count, "thing")) \(remains.count == 1 ? "remains" : "remain")"
            return Line([.toned("Not done.", .bad), .text(left + (open > 0 ? ", and \(missed)" : "."))])
        }
        let all = " Every worker is complete, its work has landed and nothing is left behind."
        return Line([.toned("Done.", .good), .text(all + (open > 0 ? " But \(missed)" : ""))])
    }

    private var summary: [(name: String, value: Line)] {
        var facts: [(name: String, value: Line)] = []
        let zone = inputs.zone
        if let began = inputs.chronicle.began { facts.append(("Began", Line(zone.minute(began)))) }
        let forecast = Forecast(inputs)
        if forecast.isOver, let end = forecast.end { facts.append(("Last worker completed", Line(zone.minute(end)))) }
        if let closed = inputs.chronicle.closed {
            facts.append(("Closed", Line(zone.minute(closed))))
            let end = inputs.chronicle.end
            if end > closed, !forecast.isOver { facts.append(("Last work, after the closing", Line(zone.minute(end)))) }
        }
        facts += inputs.totalFacts
        facts.append(("Lands on", "\(code: inputs.status.target)"))
        return facts
    }

    private var merges: [Document.Block] {
        guard !inputs.merges.isEmpty else { return [.paragraph("The plan requires none.")] }
        var table = DocumentTable([("Worker", false, 0), ("Must contain", false, 0), ("Proven", false, 0)])
        for proof in inputs.merges { table.rows.append(["\(worker: proof.worker)", "\(worker: proof.source)", proof.line]) }
        return [.table(table)]
    }

    private var stranded: [Document.Block] {
        let found = inputs.metrics.workers.filter { !$0.status.figures.stranded.isEmpty }
        let unknown = inputs.metrics.workers.filter { $0.status.record.state == .complete && $0.status.figures.lacksHistory }
        let former = FormerWorker.all(inputs).filter { $0.hasUnlandedWork || $0.stranded > 0 }
        guard !found.isEmpty || !unknown.isEmpty || !former.isEmpty else {
            return [.paragraph("None: no branch has commits after what was completed.")]
        }
        return [
            .list(
                unknown.map { "\(worker: $0.id): could not be found out, its history cannot be read" }
                    + found.map { worker in
                        let commits = worker.status.figures.stranded
                        let shown = commits.prefix(10).map(\.short).joined(separator: " ")
                        let more = commits.count > 10 ? " and \(commits.count - 10) more" : ""
                        return
                            "\(worker: worker.id): \(Figures.plural(commits.count, "commit")) after what was completed: \(code: shown)\(more)"
                    } + former.map { "\(worker: $0.id): \($0.sentence)" })
        ]
    }

    private var criteriaBlocks: [Document.Block] { [.list(criteria.map(\.line))] }

    var json: JSONValue {
        var object = inputs.jsonStart(.closeout)
        object.set("done", inputs.isDone)
        object.set("timeline", Forecast(inputs).json)
        object.set("workers", .array(inputs.metrics.workers.map { $0.json(target: inputs.status.target, now: inputs.chronicle.end) }))
        if !inputs.metrics.former.isEmpty {
            object.set("unlisted", .array(inputs.metrics.former.map { $0.json(target: inputs.status.target, now: inputs.chronicle.end) }))
        }
        object.set("totals", inputs.metrics.totals.json)
        object.set("merges", .array(inputs.merges.map(\.json)))
        object.set("criteria", .array(criteria.map(\.json)))
        object.set("remains", .array(remains.map(\.json)))
        return object.value
    }
}

extension MergeProof {
    var line: Line {
        switch verdict {
        case .contained(let how): Line([.toned("yes", .good), .text(", \(how.sentence)")])
        case .missing: Line([.toned("no", .bad), .text(": the branch does not contain it")])
        case .unknown(let why): Line([.toned("not known", .warning), .text(": \(why)")])
        }
    }

    package var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.set("source", source.rawValue)
        switch verdict {
        case .contained(let how):
            object.set("contained", true)
            object.set("how", how.rawValue)
        case .missing: object.set("contained", false)
        case .unknown(let why):
            object.setOrNull("contained", nil)
            object.set("why", why)
        }
        return object.value
    }
}

/// Something that is left to do.
struct Remainder {
    let worker: WorkerID
    let why: String
    /// A reason that somebody gave, quoted where it is shown.
    var quote: String?
    let command: String?

    /// As one sentence.
    var sentence: String { why + (quote.map { ": \($0)" } ?? "") }

    var line: Line {
        var line: Line = "\(worker: worker): \(why)"
        if let quote { line = line + ": \(code: quote)" }
        return command.map { line.trying($0) } ?? line
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.set("why", sentence)
        object.set("command", command)
        return object.value
    }

    static func all(_ inputs: ReportInputs) -> [Remainder] {
        inputs.metrics.workers.flatMap { worker in of(worker, inputs) }
            + FormerWorker.all(inputs).map {
                Remainder(worker: $0.id, why: $0.sentence, command: inputs.command($0.command, of: $0.id))
            }
            + inputs.merges.filter { !$0.isProven }.map {
                Remainder(
                    worker: $0.worker, why: "does not provably contain '\($0.source)'",
                    command: inputs.command(mergeCommand(of: $0.source, into: $0.worker, inputs), of: $0.worker))
            }
    }

    private static func mergeCommand(of source: WorkerID, into worker: WorkerID, _ inputs: ReportInputs) -> String? {
        func row(_ id: WorkerID) -> StatusReport.Worker? { inputs.status.workers.first { $0.definition.id == id } }
        guard let source = row(source), let target = row(worker) else { return nil }
        guard let place = target.record.creation?.worktree else { return "czar create \(worker)" }
        return "\(BranchMend.git(in: place)) merge " + ShellText.line([source.branch.rawValue])
    }

    private static func of(_ worker: MetricsReport.Worker, _ inputs: ReportInputs) -> [Remainder] {
        let record = worker.status.record, figures = worker.status.figures, id = worker.id
        var found: [Remainder] = []
        func add(_ why: String, quote: String? = nil, _ command: String?) {
            found.append(Remainder(worker: id, why: why, quote: quote, command: inputs.command(command, of: id)))
        }
        let hasWork = figures.tip != nil && (figures.ownCommits ?? 1) > 0
        switch record.state {
        case .complete: break
        // Nothing tries it again in a phase that the plan is not in.
        case .failed where inputs.isOfFormerPhase && record.creation != nil:
            add(
                "failed", quote: record.reason, hasWork ? "czar complete \(id)" : record.creation?.worktree.map { _ in "czar remove \(id)" }
            )
        case .failed: add("failed", quote: record.reason, "czar retry \(id)")
        default: add("is \(record.state)", quote: record.reason, "czar status \(id)")
        }
        if record.state == .complete, hasWork, !figures.integration.isIntegrated {
            let target = inputs.status.target
            if figures.lacksIntegration {
                add("is complete; whether it is on \(target) could not be found out", "czar status \(id)")
            } else if figures.integration == .reverted {
                add(
                    "landed on \(target) and was reverted: the revert has to be reverted",
                    LandingHint.command(branch: worker.status.branch, target: target, isReverted: true, revert: figures.revert))
            } else {
                let branch = ShellText.line([worker.status.branch.rawValue])
                let merge = "\(LandingHint.switching(to: target, from: inputs.status.targetStart)) && git merge \(branch)"
                if figures.isRecorded, let tip = figures.tip {
                    add("is complete and not on \(target), and its branch is gone", "git branch \(branch) \(tip) && \(merge)")
                } else {
                    add("is complete and not on \(target)", merge)
                }
            }
        }
        if !figures.stranded.isEmpty {
            add("\(Figures.plural(figures.stranded.count, "commit")) after what was completed", "czar reopen \(id)")
        }
        if figures.worktree.dirty > 0 {
            add("\(Figures.plural(figures.worktree.dirty, "file")) not committed in its worktree", "czar status \(id)")
        }
        if found.isEmpty, let why = inputs.kept[id] {
            add("was kept", quote: why, "czar remove \(id)")
        } else if found.isEmpty, inputs.chronicle.closed != nil, record.creation?.worktree != nil {
            // What was found in the way when it was closed.
            if let why = inputs.chronicle.kept[id] {
                add("was kept", quote: why, "czar remove \(id)")
            } else {
                add("was kept: its worktree is still there", "czar remove \(id)")
            }
        }
        return found
    }
}
