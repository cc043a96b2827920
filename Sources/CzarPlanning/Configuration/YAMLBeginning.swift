/// What stands before a syntax error of a YAML file, as far as it says something without the rest.
///
/// The composer gives nothing of a document that it cannot read to its end. So the lines before the error are read as a document of
/// their own; where they break off inside of brackets or quotes, the lines before those. What the end may have cut off is left out, and
/// nothing is said about what may only be missing because of the cut.
struct YAMLBeginning {
    let root: ConfigurationNode
    /// Keys that stand twice.
    let duplicates: [Problem]
    /// The first line that was not read.
    let end: Int
    /// Mappings and lists that may go on behind the cut: whether they lack something is not known.
    private let open: Set<SourcePosition>

    /// Each attempt reads all that is left.
    private static let mostAttempts = 8

    /// `error`: where the reading of the whole ended. Nil when nothing before it can be read.
    init?(of text: SourceText, before error: Problem) {
        let lines = text.string.split(separator: "\n", omittingEmptySubsequences: false)
        var end = min(error.line, lines.count)
        for _ in 0..<Self.mostAttempts where end > 1 {
            let kept = lines[..<(end - 1)].joined(separator: "\n") + "\n"
            var opened: Int?
            do throws(Problem) {
                let file = PlanFile(name: text.file, bytes: Array(kept.utf8), format: .yaml)
                var reader = YAMLReader(try SourceText(file: file))
                defer { opened = reader.startOfUnread }
                let node = try reader.read()
                var open: Set<SourcePosition> = []
                guard let root = Self.complete(node, before: Self.indentation(of: lines[(end - 1)...]), &open) else { return nil }
                (self.root, duplicates, self.end, self.open) = (root, reader.duplicates, end, open)
                return
            } catch {
                end = min(end - 1, opened ?? error.line)
            }
        }
        return nil
    }

    /// Whether a problem may be there only because the rest is missing.
    func isDoubtful(_ problem: Problem) -> Bool {
        open.contains(SourcePosition(file: problem.file, line: problem.line, column: problem.column))
    }

    /// Of the first line that says anything; what is indented deeper than a key may belong to its value.
    private static func indentation(of lines: ArraySlice<Substring>) -> Int {
        let next = lines.first { line in line.first { $0 != " " }.map { $0 != "#" } ?? false }
        return next.map { $0.prefix { $0 == " " }.count } ?? 0
    }

    /// The node without the last value in it, unless that is complete for certain; nil when nothing is left.
    private static func complete(_ node: ConfigurationNode, before next: Int, _ open: inout Set<SourcePosition>) -> ConfigurationNode? {
        var node = node
        switch node.value {
        case .map(var entries):
            guard let last = entries.popLast() else { return nil }
            open.insert(node.position)
            if isClosed(last.value, after: last.position) {
                entries.append(last)
            } else if case .scalar = last.value.value {
                if !last.value.isNull, next < last.position.column { entries.append(last) }
            } else if let value = complete(last.value, before: next, &open) {
                entries.append(.init(key: last.key, position: last.position, value: value))
            }
            node.value = .map(entries)
            return entries.isEmpty ? nil : node
        case .list(var elements):
            guard let last = elements.popLast() else { return nil }
            open.insert(node.position)
            if isClosed(last, after: nil) {
                elements.append(last)
            } else if case .scalar = last.value {
                if !last.isNull, next + 2 < last.position.column { elements.append(last) }
            } else if let value = complete(last, before: next, &open) {
                elements.append(value)
            }
            node.value = .list(elements)
            return elements.isEmpty ? nil : node
        case .scalar: return nil
        }
    }

    /// Whether it ends with a bracket: then nothing can follow in it.
    private static func isClosed(_ node: ConfigurationNode, after key: SourcePosition?) -> Bool {
        switch node.value {
        case .scalar: false
        // A mapping without brackets begins with its first key.
        case .map(let entries): entries.first.map { $0.position != node.position } ?? true
        case .list: node.position.line == key?.line
        }
    }
}
