/// Which files of a tree attributes can change at all, found from the attribute files' text alone.
///
/// Looking up one file's attributes costs as much as inflating it, and most trees have attributes for diffs, or for `*.bat` only. So
/// every line that could matter is reduced to the end that a file's name must have; what is not understood matters to every file.
struct AttributeRelevance: Hashable, Sendable {
    private var matters = false
    private var suffixes: Set<[UInt8]> = []

    /// Nothing can change a file.
    static let none = AttributeRelevance()
    /// Every file has to be asked about.
    static var everything: AttributeRelevance {
        var result = AttributeRelevance()
        result.matters = true
        return result
    }

    /// No file can be changed.
    var isEmpty: Bool { !matters && suffixes.isEmpty }

    /// Adds an attribute file.
    ///
    /// With `core.eol=crlf` the attribute `text` matters too.
    mutating func add(_ bytes: [UInt8], _ settings: CheckoutSettings) {
        for line in bytes.split(whereSeparator: { $0 == 0x0A }) {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let pattern = words.first, pattern.first != 0x23 else { continue }
            // A quoted pattern may hold spaces, so where its attributes start is not known here.
            let attributes = pattern.first == 0x22 ? words[...] : words.dropFirst()
            guard attributes.contains(where: { isRelevant($0, settings) }) || pattern.first == 0x22 else { continue }
            if pattern.first == 0x22 || pattern.starts(with: Array("[attr]".utf8)) || settings.ignoresCase {
                matters = true
            } else {
                insert(pattern)
            }
        }
    }

    private mutating func insert(_ pattern: ArraySlice<UInt8>) {
        let special = Array("*?[]\\/".utf8)
        let end = pattern.lastIndex { special.contains($0) }.map { $0 + 1 } ?? pattern.startIndex
        let suffix = Array(pattern[end...])
        if suffix.isEmpty { matters = true } else { suffixes.insert(suffix) }
    }

    private mutating func isRelevant(_ word: ArraySlice<UInt8>, _ settings: CheckoutSettings) -> Bool {
        let text = String(decoding: word, as: UTF8.self)
        if text.hasPrefix("filter=") || text.hasPrefix("working-tree-encoding=") { return true }
        if text.hasPrefix("eol=crlf") || text.hasPrefix("ident") { return true }
        return settings.textHasReturns && (text.hasPrefix("text") || text.hasPrefix("crlf") || text.hasPrefix("eol"))
    }

    /// Whether a file whose last component is `name` has to be asked about.
    func concerns(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if matters { return true }
        return suffixes.contains { $0.count <= name.count && name.suffix($0.count).elementsEqual($0) }
    }
}
