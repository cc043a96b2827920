import OrderedCollections

/// Who waits for whom: a plan's dependencies as a graph without cycles, with what can be read off it.
///
/// A plan from the reader never has a cycle. In a plan that was put together by hand, workers on a cycle or behind one stand
/// in no wave; ``isComplete`` tells. Names of workers that the plan does not have are left out.
/// Everything but ``dependents(of:)`` is computed once, in time linear in workers and dependencies (apart from sorting names).
public struct PlanGraph: Sendable {
    /// A dependency, in the direction of time: `from` must be complete before `to` starts.
    public struct Edge: Hashable, Comparable, Sendable {
        /// The worker that is waited for.
        public let from: WorkerID
        /// The worker that waits.
        public let to: WorkerID

        /// By `from`, then `to`.
        public static func < (left: Self, right: Self) -> Bool { left.from == right.from ? left.to < right.to : left.from < right.from }
    }

    /// The plan's workers by id.
    public let workers: [WorkerID]
    /// Workers whose dependencies all lie in earlier waves; sorted inside a wave.
    public let waves: [[WorkerID]]
    /// All dependencies, sorted.
    public let edges: [Edge]
    /// The chain that the plan cannot be faster than: by planned duration if every worker has one, else by number of workers.
    /// Of equally long chains it is the one whose last worker, and so on backwards, comes first by name.
    public let criticalPath: [WorkerID]
    /// The planned length of the critical path; nil unless every worker has a planned duration.
    public let criticalDuration: Duration?
    /// False when workers are missing from the waves because of a cycle.
    public let isComplete: Bool

    let index: [WorkerID: Int]
    private let dependencyIndexes: [[Int]]
    private let dependentIndexes: [[Int]]
    private let waveIndexes: [[Int]]

    /// Computes waves and the critical path of a plan.
    public init(_ plan: Plan) {
        let ids = plan.workers.keys.sorted()
        var index: [WorkerID: Int] = [:]
        for (position, id) in ids.enumerated() { index[id] = position }
        let dependencies = ids.map { id in Array(Set((plan.workers[id]?.dependencies ?? []).compactMap { index[$0] })).sorted() }
        var dependents = [[Int]](repeating: [], count: ids.count)
        for (worker, list) in dependencies.enumerated() {
            for dependency in list { dependents[dependency].append(worker) }
        }
        let waves = Self.waves(dependencies, dependents)
        let durations = ids.compactMap { plan.workers[$0]?.plannedDuration }
        let isTimed = durations.count == ids.count && !ids.isEmpty
        let path = Self.criticalPath(waves, dependencies, weights: isTimed ? durations : ids.map { _ in .seconds(1) })
        (workers, self.index, dependencyIndexes, dependentIndexes, waveIndexes) = (ids, index, dependencies, dependents, waves)
        self.waves = waves.map { $0.map { ids[$0] } }
        edges = dependents.enumerated().flatMap { from, list in list.map { Edge(from: ids[from], to: ids[$0]) } }
        criticalPath = path.map { ids[$0] }
        criticalDuration = isTimed ? path.reduce(.zero) { $0 + durations[$1] } : nil
        isComplete = waves.reduce(0) { $0 + $1.count } == ids.count
    }

    /// Every worker after all it depends on: wave by wave, by name inside a wave.
    public var topologicalOrder: [WorkerID] { waves.flatMap(\.self) }

    /// The wave of a worker, from 1; nil for an unknown worker or one behind a cycle.
    /// - Complexity: linear in the number of workers, once for each access.
    public func waveNumbers() -> [WorkerID: Int] {
        var numbers: [WorkerID: Int] = [:]
        for (number, wave) in waves.enumerated() {
            for id in wave { numbers[id] = number + 1 }
        }
        return numbers
    }

    /// What a worker waits for directly, by name.
    public func dependencies(of id: WorkerID) -> [WorkerID] { (index[id].map { dependencyIndexes[$0] } ?? []).map { workers[$0] } }

    /// Who waits for a worker directly, by name.
    public func directDependents(of id: WorkerID) -> [WorkerID] { (index[id].map { dependentIndexes[$0] } ?? []).map { workers[$0] } }

    /// Who waits for a worker directly or through others, by name.
    /// - Complexity: linear in what is found and its dependencies.
    public func dependents(of id: WorkerID) -> [WorkerID] { reachable(from: id, along: dependentIndexes) }

    /// All that a worker waits for, directly or through others, by name.
    /// - Complexity: linear in what is found and its dependencies.
    public func allDependencies(of id: WorkerID) -> [WorkerID] { reachable(from: id, along: dependencyIndexes) }

    private func reachable(from id: WorkerID, along edges: [[Int]]) -> [WorkerID] {
        guard let start = index[id] else { return [] }
        var seen: Set<Int> = [start]
        var stack = [start]
        while let vertex = stack.popLast() {
            for next in edges[vertex] where seen.insert(next).inserted { stack.append(next) }
        }
        seen.remove(start)
        return seen.sorted().map { workers[$0] }
    }

    private static func waves(_ dependencies: [[Int]], _ dependents: [[Int]]) -> [[Int]] {
        var missing = dependencies.map(\.count)
        var wave = missing.indices.filter { missing[$0] == 0 }
        var waves: [[Int]] = []
        while !wave.isEmpty {
            waves.append(wave)
            var next: [Int] = []
            for worker in wave {
                for dependent in dependents[worker] {
                    missing[dependent] -= 1
                    if missing[dependent] == 0 { next.append(dependent) }
                }
            }
            wave = next.sorted()
        }
        return waves
    }

    private static func criticalPath(_ waves: [[Int]], _ dependencies: [[Int]], weights: [Duration]) -> [Int] {
        var length = weights
        var previous = [Int?](repeating: nil, count: weights.count)
        var last: Int?
        for worker in waves.joined() {
            // Dependencies are sorted, and only a strictly longer one replaces the first: ties go to the first name.
            for dependency in dependencies[worker] where previous[worker].map({ length[dependency] > length[$0] }) ?? true {
                previous[worker] = dependency
            }
            if let before = previous[worker] { length[worker] = weights[worker] + length[before] }
            guard let best = last else {
                last = worker
                continue
            }
            if length[worker] > length[best] || (length[worker] == length[best] && worker < best) { last = worker }
        }
        var path: [Int] = []
        while let worker = last {
            path.append(worker)
            last = previous[worker]
        }
        return path.reversed()
    }
}
