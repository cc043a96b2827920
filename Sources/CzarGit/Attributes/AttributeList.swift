/// The lines of one file of attributes that count, in its order.
struct AttributeList: Hashable, Sendable {
    let lines: [AttributeLine]

    private init(_ lines: some Sequence<ArraySlice<UInt8>>, mayDefineMacros: Bool) {
        self.lines = lines.compactMap { AttributeLine($0, mayDefineMacros: mayDefineMacros) }
    }

    /// A file of a tree. As in git it ends at its first NUL, and no byte order mark is left out: the first line is another one with it.
    init(blob: [UInt8], mayDefineMacros: Bool) {
        let content = blob.count < Self.largest ? blob.prefix { $0 != 0 } : []
        self.init(content.split(separator: 0x0A), mayDefineMacros: mayDefineMacros)
    }

    /// A file outside of trees. Each of its lines ends at its first NUL.
    init(file: [UInt8], mayDefineMacros: Bool = true) {
        var content = file.count < Self.largest ? file[...] : []
        if content.starts(with: Self.byteOrderMark) { content = content.dropFirst(Self.byteOrderMark.count) }
        let isEnded = content.last == 0x0A
        let parts = content.split(separator: 0x0A, omittingEmptySubsequences: false)
        let lines = parts.enumerated().map { number, line in
            // Only a line feed takes a carriage return with it.
            let hasFeed = number < parts.count - 1 || isEnded
            return (hasFeed && line.last == 0x0D ? line.dropLast() : line).prefix { $0 != 0 }
        }
        self.init(lines, mayDefineMacros: mayDefineMacros)
    }

    /// What git knows without any file.
    static let builtIn = AttributeList(file: Array("[attr]binary -diff -merge -text".utf8))

    /// A file of so many bytes is left out.
    static let largest = 100 << 20
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
