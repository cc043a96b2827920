/// Reads the keys of one mapping and says at the end which of them nobody asked for.
///
/// Every accessor reports what it cannot use and returns nil, so that reading goes on and all problems are found at once.
/// A key whose value is null or empty YAML counts as absent.
final class Fields {
    /// The block's name for remarks that are made once: `workers`, `project`.
    let block: String
    /// The block's place in the plan: `workers[2]`; empty for the root.
    let path: String
    let position: SourcePosition
    let problems: ProblemCollector
    private var entries: [String: ConfigurationNode.Entry] = [:]
    private let order: [String]
    private var known: Set<String> = []

    /// Returns nil, and says so, when the node is no mapping.
    init?(_ node: ConfigurationNode, block: String, path: String, problems: ProblemCollector) {
        (self.block, self.path, position, self.problems) = (block, path, node.position, problems)
        guard case .map(let list) = node.value else {
            problems.error(node.position, path, "This must be a mapping of keys to values, not \(node.kind).")
            return nil
        }
        order = list.map(\.key)
        for entry in list where entries[entry.key] == nil { entries[entry.key] = entry }
    }

    func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The entry, whether null or not; counts as asked for.
    private func entry(_ key: String) -> ConfigurationNode.Entry? {
        known.insert(key)
        return entries[key]
    }

    func node(_ key: String) -> ConfigurationNode? {
        guard let entry = entry(key), !entry.value.isNull else { return nil }
        return entry.value
    }

    /// Where a key stands; the block's own place when it is missing.
    func place(of key: String) -> SourcePosition { entries[key]?.position ?? position }

    /// All keys, in the order of the file.
    var keys: [String] { order }

    func has(_ key: String) -> Bool { entries[key].map { !$0.value.isNull } ?? false }

    // MARK: Values

    func located(_ key: String) -> Located<String>? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, _) = node.value else {
            problems.error(node.position, field(key), "This must be a single value, not \(node.kind).")
            return nil
        }
        return Located(value: text, position: node.position)
    }

    func text(_ key: String) -> String? { located(key)?.value }

    /// Text that may not be empty or hold control characters: names and ids.
    func name(_ key: String) -> Located<String>? {
        guard let name = located(key) else { return nil }
        if name.value.isEmpty {
            problems.error(name.position, field(key), "This may not be empty.")
            return nil
        }
        if name.value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            problems.error(name.position, field(key), "This may not hold control characters or line breaks.")
            return nil
        }
        return name
    }

    /// A list of texts; nil when the key is missing or no list.
    func list(_ key: String, example: String) -> [Located<String>]? {
        guard let node = node(key) else { return nil }
        guard case .list(let elements) = node.value else {
            problems.error(node.position, field(key), "This must be a list, such as \(example), not \(node.kind).")
            return nil
        }
        var texts: [Located<String>] = []
        for element in elements {
            guard case .scalar(let text, _) = element.value else {
                problems.error(element.position, field(key), "Each element of this list must be a single value, not \(element.kind).")
                continue
            }
            texts.append(Located(value: text, position: element.position))
        }
        return texts
    }

    func strings(_ key: String, example: String = "[a, b]") -> [String] { (list(key, example: example) ?? []).map(\.value) }

    func bool(_ key: String) -> Bool? {
        guard let text = located(key) else { return nil }
        switch text.value.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            problems.error(text.position, field(key), "'\(text.value.shortened)' is neither true nor false.")
            return nil
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        parsed(key, or: "is no whole number from \(range.lowerBound) to \(range.upperBound).") { text in
            Int(text.filter { $0 != "_" }).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func tokens(_ key: String) -> Int64? {
        parsed(key, or: "is no number of tokens; write 1200000, 1.2M or 850K.") { TokenAmount.parse($0) }
    }

    func duration(_ key: String) -> Duration? {
        parsed(key, or: "is no duration; write 90s, 30m, 1h30m, 5d or 2w.") { DurationText.parse($0) }
    }

    private func parsed<Value>(_ key: String, or complaint: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = located(key) else { return nil }
        let value = parse(text.value)
        if value == nil { problems.error(text.position, field(key), "'\(text.value.shortened)' \(complaint)") }
        return value
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice? where Choice.RawValue == String {
        guard let text = located(key) else { return nil }
        if let choice = Choice(rawValue: text.value) { return choice }
        let allowed = Choice.allCases.map(\.rawValue)
        problems.error(
            text.position, field(key),
            "'\(text.value.shortened)' is not allowed; it must be one of \(allowed.joined(separator: ", ")).\(NearName.question(for: text.value, among: allowed))"
        )
        return nil
    }

    /// The fields of a block inside this one.
    func block(_ key: String, named name: String? = nil) -> Fields? {
        node(key).flatMap { Fields($0, block: name ?? field(key), path: field(key), problems: problems) }
    }

    /// Names and texts of a mapping inside this one, in the order of the file.
    func texts(_ key: String) -> [(key: Located<String>, value: Located<String>)] {
        guard let node = node(key) else { return [] }
        guard case .map(let list) = node.value else {
            problems.error(node.position, field(key), "This must be a mapping of names to values, not \(node.kind).")
            return []
        }
        var result: [(key: Located<String>, value: Located<String>)] = []
        for entry in list {
            guard case .scalar(let text, _) = entry.value.value else {
                problems.error(entry.value.position, "\(field(key)).\(entry.key)", "This must be a single value, not \(entry.value.kind).")
                continue
            }
            result.append((Located(value: entry.key, position: entry.position), Located(value: text, position: entry.value.position)))
        }
        return result
    }

    // MARK: Keys without use

    /// Keys that mean nothing here and need no word.
    func accept(_ keys: String...) { known.formUnion(keys) }

    /// Keys of Czarina that Czar has no use for: said once in a plan.
    func ignore(_ keys: String..., because reason: String = "Czar has no use for it") {
        for key in keys {
            guard let entry = entry(key), !entry.value.isNull else { continue }
            problems.warnOnce("\(block).\(key)", entry.position, field(key), "'\(key)' is ignored: \(reason).")
        }
    }

    /// A key whose feature this version does not have: an error, because the plan counts on it.
    ///
    /// The values in `unless` ask for nothing, nor does an empty list or mapping.
    func refuse(_ key: String, unless harmless: [String] = [], _ sentence: String) {
        guard let entry = entry(key), !entry.value.isNull else { return }
        switch entry.value.value {
        case .scalar(let text, _) where harmless.contains(text.lowercased()): return
        case .list(let elements) where elements.isEmpty: return
        case .map(let entries) where entries.isEmpty: return
        default: problems.error(entry.position, field(key), sentence)
        }
    }

    /// Warns of every key that was never asked for.
    func finish() {
        for key in order where !known.contains(key) {
            guard let entry = entries[key] else { continue }
            problems.warnOnce(
                "\(block).\(key)", entry.position, field(key),
                "The key '\(key.shortened)' is unknown and ignored.\(NearName.question(for: key, among: known))")
        }
    }
}

extension String {
    /// At most 60 characters and no control characters, for quoting in a sentence.
    var shortened: String {
        let clean = withoutControls
        return clean.count <= 60 ? clean : clean.prefix(59) + "…"
    }

    /// With a replacement character for every control character, C1 and line separators included.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 }))
    }

    /// The text with control characters as a reader of code would write them: a line break is `\n`.
    var withControlsEscaped: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case _ where scalar.isControl: out += "\\u{\(String(scalar.value, radix: 16))}"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    /// What moves the cursor, or turns the direction of writing.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || (0x2028...0x202E).contains(value) || (0x2066...0x2069).contains(value)
    }
}
