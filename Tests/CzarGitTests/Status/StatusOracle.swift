import TestSupport

@testable import CzarGit

/// A status in the form of ``gitStatusLines(_:)``.
func statusLines(_ status: WorktreeStatus) -> [String] {
    status.entries.map { entry in
        let letters = "\(entry.staged)\(entry.unstaged)"
        return entry.oldPath.map { "\(letters) \($0) -> \(entry.path)" } ?? "\(letters) \(entry.path)"
    }.sorted()
}

/// What `git status --porcelain` says, sorted; git may not refresh the index while it looks.
func gitStatusLines(_ path: String) throws -> [String] {
    let output = try git("status", "--porcelain", "-z", in: path, environment: ["GIT_OPTIONAL_LOCKS": "0"])
    var lines: [String] = []
    var fields = output.split(separator: "\0")[...]
    while let field = fields.popFirst() {
        let path = RepositoryPath(String(field.dropFirst(3)))
        let old = field.prefix(2).contains("R") ? fields.popFirst().map { "\(RepositoryPath(String($0))) -> " } : nil
        lines.append("\(field.prefix(3))\(old ?? "")\(path)")
    }
    return lines.sorted()
}
