import Glibc

/// What a test's declaration looks like in one line of a source file.
struct TestMarker: Hashable, Sendable {
    /// What may stand before the text on its line.
    enum Before: UInt8, Sendable {
        /// Only white space.
        case nothing
        /// Words such as modifiers: no quote, slash, back-quote, `#`, `=` or `*`, so that comments and strings do not count.
        case words
        /// Anything.
        case anything
    }

    /// What may follow.
    enum After: UInt8, Sendable {
        case anything
        /// No letter, digit or underscore: the text is a whole word.
        case wordEnd
        /// No lower-case letter: Go's `TestX` and `Test_x`, not `Testing`.
        case noLowerCase
    }

    let text: [UInt8]
    var before = Before.nothing
    var after = After.anything
    /// An attribute of a function that follows: with it they are one test.
    var isAttribute = false
    /// Only in files whose name, without its extension, ends with this.
    var stemSuffix: [UInt8] = []
    /// What the name of a method without parameters begins with, behind the receiver that the text opens; empty for no method.
    var method: [UInt8] = []
    /// Not where the line ends with a semicolon: that only announces a function.
    var isDefinition = false

    init(
        _ text: String, before: Before = .nothing, after: After = .anything, isAttribute: Bool = false, stemSuffix: String = "",
        method: String = "", isDefinition: Bool = false
    ) {
        (self.text, self.before, self.after, self.isAttribute) = (Array(text.utf8), before, after, isAttribute)
        (self.stemSuffix, self.method, self.isDefinition) = (Array(stemSuffix.utf8), Array(method.utf8), isDefinition)
    }

    /// Where the marker ends in the line; nil when the line does not hold it. `indent`: where the line's first visible byte is.
    func end(in line: UnsafeRawBufferPointer, indent: Int) -> Int? {
        guard line.count - indent >= text.count else { return nil }
        guard method.isEmpty else { return endOfMethod(in: line, from: indent) }
        guard before != .nothing || matches(line, at: indent), !isDefinition || !Self.endsWithSemicolon(line) else { return nil }
        if before == .nothing { return indent + text.count }
        var place = indent
        while place + text.count <= line.count {
            if matches(line, at: place), place == indent || !isWord(line[place - 1]) || !isWord(text[0]) { return place + text.count }
            if before == .words, Self.endsWords.contains(line[place]) { return nil }
            place += 1
        }
        return nil
    }

    /// `func (s *Suite) TestName() {`: the end of the name.
    private func endOfMethod(in line: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard holds(text, line, at: start), let receiver = line[(start + text.count)...].firstIndex(of: UInt8(ascii: ")")) else {
            return nil
        }
        guard let name = line[(receiver + 1)...].firstIndex(where: { $0 != 0x20 }), holds(method, line, at: name) else { return nil }
        let rest = name + method.count
        guard let end = line[rest...].firstIndex(where: { !isWord($0) }), holds(Array("()".utf8), line, at: end) else { return nil }
        return isAllowed(line[rest]) ? end : nil
    }

    private func holds(_ bytes: [UInt8], _ line: UnsafeRawBufferPointer, at place: Int) -> Bool {
        place + bytes.count <= line.count && bytes.indices.allSatisfy { line[place + $0] == bytes[$0] }
    }

    private func matches(_ line: UnsafeRawBufferPointer, at place: Int) -> Bool {
        guard text.span.withUnsafeBytes({ memcmp($0.baseAddress!, line.baseAddress! + place, $0.count) }) == 0 else { return false }
        guard place + text.count < line.count else { return true }
        return isAllowed(line[place + text.count])
    }

    private func isAllowed(_ next: UInt8) -> Bool {
        switch after {
        case .anything: true
        case .wordEnd: !isWord(next)
        case .noLowerCase: !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next)
        }
    }

    private static let endsWords = Set("\"'`/#=*".utf8)

    private static func endsWithSemicolon(_ line: UnsafeRawBufferPointer) -> Bool {
        line.last { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D } == UInt8(ascii: ";")
    }
}

private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x5F, 0x80...:
        true
    default: false
    }
}
