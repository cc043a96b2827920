/// Lays a graph out as a commit-graph file (gitformat-commit-graph(5), generation v1).
///
/// For Czar's own cache only: never written into a repository.
struct GraphFileWriter {
    private let graph: CommitGraph
    /// Positions of the graph in the order of their ids, and the reverse.
    private let order: [Int32]
    private let places: [UInt32]

    init(_ graph: CommitGraph) {
        self.graph = graph
        let ids = (0..<Int32(graph.count)).map { (graph.id(of: $0), $0) }.sorted { $0.0 < $1.0 }
        order = ids.map(\.1)
        var places = [UInt32](repeating: 0, count: order.count)
        for (place, position) in order.enumerated() { places[Int(position)] = UInt32(place) }
        self.places = places
    }

    /// The file's bytes; nil where a date does not fit the format's 34 bits.
    func bytes() -> [UInt8]? {
        var (fanout, ids, data, edges): ([UInt8], [UInt8], [UInt8], [UInt8]) = ([], [], [], [])
        var counts = [UInt32](repeating: 0, count: 256)
        data.reserveCapacity(order.count * 36)
        ids.reserveCapacity(order.count * 20)
        for position in order {
            let id = graph.id(of: position)
            counts[Int(id.first >> 56)] += 1
            ids.append(id)
            guard appendCommit(position, to: &data, &edges) else { return nil }
        }
        var sum: UInt32 = 0
        for count in counts {
            sum += count
            fanout.append(sum)
        }
        return file(
            [(0x4F49_4446, fanout), (0x4F49_444C, ids), (0x4344_4154, data), (0x4544_4745, edges)].filter { !$0.1.isEmpty || order.isEmpty }
        )
    }

    private func appendCommit(_ position: Int32, to data: inout [UInt8], _ edges: inout [UInt8]) -> Bool {
        let date = graph.date(of: position)
        guard date >= 0, date < 1 << 34 else { return false }
        var parents: [UInt32] = []
        graph.forEachParent(of: position) { parents.append(places[Int($0)]) }
        data.append(graph.tree(at: position))
        data.append(parents.first ?? GraphFile.noParent)
        if parents.count > 2 {
            data.append(0x8000_0000 | UInt32(edges.count / 4))
            for (index, parent) in parents.enumerated().dropFirst() {
                edges.append(index == parents.count - 1 ? parent | 0x8000_0000 : parent)
            }
        } else {
            data.append(parents.count == 2 ? parents[1] : GraphFile.noParent)
        }
        data.append(graph.levels[Int(position)] << 2 | UInt32(date >> 32))
        data.append(UInt32(truncatingIfNeeded: date))
        return true
    }

    private func file(_ chunks: [(id: UInt32, bytes: [UInt8])]) -> [UInt8] {
        var result: [UInt8] = []
        result.append(0x4347_5048 as UInt32)
        result.append(contentsOf: [1, 1, UInt8(chunks.count), 0])
        var offset = 8 + (chunks.count + 1) * 12
        for chunk in chunks + [(id: 0, bytes: [])] {
            result.append(chunk.id)
            result.append(UInt32(offset >> 32))
            result.append(UInt32(truncatingIfNeeded: offset))
            offset += chunk.bytes.count
        }
        for chunk in chunks { result.append(contentsOf: chunk.bytes) }
        result.append(result.withUnsafeBytes { SHA1.digest(of: $0) })
        return result
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ word: UInt32) { Swift.withUnsafeBytes(of: word.bigEndian) { append(contentsOf: $0) } }

    fileprivate mutating func append(_ id: ObjectID) { Swift.withUnsafeBytes(of: id.raw) { append(contentsOf: $0) } }
}
