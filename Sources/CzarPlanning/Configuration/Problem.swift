/// One thing that is wrong, or worth saying, about a plan, with its place.
public struct Problem: Hashable, Sendable, Error, CustomStringConvertible {
    /// An error keeps the plan from being used; a warning does not.
    public enum Severity: String, Hashable, Sendable, CaseIterable { case error, warning }

    /// How bad it is.
    public var severity: Severity
    /// The file's name as the caller gave it.
    public var file: String
    /// Starts at 1.
    public var line: Int
    /// Starts at 1 and counts Unicode scalars.
    public var column: Int
    /// The place in the plan, such as `workers[2].dependencies`; empty for the file as a whole.
    public var field: String
    /// A sentence, without the place.
    public var message: String

    /// Makes a problem of its parts.
    public init(severity: Severity = .error, file: String, line: Int, column: Int, field: String, message: String) {
        (self.severity, self.file, self.line, self.column) = (severity, file, line, column)
        (self.field, self.message) = (field, message)
    }

    /// `plan.yaml:12:5: error: workers[2].dependencies: …`, the form that editors and compilers share.
    public var description: String {
        "\(file):\(line):\(column): \(severity.rawValue): " + (field.isEmpty ? "" : field + ": ") + message
    }
}

/// Collects what the reading of one plan has to say, so that every problem is reported at once.
final class ProblemCollector {
    private(set) var problems: [Problem] = []
    private var said: Set<String> = []

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// Keys and values of a plan end up in these texts; a terminal must not obey them.
    func add(_ problem: Problem) {
        var problem = problem
        (problem.field, problem.message) = (problem.field.withoutControls, problem.message.withoutControls)
        problems.append(problem)
    }

    func error(_ position: SourcePosition, _ field: String, _ message: String) {
        add(Problem(file: position.file, line: position.line, column: position.column, field: field, message: message))
    }

    func warn(_ position: SourcePosition, _ field: String, _ message: String) {
        add(
            Problem(
                severity: .warning, file: position.file, line: position.line, column: position.column, field: field, message: message))
    }

    /// Warns the first time only: fifty workers with the same ignored key are one remark.
    func warnOnce(_ subject: String, _ position: SourcePosition, _ field: String, _ message: String) {
        if said.insert(subject).inserted { warn(position, field, message) }
    }

    /// By file (in the order the files were given), line and column; the order is total, so the same plan gives the same list.
    func sorted(files: [String]) -> [Problem] {
        var rank: [String: Int] = [:]
        for (index, file) in files.enumerated() where rank[file] == nil { rank[file] = index }
        func key(_ problem: Problem) -> (Int, Int, Int) { (rank[problem.file] ?? files.count, problem.line, problem.column) }
        return problems.sorted { key($0) != key($1) ? key($0) < key($1) : ($0.field, $0.message) < ($1.field, $1.message) }
    }
}
