/// What was found out about files that one branch after another changes: all that rewrite the same file ask about the same blob.
struct ReplacedBlobs {
    struct Summary {
        /// How many tests it declares.
        let tests: Int
        /// From the second question on: making it takes longer than one comparison of files that are much the same.
        fileprivate(set) var lines: LineSet?
    }

    private var summaries: [DiffSide: Summary] = [:]
    private var size = 0
    /// A summary without lines takes little; ten thousand lines take 256 KB.
    private static let limit = 8 << 20

    subscript(side: DiffSide) -> Summary? { summaries[side] }

    /// Keeps what the first question found out about a text.
    mutating func note(_ side: DiffSide, tests: Int) {
        guard summaries[side] == nil else { return }
        if size > Self.limit { (summaries, size) = ([:], 0) }
        summaries[side] = Summary(tests: tests)
        size += side.path.bytes.count + 128
    }

    /// Keeps the lines of a text that was noted.
    mutating func note(_ side: DiffSide, lines content: [UInt8]) {
        let lines = content.withUnsafeBytes { LineSet($0) }
        summaries[side]?.lines = lines
        size += lines.size
    }
}
