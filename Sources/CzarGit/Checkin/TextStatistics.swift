/// What bytes look like to git's rules for line ends: its `text_stat`.
struct TextStatistics: Sendable {
    private(set) var loneLineFeeds = 0
    private(set) var pairs = 0
    private(set) var loneReturns = 0
    private var zeros = 0
    private var printable = 0
    private var unprintable = 0

    init(_ bytes: [UInt8]) { self = bytes.withUnsafeBytes { TextStatistics($0) } }

    init(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x0D:
                if index < bytes.count, bytes[index] == 0x0A {
                    pairs += 1
                    index += 1
                } else {
                    loneReturns += 1
                }
            case 0x0A: loneLineFeeds += 1
            case 0x08, 0x09, 0x0C, 0x1B: printable += 1
            case 0:
                zeros += 1
                unprintable += 1
            case 1..<0x20, 0x7F: unprintable += 1
            default: printable += 1
            }
        }
        // An old end-of-file mark does not make a file binary.
        if bytes.last == 0x1A { unprintable -= 1 }
    }

    var isBinary: Bool { loneReturns > 0 || zeros > 0 || printable >> 7 < unprintable }

    /// As if every pair were a line feed.
    mutating func takeReturns() { (loneLineFeeds, pairs) = (loneLineFeeds + pairs, 0) }

    /// As if every line feed were a pair.
    mutating func addReturns() { (loneLineFeeds, pairs) = (0, loneLineFeeds + pairs) }
}
