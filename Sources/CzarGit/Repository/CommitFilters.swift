/// What attributes ask for on the way into a commit that Czar does not do.
struct CommitFilters {
    private let rules: AttributeRules

    /// For files at these paths, with the attributes of their worktree.
    init(of repository: borrowing Repository, _ paths: [RepositoryPath]) throws(GitError) {
        let settings = try CheckoutSettings(repository)
        let sources = try AttributeSources(of: repository, concerning: paths, settings) { (path) throws(GitError) in
            try repository.indexedBlob(at: path)
        }
        rules = AttributeRules(sources, names: ["filter", "working-tree-encoding"], ignoresCase: settings.ignoresCase)
    }

    /// The filter, or the encoding that is not known here, that a file would have to go through; nil when there is none.
    func unsupported(at path: RepositoryPath, in repository: borrowing Repository) throws(GitError) -> String? {
        let values = rules.values(of: path)
        if case .text(let filter) = values[0] {
            // As in git, a filter that has no command does nothing; LFS is refused also where it is not installed.
            if filter == "lfs" { return filter }
            // Without a command git stores no file of a filter that is required: what was to be encrypted would be readable.
            if try repository.configuration().flag("filter.\(filter).required") == true { return filter }
            for command in ["clean", "process"] {
                if let value = try repository.configValue("filter.\(filter).\(command)"), !value.isEmpty { return filter }
            }
        }
        guard case .text(let encoding) = values[1], !WorkingTreeEncoding.isUTF8(encoding), WorkingTreeEncoding(encoding) == nil else {
            return nil
        }
        return "working-tree-encoding=" + encoding
    }
}
