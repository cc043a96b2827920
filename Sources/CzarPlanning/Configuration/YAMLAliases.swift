/// Where a document's aliases stand.
///
/// Yams' composer puts the anchored node in the place of an alias and forgets the place. Nodes come in the order of the document, so a
/// node that begins with an anchor and was met before stands for the next `*name` behind what was met last.
struct YAMLAliases {
    private let scalars: [Unicode.Scalar]
    private let lineStarts: [Int]
    private var met: Set<Int> = []
    /// Up to where the document was met.
    private var reached = 0

    init(_ scalars: [Unicode.Scalar], lineStarts: [Int]) { (self.scalars, self.lineStarts) = (scalars, lineStarts) }

    /// Notes a key or a value; `lines`: how many lines below that one still belong to it, and the next.
    mutating func meet(line: Int, column: Int, lines: Int = 0) {
        guard let index = index(line, column) else { return }
        reached = max(reached, lines == 0 || !lineStarts.indices.contains(line - 1 + lines) ? index : lineStarts[line - 1 + lines])
    }

    /// The place of the alias for which a node stands that begins at this place; nil where it stands for itself.
    mutating func alias(line: Int, column: Int) -> (line: Int, column: Int)? {
        guard let index = index(line, column), scalars[index] == "&", !met.insert(index).inserted, let found = nextAlias() else {
            return nil
        }
        reached = found + 1
        let line = lineStarts.lastIndex { $0 <= found } ?? 0
        return (line + 1, found - lineStarts[line] + 1)
    }

    private func index(_ line: Int, _ column: Int) -> Int? {
        guard lineStarts.indices.contains(line - 1), column > 0 else { return nil }
        let index = lineStarts[line - 1] + column - 1
        return scalars.indices.contains(index) ? index : nil
    }

    private func nextAlias() -> Int? {
        var index = reached
        while index + 1 < scalars.count {
            let isApart = index == 0 || " \t\n\r[{,".unicodeScalars.contains(scalars[index - 1])
            if isApart, scalars[index] == "#" {
                while index < scalars.count, scalars[index] != "\n", scalars[index] != "\r" { index += 1 }
            } else if isApart, scalars[index] == "*", !" *\t\n\r".unicodeScalars.contains(scalars[index + 1]) {
                return index
            } else {
                index += 1
            }
        }
        return nil
    }
}
