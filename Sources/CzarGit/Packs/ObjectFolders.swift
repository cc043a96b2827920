import CLibgit2

/// The folders that hold a repository's objects: its own, then its alternates.
enum ObjectFolders {
    /// - Throws: ``GitError`` when a list of alternates exists and cannot be read.
    static func all(of repository: borrowing Repository) throws(GitError) -> [String] {
        try all(in: String(cString: git_repository_commondir(repository.handle)))
    }

    /// The same by the common directory's path.
    static func all(in commonDirectory: String) throws(GitError) -> [String] {
        var result: [String] = []
        try collect(joinPath(commonDirectory, "objects"), depth: 0, into: &result)
        return result
    }

    /// Alternates of alternates count up to git's depth of five.
    private static func collect(_ folder: String, depth: Int, into result: inout [String]) throws(GitError) {
        guard depth <= 5, !result.contains(folder) else { return }
        result.append(folder)
        guard let list = try MappedFile.open(folder + "/info/alternates") else { return }
        for line in list.lines where !line.hasPrefix("#") {
            let path = line.hasPrefix("/") ? String(line) : folder + "/" + line
            try collect(path.hasSuffix("/") ? String(path.dropLast()) : path, depth: depth + 1, into: &result)
        }
    }
}
