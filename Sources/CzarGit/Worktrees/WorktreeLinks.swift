import SystemPackage

/// The words of the two files that tie a linked worktree to its entry. Git writes absolute paths, or relative ones where
/// `extensions.relativeWorktrees` is set, as it does itself with the first that `worktree.useRelativePaths` asks for (git 2.48).
struct WorktreeLinks {
    /// Whether each file names the other by the way from itself.
    let isRelative: Bool

    /// What a worktree's `.git` says of its entry.
    func gitFile(of worktree: String, entry: String) -> String {
        "gitdir: \(isRelative ? relativePath(entry, from: worktree) : entry)\n"
    }

    /// What an entry's `gitdir` says of its worktree.
    func gitdir(of entry: String, worktree: String) -> String {
        let gitFile = joinPath(worktree, ".git")
        return (isRelative ? relativePath(gitFile, from: entry) : gitFile) + "\n"
    }
}

extension RepositoryLocation {
    /// How the links of this repository are written.
    func worktreeLinks() throws(GitError) -> WorktreeLinks {
        // As nearly every one, told without starting libgit2.
        if hasPlainFormat { return WorktreeLinks(isRelative: false) }
        let settings = try ConfigurationFile(onDisk: joinPath(commonDirectory, "config"))
        return WorktreeLinks(isRelative: try settings.flag("extensions.relativeworktrees") == true)
    }
}

/// The way from a folder to `path`; both absolute, without dots.
private func relativePath(_ path: String, from folder: String) -> String {
    let (parts, above) = (path.split(separator: "/"), folder.split(separator: "/"))
    let shared = zip(parts, above).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: above.count - shared) + parts.dropFirst(shared)).joined(separator: "/")
}
