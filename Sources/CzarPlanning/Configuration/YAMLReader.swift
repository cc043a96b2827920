import Yams

/// Reads one YAML document with Yams' composer: positions and text, none of YAML's types.
///
/// Limits: depth, the number of nodes after aliases are followed, and one document in a file.
/// A syntax error ends the reading, because the composer stops there (``YAMLBeginning`` reads what stands before it); duplicate keys are collected in ``duplicates``.
struct YAMLReader {
    private let text: SourceText
    private var keys: YAMLRenamedKeys
    private var aliases: YAMLAliases?
    /// How many aliases are being followed.
    private var following = 0
    private(set) var duplicates: [Problem] = []
    /// After a syntax error: the line on which what could not be read begins, such as brackets that nobody closes.
    private(set) var startOfUnread: Int?
    /// Whether ``read()`` ended at a syntax error, so that what stands before it may say something.
    private(set) var endedEarly = false
    /// Mappings whose keys were looked at: one that aliases stand for is met several times.
    private var checked: Set<SourcePosition> = []
    /// More than any plan has within the size of a file; only aliases can reach it.
    static let maximumNodes = 1_000_000

    init(_ text: SourceText) { (self.text, keys) = (text, YAMLRenamedKeys(text.string)) }

    /// The document's root.
    mutating func read() throws(Problem) -> ConfigurationNode {
        try AliasBudget.check(text)
        guard let root = try compose() else { throw problem(1, 1, "The file is empty.") }
        var remaining = Self.maximumNodes
        if text.bytes.contains(UInt8(ascii: "*")) { aliases = keys.aliases }
        return try convert(root, depth: 0, remaining: &remaining, near: SourcePosition(file: text.file, line: 1, column: 1))
    }

    private mutating func compose() throws(Problem) -> Node? {
        while true {
            do {
                // Without rules no scalar is ever matched against YAML's patterns for numbers and dates.
                return try Parser(yaml: keys.text, resolver: .basic, encoding: .utf8).singleRoot()
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let (name, mark) = (names.first ?? "", context.mark)
                guard keys.rename(name, line: mark.line, column: mark.column) else { throw duplicate(keys.name(of: name), mark) }
            } catch let error as YamlError {
                endedEarly = true
                startOfUnread = Self.start(of: error)
                throw problem(from: error)
            } catch {
                throw problem(1, 1, "The YAML cannot be read: \(error)")
            }
        }
    }

    private mutating func convert(
        _ node: Node, at path: NodePath = NodePath(), depth: Int, remaining: inout Int, near: SourcePosition
    ) throws(Problem) -> ConfigurationNode {
        let written = node.mark.map { SourcePosition(file: text.file, line: $0.line, column: $0.column) } ?? near
        let alias = placeOfAlias(node, written)
        // What is said of an alias is said where it stands; what is wrong inside, where that is written.
        let position = alias ?? written
        following += alias == nil ? 0 : 1
        defer { following -= alias == nil ? 0 : 1 }
        remaining -= 1
        guard remaining > 0 else {
            throw problem(position.line, position.column, "Aliases blow the file up to more than \(Self.maximumNodes) values.")
        }
        guard depth <= ConfigurationNode.maximumDepth else {
            throw problem(position.line, position.column, "Lists and mappings are nested more than \(ConfigurationNode.maximumDepth) deep.")
        }
        switch node {
        case .scalar(let scalar):
            if scalar.string.utf8.contains(0) { throw problem(position.line, position.column, "Text may not hold the NUL character.") }
            return ConfigurationNode(
                position: position, value: .scalar(scalar.string, plain: scalar.style == .plain || scalar.style == .any))
        case .sequence(let sequence):
            var elements: [ConfigurationNode] = []
            for element in sequence {
                let place = path.element(elements.count)
                elements.append(try convert(element, at: place, depth: depth + 1, remaining: &remaining, near: position))
            }
            return ConfigurationNode(position: position, value: .list(elements))
        case .mapping(let mapping):
            var entries: [ConfigurationNode.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw problem(position.line, position.column, "A key of this mapping is not plain text.")
                }
                let place = name.mark.map { SourcePosition(file: text.file, line: $0.line, column: $0.column) } ?? position
                if following == 0 { aliases?.meet(line: place.line, column: place.column) }
                let key = keys.name(of: name.string)
                entries.append(
                    .init(
                        key: key, position: place,
                        value: try convert(value, at: path.key(key), depth: depth + 1, remaining: &remaining, near: place)))
            }
            noteDuplicates(entries, of: written, at: path)
            return ConfigurationNode(position: position, value: .map(Self.merged(entries)))
        case .alias: throw problem(position.line, position.column, "An alias here has no anchor.")
        }
    }

    private mutating func placeOfAlias(_ node: Node, _ written: SourcePosition) -> SourcePosition? {
        guard following == 0, node.mark != nil else { return nil }
        if let place = aliases?.alias(line: written.line, column: written.column) {
            return SourcePosition(file: text.file, line: place.line, column: place.column)
        }
        aliases?.meet(line: written.line, column: written.column, lines: Self.linesBelow(node))
        return nil
    }

    /// How many lines of text stand below the line where a text begins: in a block all of them.
    private static func linesBelow(_ node: Node) -> Int {
        guard case .scalar(let scalar) = node, scalar.style == .literal || scalar.style == .folded else { return 0 }
        let text = scalar.string.utf8
        return text.count { $0 == UInt8(ascii: "\n") } + (text.last == UInt8(ascii: "\n") ? 1 : 2)
    }

    private mutating func noteDuplicates(_ entries: [ConfigurationNode.Entry], of mapping: SourcePosition, at path: NodePath) {
        guard checked.insert(mapping).inserted else { return }
        var lines: [String: Int] = [:]
        for entry in entries {
            if let first = lines[entry.key] {
                let message = "The key '\(entry.key)' stands twice in this mapping, first on line \(first)."
                duplicates.append(problem(entry.position.line, entry.position.column, message, field: path.key(entry.key).text))
            } else {
                lines[entry.key] = entry.position.line
            }
        }
    }

    /// YAML's merge key: `<<: *defaults` adds the keys that the mapping does not have itself.
    private static func merged(_ entries: [ConfigurationNode.Entry]) -> [ConfigurationNode.Entry] {
        guard entries.contains(where: { $0.key == "<<" }) else { return entries }
        var result = entries.filter { $0.key != "<<" }
        var keys = Set(result.map(\.key))
        for entry in entries where entry.key == "<<" {
            let sources =
                switch entry.value.value {
                case .list(let list): list
                default: [entry.value]
                }
            for case .map(let inherited) in sources.map(\.value) {
                result += inherited.filter { keys.insert($0.key).inserted }
            }
        }
        return result
    }

    // MARK: Problems

    private func problem(_ line: Int, _ column: Int, _ message: String, field: String = "") -> Problem {
        Problem(file: text.file, line: max(1, line), column: max(1, column), field: field, message: message)
    }

    private static func start(of error: YamlError) -> Int? {
        switch error {
        case .scanner(let context, _, _, _), .parser(let context, _, _, _): context?.mark.line
        default: nil
        }
    }

    private func problem(from error: YamlError) -> Problem {
        switch error {
        case .parser(_, let what, let mark, _) where what.contains("nesting level"):
            return problem(mark.line, mark.column, "Lists and mappings are nested more than \(ConfigurationNode.maximumDepth) deep.")
        case .scanner(let context, let what, let mark, _), .parser(let context, let what, let mark, _):
            let detail = context.map { ", \($0.text) that starts on line \($0.mark.line)" } ?? ""
            return problem(mark.line, mark.column, "The YAML cannot be read: \(what)\(detail).")
        case .composer(_, let what, let mark, _):
            let message =
                what.contains("another document")
                ? "A second YAML document starts here; a plan is one." : "The YAML cannot be read: \(what)."
            return problem(mark.line, mark.column, message)
        case .reader(let what, let offset, _, _):
            let before = text.string.prefix(offset ?? 0).unicodeScalars
            let line = 1 + before.count { $0 == "\n" }
            let column = 1 + before.reversed().prefix { $0 != "\n" }.count
            return problem(line, column, "The YAML cannot be read: \(what).")
        default: return problem(1, 1, "The YAML cannot be read: \(error)")
        }
    }

    /// For a key that could not be renamed. The composer knows the first place only; the second is looked for in lines with the same
    /// indentation.
    private func duplicate(_ key: String, _ first: Mark) -> Problem {
        let lines = text.string.split(separator: "\n", omittingEmptySubsequences: false)
        let indentation = String(repeating: " ", count: max(0, first.column - 1))
        for (index, line) in lines.enumerated().dropFirst(first.line) where line.hasPrefix(indentation + key) {
            guard line.dropFirst(indentation.count + key.count).first(where: { $0 != " " }) == ":" else { continue }
            return problem(
                index + 1, first.column, "The key '\(key)' stands twice in this mapping, first on line \(first.line).", field: key)
        }
        return problem(first.line, first.column, "The key '\(key)' stands twice in the mapping that holds it here.", field: key)
    }
}

/// Refuses a document whose aliases grow exponentially ("billion laughs") before the composer sees it.
///
/// The composer follows aliases by reference, but it compares keys by value and so could be kept busy for ever. Anchors and
/// aliases are found by their look alone: an anchor's weight is at most one plus the weights of all aliases between it and its
/// first use, since it is complete by then. Prose that looks like anchors costs nothing unless it multiplies the same way.
/// - Complexity: linear in the text's size.
enum AliasBudget {
    static let limit = 20_000

    static func check(_ text: SourceText) throws(Problem) {
        var total = 0
        var startOf: [ArraySlice<UInt8>: Int] = [:]
        var weightOf: [ArraySlice<UInt8>: Int] = [:]
        var index = 0
        let bytes = text.bytes
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*") else { continue }
            let first = index
            while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
            let name = bytes[first..<index]
            if name.isEmpty { continue }
            if byte == UInt8(ascii: "&") {
                // What looks like a second definition may be a comment, so the first start still counts.
                (startOf[name], weightOf[name]) = (startOf[name] ?? total, nil)
            } else if let start = startOf[name] {
                let weight = weightOf[name] ?? (1 + total - start)
                weightOf[name] = weight
                total += weight
                guard total <= limit else {
                    let (line, column) = SourceText.lineAndColumn(of: first - 1, in: bytes)
                    throw Problem(
                        file: text.file, line: line, column: column, field: "",
                        message: "The file's aliases stand for more than \(limit) values.")
                }
            }
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
