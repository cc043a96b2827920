/// Which folders the patterns of `paths` begin with: what a sparse worktree holds.
package enum SparsePaths {
    /// The part of a pattern before its first wildcard, in whole components: a folder, or a file that is named without wildcards. Nil when
    /// there is none. A backslash takes the special meaning from the next character.
    package static func start(of pattern: String) -> String? {
        var parts: [String] = []
        for part in pattern.split(separator: "/") where part != "." {
            if part == ".." { return nil }
            guard let name = plainName(part) else { break }
            parts.append(name)
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// The one name that a component of a pattern stands for; nil when it has wildcards, or a backslash before nothing.
    private static func plainName(_ part: Substring) -> String? {
        var name = ""
        var rest = part
        while var character = rest.popFirst() {
            if "*?[".contains(character) { return nil }
            if character == "\\" {
                guard let next = rest.popFirst() else { return nil }
                character = next
            }
            name.append(character)
        }
        return name
    }
}

extension WorkerDefinition {
    /// The folders (or files) that its worktree is to hold; nil when that is everything. Patterns that take something out again do not count.
    package var sparsePaths: [String]? {
        isSparse ? paths.filter { !$0.hasPrefix("!") }.compactMap { SparsePaths.start(of: $0) } : nil
    }
}
