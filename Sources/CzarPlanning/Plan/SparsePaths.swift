/// Which folders the patterns of `paths` begin with: what a sparse worktree holds.
package enum SparsePaths {
    /// The part of a pattern before its first wildcard, in whole components: a folder, or a file that is named without wildcards. Nil when
    /// there is none.
    package static func start(of pattern: String) -> String? {
        var parts: [Substring] = []
        for part in pattern.split(separator: "/") where part != "." {
            if part == ".." { return nil }
            if part.contains(where: { "*?[\\".contains($0) }) { break }
            parts.append(part)
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }
}

extension WorkerDefinition {
    /// The folders (or files) that its worktree is to hold; nil when that is everything. Patterns that take something out again do not count.
    package var sparsePaths: [String]? {
        isSparse ? paths.filter { !$0.hasPrefix("!") }.compactMap { SparsePaths.start(of: $0) } : nil
    }
}
