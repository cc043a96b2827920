import CLibgit2

/// The user's own merge drivers: programs that git gives a file to, and that are not run here.
///
/// Source: git's merge-ll.c, `find_ll_merge_driver`: a name that nobody configured is the merge of texts.
struct MergeDrivers {
    /// Names under `merge.` that somebody configured.
    private let configured: Set<String>
    /// `merge.default`: the driver of files of which attributes say nothing.
    private let fallback: String?

    init(of repository: borrowing Repository) throws(GitError) {
        let settings = try repository.configuration()
        var names: Set<String> = []
        for ending in ["driver", "name", "recursive"] {
            for entry in try settings.entries(matching: "^merge\\..*\\.\(ending)$") {
                names.insert(String(entry.name.dropFirst("merge.".count).dropLast(ending.count + 1)))
            }
        }
        (configured, fallback) = (names, try settings.text("merge.default"))
    }

    /// Whether git would perhaps ask one of them about a path that both sides changed.
    func mayTake(_ contest: Contest, in repository: borrowing Repository) throws(GitError) -> Bool {
        guard !configured.isEmpty else { return false }
        // Perhaps we moved it: then the attributes of another path decide.
        guard contest.ours != nil else { return true }
        return try name(at: contest.path, in: repository).map { configured.contains($0) } ?? false
    }

    /// Nil for git's own merge of texts, or none.
    private func name(at path: RepositoryPath, in repository: borrowing Repository) throws(GitError) -> String? {
        var value: UnsafePointer<CChar>?
        try check("read the attribute merge of", path.description) {
            path.withCString { git_attr_get(&value, repository.handle, 0, $0, "merge") }
        }
        switch git_attr_value(value) {
        case GIT_ATTR_VALUE_TRUE, GIT_ATTR_VALUE_FALSE: return nil
        case GIT_ATTR_VALUE_STRING: return value.map { String(cString: $0) }
        default: return fallback
        }
    }
}
