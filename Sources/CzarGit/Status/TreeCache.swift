/// The extension `TREE` of an index: which tree object the entries of a folder amount to, where git knows it.
struct TreeCache: Sendable {
    private struct Node: Sendable {
        let name: [UInt8]
        /// Nil where an entry below was changed since.
        let id: ObjectID?
        /// The node after the last one below this.
        var next: Int
    }

    /// A folder comes before those in it.
    private var nodes: [Node] = []

    /// The root's node.
    static let root = 0

    /// Nil when the extension is malformed: it only saves time.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        guard read(bytes, &position, depth: 0), position == bytes.count else { return nil }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, depth: Int) -> Bool {
        guard depth < 4096, position < bytes.count, let zero = bytes[position...].firstIndex(of: 0) else { return false }
        let name = Array(bytes[position..<zero])
        position = zero + 1
        guard let count = number(bytes, &position, until: 0x20), let children = number(bytes, &position, until: 0x0A) else { return false }
        var id: ObjectID?
        if count >= 0 {
            guard position + 20 <= bytes.count else { return false }
            id = ObjectID(bytes: bytes.baseAddress! + position)
            position += 20
        }
        let place = nodes.count
        nodes.append(Node(name: name, id: id, next: 0))
        guard children >= 0 else { return false }
        for _ in 0..<children where !read(bytes, &position, depth: depth + 1) { return false }
        nodes[place].next = nodes.count
        return true
    }

    private func number(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, until end: UInt8) -> Int? {
        guard position < bytes.count, let stop = bytes[position...].firstIndex(of: end) else { return nil }
        defer { position = stop + 1 }
        return Int(String(decoding: bytes[position..<stop], as: UTF8.self))
    }

    /// The tree of a folder's entries; nil when it is not known.
    func id(_ node: Int) -> ObjectID? { nodes[node].id }

    /// The node of a folder directly in another.
    /// - Complexity: O(folders in it).
    func child(_ name: some Collection<UInt8>, of node: Int) -> Int? {
        var child = node + 1
        while child < nodes[node].next {
            if nodes[child].name.elementsEqual(name) { return child }
            child = nodes[child].next
        }
        return nil
    }
}
