import Glibc

/// Another encoding than UTF-8 for a file whose blob holds UTF-8: the attribute `working-tree-encoding`.
///
/// Sources: git's convert.c (`encode_to_git`, `encode_to_worktree`) and utf8.c (`reencode_string_len`). git converts by iconv(3) too.
struct WorkingTreeEncoding: Hashable, Sendable {
    let name: String

    /// Nil for UTF-8 itself, and for a name that the C library does not know in both directions.
    init?(_ name: String) {
        if Self.isUTF8(name) { return nil }
        self.name = name
        guard let (target, _) = writing, canConvert(from: "UTF-8", to: target), canConvert(from: reading, to: "UTF-8") else { return nil }
    }

    static func isUTF8(_ name: String) -> Bool { ["", "UTF-8", "UTF8"].contains(name.uppercased()) }

    /// What a checkout writes of a blob; nil where git leaves it as it is, since it is not in UTF-8 or has characters that the encoding lacks.
    func encode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard !bytes.isEmpty else { return [] }
        return writing.flatMap { target, mark in convert(bytes, from: "UTF-8", to: target, behind: mark) }
    }

    /// What git stores of a file; nil where it refuses to.
    func decode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard !bytes.isEmpty else { return [] }
        return hasRightMark(bytes) ? convert(bytes, from: reading, to: "UTF-8", behind: []) : nil
    }

    // MARK: - Names

    /// What follows `UTF` or `UTF-`, in lower case; nil for other names.
    private var form: String? {
        let lower = name.lowercased()
        guard lower.hasPrefix("utf") else { return nil }
        let rest = lower.dropFirst(3)
        return String(rest.hasPrefix("-") ? rest.dropFirst() : rest)
    }

    /// The C library's name when writing, and the mark before the text that it does not write itself.
    private var writing: (name: String, mark: [UInt8])? {
        switch form {
        case "16le-bom": ("UTF-16LE", [0xFF, 0xFE])
        case "16be-bom": ("UTF-16BE", [0xFE, 0xFF])
        default: (name, [])
        }
    }

    private var reading: String { form == "16le-bom" ? "UTF-16" : name }

    /// Of a name that leaves the order of bytes open the text says it; where the name says it, no mark is allowed.
    private func hasRightMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        func begins(with marks: [[UInt8]]) -> Bool { marks.contains { bytes.starts(with: $0) } }
        let (two, four): ([[UInt8]], [[UInt8]]) = ([[0xFE, 0xFF], [0xFF, 0xFE]], [[0, 0, 0xFE, 0xFF], [0xFF, 0xFE, 0, 0]])
        switch form {
        case "16": return begins(with: two)
        case "32": return begins(with: four)
        case "16be", "16le": return !begins(with: two)
        case "32be", "32le": return !begins(with: four)
        default: return true
        }
    }
}

private func open(from source: String, to target: String) -> iconv_t? {
    // git has another name for one that many C libraries do not know by this.
    for known in [{ $0 }, { $0.lowercased() == "latin-1" ? "ISO-8859-1" : $0 }] as [(String) -> String] {
        let opened = iconv_open(known(target), known(source))
        if opened != iconv_t(bitPattern: -1) { return opened }
    }
    return nil
}

private func canConvert(from source: String, to target: String) -> Bool {
    guard let converter = open(from: source, to: target) else { return false }
    iconv_close(converter)
    return true
}

/// Nil for bytes that are not in the encoding `source`, or have characters that `target` lacks.
private func convert(_ bytes: UnsafeRawBufferPointer, from source: String, to target: String, behind mark: [UInt8]) -> [UInt8]? {
    guard let converter = open(from: source, to: target) else { return nil }
    defer { iconv_close(converter) }
    var result = mark
    result.reserveCapacity(mark.count + bytes.count * 2)
    var input = bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: CChar.self)) }
    var left = bytes.count
    let isWhole = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
        while true {
            var output: UnsafeMutablePointer<CChar>? = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            var room = buffer.count
            let isDone = iconv(converter, &input, &left, &output, &room) != -1
            let why = Glibc.errno
            result.append(contentsOf: buffer[..<(buffer.count - room)])
            if isDone { return true }
            // As git, which does not ask for what would end the text of an encoding with states.
            if why != E2BIG { return false }
        }
    }
    return isWhole ? result : nil
}
