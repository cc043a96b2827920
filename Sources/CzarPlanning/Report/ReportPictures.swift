/// The drawings of `weekly` and `closeout`; what has nothing to show is left out.
struct ReportPictures {
    private let inputs: ReportInputs
    /// A graph of more workers is too large to read on a page.
    private static let graphLimit = 60

    init(_ inputs: ReportInputs) { self.inputs = inputs }

    var all: [Document.Block] {
        let drawn = [gantt, graph, commits, lines, tokens].compactMap { $0.map { Document.Block.picture($0) } }
        guard !drawn.isEmpty, inputs.graph.workers.count > Self.graphLimit else { return drawn }
        let count = Figures.grouped(inputs.graph.workers.count)
        return drawn + [
            .paragraph("Who waits for whom is not drawn: \(count) workers are too many for a page. Try \(code: "czar graph --format svg").")
        ]
    }

    private var gantt: Document.Picture? {
        GanttChart(
            workers: inputs.graph.topologicalOrder.compactMap { id in inputs.status.workers.first { $0.definition.id == id } },
            chronicle: inputs.chronicle, deadline: inputs.plan.project.deadline, zone: inputs.zone
        ).picture
    }

    private var graph: Document.Picture? {
        guard (2...Self.graphLimit).contains(inputs.graph.workers.count) else { return nil }
        let states = inputs.status.workers.map { ($0.definition.id, $0.record.state.rawValue) }
        let renderer = GraphRenderer(inputs.graph, plan: inputs.plan, states: Dictionary(states, uniquingKeysWith: { first, _ in first }))
        let (svg, width) = renderer.embedded()
        return Document.Picture(
            svg: svg, caption: graphCaption,
            note: "Wave 1 holds those that wait for nobody, wave 2 those that wait only for workers of wave 1, and so on.", width: width,
            mermaid: renderer.mermaid())
    }

    private var graphCaption: String {
        if inputs.graph.edges.isEmpty { return "The workers, coloured by state; nobody waits for another." }
        let path =
            inputs.graph.criticalPath.count > 1
            ? "; the thick lines are the critical path, the longest way from a first worker to a last" : ""
        return
            "Who waits for whom, coloured by state\(path). A worker can start as soon as those that it waits for are complete."
    }

    /// The sums over all workers after each sample.
    private func sums(_ value: (Chronicle.Sample) -> Int?) -> [(time: Timestamp, value: Int64)] {
        var last: [WorkerID: Int64] = [:]
        var sum: Int64 = 0
        return inputs.chronicle.samples.compactMap { sample in
            guard let amount = value(sample) else { return nil }
            sum += Int64(amount) - (last[sample.worker] ?? 0)
            last[sample.worker] = Int64(amount)
            return (sample.time, sum)
        }
    }

    private func chart(_ series: [LineChart.Series], _ label: String, limit: (value: Int64, name: String)? = nil) -> LineChart? {
        guard let began = inputs.chronicle.began, series.contains(where: { !$0.points.isEmpty }) else { return nil }
        return LineChart(series: series, limit: limit, from: began, to: inputs.end, zone: inputs.zone, label: label)
    }

    private var commits: Document.Picture? {
        let points = inputs.commits.map { (time: $0.time, value: Int64($0.count)) }
        return chart([LineChart.Series(name: "commits", style: "a", points: points, isFilled: true)], "Commits over time")?.picture(
            caption: "Commits that the branches add over time, each counted once.")
    }

    private var lines: Document.Picture? {
        chart(
            [
                LineChart.Series(name: "lines inserted", style: "a", points: sums(\.inserted), isFilled: true),
                LineChart.Series(name: "lines deleted", style: "b", points: sums(\.deleted)),
            ], "Lines over time")?.picture(
                caption:
                    "Lines that the branches insert and delete over time, compared with the branches they started from and added up branch by branch: what one took over from another counts in both, and of a branch that goes on after it has landed only what came since. The totals count what is shared once and keep what landed, so this need not end at them."
            )
    }

    private var tokens: Document.Picture? {
        let budget = inputs.metrics.totals.budgetTokens
        let points = inputs.chronicle.tokens.map { (time: $0.time, value: $0.total) }
        let note = budget.map { " The budget is \(Figures.grouped($0)) tokens." } ?? ""
        return chart(
            [LineChart.Series(name: "tokens", style: "a", points: points, isFilled: true)], "Tokens over time",
            limit: budget.map { ($0, "budget") }
        )?.picture(caption: "Tokens used by all workers over time.\(note)")
    }
}
