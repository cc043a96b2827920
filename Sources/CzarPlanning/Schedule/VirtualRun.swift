/// A plan carried out in virtual time: every worker takes as long as it is planned to, and succeeds.
///
/// The ``Scheduler`` decides here as it does for `czar run`, on the fold of the same events; the virtual run only narrows whom it asks
/// about to those for whom the answer can have changed, and moves the clock to the next end.
package struct VirtualRun: Hashable, Sendable {
    /// One worker's time, from the start of the run.
    package struct Span: Hashable, Sendable {
        package let worker: WorkerID
        package let start: Duration
        package let end: Duration
    }

    /// A worker that never starts, and why.
    package struct Left: Hashable, Sendable {
        package let worker: WorkerID
        package let why: String
    }

    /// In the order in which the workers start.
    package let spans: [Span]
    /// In the order of the plan.
    package let left: [Left]
    /// The most workers at one time.
    package let peak: Int
    /// Workers that the plan gives neither a duration nor a budget of time: they take the assumed one.
    package let assumed: [WorkerID]
    /// The longest chain of dependencies, by these durations.
    package let criticalPath: [WorkerID]
    /// How long that chain takes: no number of workers at one time makes the run shorter.
    package let criticalDuration: Duration

    /// From the first start to the last end.
    package var total: Duration { spans.map(\.end).max() ?? .zero }

    /// Workers at one time, as the mean over the run.
    package var mean: Double {
        total == .zero ? Double(peak) : spans.reduce(0) { $0 + ($1.end - $1.start) / .seconds(1) } / (total / .seconds(1))
    }

    /// Carries out the plan. `assuming` is the duration of workers that have none.
    /// - Complexity: O((workers + dependencies) · log workers), and for each end O(workers at one time + agents with a limit).
    package init(_ plan: Plan, graph: PlanGraph, options: ScheduleOptions = ScheduleOptions(), assuming: Duration) {
        var stage = VirtualStage(plan, graph: graph, options: options, assuming: assuming)
        stage.play()
        (spans, peak, left) = (stage.spans, stage.peak, stage.left)
        assumed = stage.assumed
        (criticalPath, criticalDuration) = stage.longestChain()
    }
}
