/// A YAML text in which keys that stand twice in their mapping were told apart, so that it can be read to its end.
///
/// Yams' composer stops at the first such key and names its first place only. There the key's first character is exchanged for one that
/// occurs nowhere in the text. Every other place stays where it was, the composer gets further, and the tree shows where the key stands
/// again. ``name(of:)`` gives a key its name back.
struct YAMLRenamedKeys {
    private var scalars: [Unicode.Scalar]
    private let lineStarts: [Int]
    private var original: [Unicode.Scalar: Unicode.Scalar] = [:]
    /// Stand-ins come from a plane for private use; a text that has characters of it is not touched.
    private static let standIns: Range<UInt32> = 0xF0000..<0xFFFFE
    /// How many characters are composed again altogether; duplicates beyond that are found when these are mended.
    private static let mostWork = 16 << 20

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        lineStarts = Self.lineStarts(scalars)
    }

    /// The text as it is to be read now.
    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Where its aliases stand.
    var aliases: YAMLAliases { YAMLAliases(scalars, lineStarts: lineStarts) }

    /// Renames the key at a place; line and column start at 1.
    /// - Returns: false where the key is not written there as it is read (an escape, an anchor, a tag), or after too many.
    mutating func rename(_ key: String, line: Int, column: Int) -> Bool {
        guard let first = key.unicodeScalars.first, lineStarts.indices.contains(line - 1), column > 0 else { return false }
        var index = lineStarts[line - 1] + column - 1
        if scalars.indices.contains(index), scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard scalars.indices.contains(index), scalars[index] == first, first != "\\", first != "'" else { return false }
        guard original.count < Self.standIns.count, original.count * scalars.count < Self.mostWork,
            !original.isEmpty || !scalars.contains(where: { Self.standIns.contains($0.value) }),
            let standIn = Unicode.Scalar(Self.standIns.lowerBound + UInt32(original.count))
        else { return false }
        scalars[index] = standIn
        original[standIn] = first
        return true
    }

    /// The name of a key as the file has it.
    func name(of key: String) -> String {
        guard !original.isEmpty, let first = key.unicodeScalars.first, let scalar = original[first] else { return key }
        return String(scalar) + String(key.unicodeScalars.dropFirst())
    }

    /// Where lines start, by YAML's line breaks.
    private static func lineStarts(_ scalars: [Unicode.Scalar]) -> [Int] {
        var starts = [0]
        for (index, scalar) in scalars.enumerated() {
            switch scalar.value {
            case 0x0D where index + 1 < scalars.count && scalars[index + 1] == "\n": continue
            case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: starts.append(index + 1)
            default: continue
            }
        }
        return starts
    }
}
