import Glibc

/// Whether a submodule differs from what the index records: another commit, or, unless settings say otherwise, changes in it.
struct SubmoduleLook {
    /// The worktree around it.
    let worktree: String
    /// `diff.ignoreSubmodules`.
    let defaultIgnored: String?

    /// A submodule that was not cloned does not differ.
    /// - Complexity: that of the status of the submodule's own worktree.
    func differs(_ path: RepositoryPath, recorded: ObjectID, _ repository: borrowing Repository) throws(GitError) -> Bool {
        guard let name = path.text else { return false }
        let place = joinPath(worktree, name)
        guard FileKind(at: joinPath(place, ".git")) != nil else { return false }
        let ignored = try ignored(name, repository) ?? defaultIgnored ?? "none"
        if ignored == "all" { return false }
        let submodule = try Repository(opening: place)
        // A branch without a commit says nothing about the commit that should be there.
        if let head = try submodule.headCommit(), head != recorded { return true }
        if ignored == "dirty" { return false }
        let entries = try submodule.status().entries
        return ignored == "untracked" ? entries.contains { $0.staged != "?" } : !entries.isEmpty
    }

    /// What `.gitmodules`, and over it the configuration, say for the submodule at a path.
    private func ignored(_ path: String, _ repository: borrowing Repository) throws(GitError) -> String? {
        let modules = try ConfigurationFile(onDisk: joinPath(worktree, ".gitmodules"))
        let found = try modules.entries(matching: "^submodule\\..*\\.path$").last { $0.value == path }
        guard let name = found?.name.dropFirst("submodule.".count).dropLast(".path".count) else { return nil }
        if let own = try repository.configuration().text("submodule.\(name).ignore") { return own }
        return try modules.text("submodule.\(name).ignore")
    }
}
