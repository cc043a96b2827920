/// A path inside a repository as git stores it: raw bytes, `/` between components, no leading slash. Git knows no encoding.
package struct RepositoryPath: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The exact bytes.
    package let bytes: [UInt8]

    /// Wraps bytes as they are.
    package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// The UTF-8 bytes of `text`.
    package init(_ text: String) { bytes = Array(text.utf8) }

    init(cString: UnsafePointer<CChar>) {
        var length = 0
        while cString[length] != 0 { length += 1 }
        bytes = UnsafeRawBufferPointer(start: cString, count: length).map { $0 }
    }

    /// For people: UTF-8 as it is; control characters, backslashes and bytes that are no UTF-8 as `\n`, `\t`, `\\` or `\xHH`.
    package var description: String { escapedForDisplay(bytes) }

    /// The text when the bytes are valid UTF-8.
    package var text: String? { String(validating: bytes, as: UTF8.self) }

    /// The components, in order.
    package var components: [RepositoryPath] { bytes.split(separator: 0x2F).map { RepositoryPath(bytes: $0) } }

    /// Whether this is `folder` or lies below it.
    package func isInside(_ folder: RepositoryPath) -> Bool {
        bytes.starts(with: folder.bytes) && (bytes.count == folder.bytes.count || bytes[folder.bytes.count] == 0x2F)
    }

    /// By bytes, git's order for files.
    package static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// Lends the NUL-terminated bytes to a call into libgit2.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result { withCName(bytes + [0], body) }
}

/// Bytes from outside as text that cannot steer a terminal: see ``RepositoryPath/description``.
package func escapedForDisplay(_ bytes: some Sequence<UInt8>) -> String {
    var result = ""
    var rest = Array(bytes)[...]
    while let byte = rest.first {
        let length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
        if let text = String(validating: rest.prefix(length), as: UTF8.self), let scalar = text.unicodeScalars.first {
            result += escaped(scalar)
            rest = rest.dropFirst(length)
        } else {
            result += hexEscape(byte)
            rest = rest.dropFirst()
        }
    }
    return result
}

private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\\": return "\\\\"
    default: break
    }
    return scalar.isUnsafeToShow ? String(scalar).utf8.map(hexEscape).joined() : String(scalar)
}

extension Unicode.Scalar {
    /// Whether it can steer a terminal, break a line or make a text read as another; format characters include the bidirectional overrides.
    package var isUnsafeToShow: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

private func hexEscape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
}
