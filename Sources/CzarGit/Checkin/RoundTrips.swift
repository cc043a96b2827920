/// The encodings from which a file is stored only where it comes back byte for byte: git's `core.checkRoundtripEncoding`.
///
/// Source: convert.c, `check_roundtrip`.
struct RoundTrips: Sendable {
    private let list: [UInt8]

    init(_ setting: String?) { list = Array((setting ?? "SHIFT-JIS").lowercased().utf8) }

    /// As git, which looks at the first place only where the name occurs.
    func areChecked(of encoding: String) -> Bool {
        let name = Array(encoding.lowercased().utf8)
        guard let start = list.indices.first(where: { list[$0...].starts(with: name) }) else { return false }
        let end = start + name.count
        return (start == 0 || Self.isSeparator(list[start - 1])) && (end == list.count || Self.isSeparator(list[end]))
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x2C || byte == 0x20 || (0x09...0x0D).contains(byte) }
}
