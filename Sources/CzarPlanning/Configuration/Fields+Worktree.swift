extension Fields {
    /// Patterns of what a worker may touch; where they also say what its sparse worktree holds, each must begin with a folder.
    func paths(_ key: String, areSparse: Bool) -> [String] {
        (list(key, example: "[Sources/**]") ?? []).map { pattern in
            if let problem = PathPattern.problem(in: pattern.value) {
                problems.error(pattern.position, field(key), "The path '\(pattern.value.shortened)' \(problem).")
            } else if areSparse, !pattern.value.hasPrefix("!"), SparsePaths.start(of: pattern.value) == nil {
                problems.error(
                    pattern.position, field(key),
                    "The pattern '\(pattern.value.shortened)' begins with no folder, so a sparse worktree could leave nothing out.")
            }
            return pattern.value
        }
    }

    /// Patterns in `.gitignore` syntax that select files of the main worktree; those that could only mean other places are errors.
    func copyPatterns(_ key: String) -> [String] {
        var patterns: [String] = []
        for pattern in list(key, example: "[.env, node_modules]") ?? [] {
            if let problem = CopyPattern.problem(in: pattern.value) {
                problems.error(pattern.position, field(key), "The pattern '\(pattern.value.shortened)' \(problem).")
            } else {
                patterns.append(pattern.value)
            }
        }
        return patterns
    }
}

/// The rules for a pattern of `paths`.
enum PathPattern {
    /// Why it is refused, as the end of a sentence; nil when it is not.
    static func problem(in pattern: String) -> String? {
        if pattern.allSatisfy({ $0 == " " || $0 == "/" || $0 == "!" }) { return "names nothing" }
        if pattern.hasPrefix("/") || pattern.hasPrefix("~") { return "lies outside the repository; paths begin at the repository's root" }
        if pattern.split(separator: "/").contains("..") { return "holds '..'; paths begin at the repository's root" }
        return nil
    }
}

/// The rules for a pattern of `copy`.
enum CopyPattern {
    /// Why it is refused, as the end of a sentence; nil when it is not.
    static func problem(in pattern: String) -> String? {
        if pattern.allSatisfy({ $0 == " " || $0 == "/" || $0 == "!" }) { return "selects nothing" }
        if pattern.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return "holds control characters" }
        if pattern.hasPrefix("#") { return "is a comment in .gitignore syntax; write '\\#' for a name that starts with '#'" }
        if pattern.hasPrefix("~") { return "starts with '~'; only files of the main worktree are copied" }
        if pattern.split(separator: "/").contains("..") { return "holds '..'; only files of the main worktree are copied" }
        return nil
    }
}
