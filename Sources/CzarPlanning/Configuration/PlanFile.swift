/// One file of a plan: its bytes and the name that problems show. This target reads no disk.
public struct PlanFile: Hashable, Sendable {
    /// The two notations of a plan.
    public enum Format: String, Hashable, Sendable, CaseIterable { case json, yaml }

    /// What problems call it; for a worker's own file the worker's id comes from its last part.
    public var name: String
    /// The whole content.
    public var bytes: [UInt8]
    /// How to read it.
    public var format: Format

    /// Without a format the name's extension decides: `.json` is JSON, everything else YAML.
    public init(name: String, bytes: [UInt8], format: Format? = nil) {
        (self.name, self.bytes) = (name, bytes)
        self.format = format ?? (name.lowercased().hasSuffix(".json") ? .json : .yaml)
    }

    /// The name's last part without its extension.
    var stem: String {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        guard let point = last.lastIndex(of: "."), point != last.startIndex else { return last }
        return String(last[..<point])
    }

    /// The file as a tree.
    enum Tree {
        case whole(ConfigurationNode)
        /// It cannot be read to its end, and a problem says why.
        case beginning(YAMLBeginning)
        /// It cannot be read, and a problem says why.
        case none
    }

    /// The file as a tree; nil when it cannot be read to its end, and then a problem says why.
    func node(reportingTo problems: ProblemCollector) -> ConfigurationNode? {
        if case .whole(let node) = tree(reportingTo: problems) { node } else { nil }
    }

    func tree(reportingTo problems: ProblemCollector) -> Tree {
        do throws(Problem) {
            let text = try SourceText(file: self)
            switch format {
            case .json:
                return .whole(try json(text, problems))
            case .yaml:
                return try yaml(text, problems)
            }
        } catch {
            problems.add(error)
            return .none
        }
    }

    private func json(_ text: SourceText, _ problems: ProblemCollector) throws(Problem) -> ConfigurationNode {
        var reader = JSONReader(text)
        // Keys that stand twice before a syntax error stand twice all the same.
        defer { reader.duplicates.forEach(problems.add) }
        do throws(Problem) { return try reader.read() } catch {
            var problem = error
            problem.message += " Reading ended there: nothing else in this file was checked."
            throw problem
        }
    }

    private func yaml(_ text: SourceText, _ problems: ProblemCollector) throws(Problem) -> Tree {
        var reader = YAMLReader(text)
        do throws(Problem) {
            let node = try reader.read()
            reader.duplicates.forEach(problems.add)
            return .whole(node)
        } catch {
            guard reader.endedEarly else { throw error }
            let beginning = YAMLBeginning(of: text, before: error)
            let end = beginning.map { "from line \($0.end) on nothing was checked" } ?? "nothing in this file was checked"
            var problem = error
            problem.message += " Reading ended there: \(end)."
            problems.add(problem)
            return beginning.map { .beginning($0) } ?? .none
        }
    }
}

/// A file's bytes, proven to be text: UTF-8 without a byte order mark, without NUL, of bounded size.
struct SourceText {
    let file: String
    let bytes: [UInt8]
    let string: String

    init(file: PlanFile) throws(Problem) {
        func problem(at offset: Int, _ message: String) -> Problem {
            let (line, column) = Self.lineAndColumn(of: offset, in: file.bytes)
            return Problem(file: file.name, line: line, column: column, field: "", message: message)
        }
        guard file.bytes.count <= ConfigurationNode.maximumBytes else {
            throw problem(at: 0, "The file has \(file.bytes.count) bytes; a plan may have at most \(ConfigurationNode.maximumBytes).")
        }
        if file.bytes.starts(with: [0xFF, 0xFE]) || file.bytes.starts(with: [0xFE, 0xFF]) {
            throw problem(at: 0, "The file is UTF-16; save it as UTF-8.")
        }
        if let offset = file.bytes.firstIndex(of: 0) { throw problem(at: offset, "The file holds a NUL byte; a plan is text.") }
        let content = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(file.bytes.dropFirst(3)) : file.bytes
        guard let string = String(validating: content, as: UTF8.self) else {
            throw problem(at: Self.firstInvalidOffset(in: file.bytes), "The file is not valid UTF-8 here.")
        }
        (self.file, bytes, self.string) = (file.name, content, string)
    }

    /// Line and column of a byte offset, both from 1.
    static func lineAndColumn(of offset: Int, in bytes: [UInt8]) -> (Int, Int) {
        var (line, column) = (1, 1)
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") { (line, column) = (line + 1, 1) } else if byte & 0xC0 != 0x80 { column += 1 }
        }
        return (line, column)
    }

    private static func firstInvalidOffset(in bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error: return offset
            case .emptyInput: return offset
            }
        }
    }
}
