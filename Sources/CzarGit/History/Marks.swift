/// A byte of flags for every commit, for one walk.
struct Marks: ~Copyable {
    private let bytes: UnsafeMutablePointer<UInt8>

    init(_ graph: borrowing CommitGraph) {
        bytes = .allocate(capacity: graph.count)
        bytes.initialize(repeating: 0, count: graph.count)
    }

    deinit { bytes.deallocate() }

    subscript(position: Int32) -> UInt8 {
        @inline(__always) get { bytes[Int(position)] }
        @inline(__always) nonmutating set { bytes[Int(position)] = newValue }
    }
}
