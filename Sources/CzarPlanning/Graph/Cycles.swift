/// Finds the cycles of a directed graph whose vertices are numbers.
///
/// Nothing here recurses: a plan of a hundred thousand workers in one chain must not overflow the stack.
enum Cycles {
    /// At most this many cycles are listed; a graph can have exponentially many.
    static let limit = 20

    /// Cycles that together hold every edge that lies on one, each once and starting at its smallest vertex.
    ///
    /// For every edge inside a strongly connected component the shortest cycle through it is taken.
    /// - Complexity: linear for a graph without cycles; else at most 200 breadth-first searches of a component.
    static func find(in edges: [[Int]]) -> (found: [[Int]], isTruncated: Bool) {
        let component = components(of: edges)
        var seen: Set<[Int]> = []
        var found: [[Int]] = []
        var coveredEdges: Set<[Int]> = []
        var searches = 0
        for vertex in edges.indices {
            for next in edges[vertex].sorted() where component[next] == component[vertex] && !coveredEdges.contains([vertex, next]) {
                guard searches < 200, found.count < limit else { return (found.sorted { $0.lexicographicallyPrecedes($1) }, true) }
                searches += 1
                let cycle = rotated([vertex] + shortestPath(from: next, to: vertex, edges: edges, component: component).dropLast())
                for (index, member) in cycle.enumerated() { coveredEdges.insert([member, cycle[(index + 1) % cycle.count]]) }
                if seen.insert(cycle).inserted { found.append(cycle) }
            }
        }
        return (found.sorted { $0.lexicographicallyPrecedes($1) }, false)
    }

    private static func rotated(_ cycle: [Int]) -> [Int] {
        guard let smallest = cycle.min(), let start = cycle.firstIndex(of: smallest) else { return cycle }
        return Array(cycle[start...] + cycle[..<start])
    }

    /// Breadth first; both ends included. Only called inside a component, so a path exists.
    private static func shortestPath(from start: Int, to goal: Int, edges: [[Int]], component: [Int]) -> [Int] {
        if start == goal { return [goal] }
        var origin = [start: start]
        var queue = [start]
        var head = 0
        search: while head < queue.count {
            let vertex = queue[head]
            head += 1
            for next in edges[vertex].sorted() where component[next] == component[start] && origin[next] == nil {
                origin[next] = vertex
                if next == goal { break search }
                queue.append(next)
            }
        }
        var path = [goal]
        while let last = path.last, last != start, let previous = origin[last] { path.append(previous) }
        return path.reversed()
    }

    /// The number of each vertex's strongly connected component (Tarjan's algorithm with its own stack); a vertex alone has its own.
    private static func components(of edges: [[Int]]) -> [Int] {
        var component = [Int](repeating: -1, count: edges.count)
        var order = [Int](repeating: -1, count: edges.count)
        var low = [Int](repeating: 0, count: edges.count)
        var isOpen = [Bool](repeating: false, count: edges.count)
        var open: [Int] = []
        var calls: [(vertex: Int, nextEdge: Int)] = []
        var (counter, components) = (0, 0)
        func enter(_ vertex: Int) {
            (order[vertex], low[vertex], isOpen[vertex]) = (counter, counter, true)
            counter += 1
            open.append(vertex)
            calls.append((vertex, 0))
        }
        for root in edges.indices where order[root] < 0 {
            enter(root)
            while let (vertex, edge) = calls.last {
                if edge < edges[vertex].count {
                    calls[calls.count - 1].nextEdge += 1
                    let next = edges[vertex][edge]
                    if order[next] < 0 { enter(next) } else if isOpen[next] { low[vertex] = min(low[vertex], order[next]) }
                    continue
                }
                calls.removeLast()
                if let parent = calls.last?.vertex { low[parent] = min(low[parent], low[vertex]) }
                guard low[vertex] == order[vertex] else { continue }
                while let member = open.popLast() {
                    (component[member], isOpen[member]) = (components, false)
                    if member == vertex { break }
                }
                components += 1
            }
        }
        return component
    }
}
