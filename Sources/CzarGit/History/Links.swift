/// The graph's arrays as plain memory, for the inner loops of walks: no reference counts, no bounds checks.
///
/// Positions come only from the graph itself, which checked every parent when it was loaded.
struct Links {
    let parents: UnsafePointer<CommitGraph.Parents>
    let more: UnsafePointer<Int32>
    let levels: UnsafePointer<UInt32>

    @inline(__always)
    func level(_ position: Int32) -> UInt32 { levels[Int(position)] }

    @inline(__always)
    func forEachParent(of position: Int32, _ body: (Int32) -> Void) {
        let pair = parents[Int(position)]
        guard pair.first >= 0 else { return }
        body(pair.first)
        guard pair.second != -1 else { return }
        if pair.second >= 0 {
            body(pair.second)
        } else {
            let start = Int(-2 - pair.second)
            for index in start + 1...start + Int(more[start]) { body(more[index]) }
        }
    }
}
