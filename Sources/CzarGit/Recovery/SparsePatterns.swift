/// A sparse checkout by patterns that are no cone: git's file of them, and the files that it left out.
struct SparsePatterns: Hashable, Sendable {
    let file: [UInt8]
    /// Tracked, marked as left out, and not there.
    let leftOut: [RepositoryPath]
}

extension Repository {
    /// The patterns of this worktree; nil where it is not sparse, or sparse by a cone, which is recorded by its folders.
    func sparsePatterns() throws(GitError) -> SparsePatterns? {
        let path = joinPath(gitDirectory, "info/" + SparseCone.fileName)
        guard try configFlag("core.sparsecheckout") == true,
            let file = try onFiles({ () throws(FileError) in try fileContent(path) }), SparseCone(file: file) == nil
        else { return nil }
        return SparsePatterns(file: file, leftOut: try ScratchIndex.copy(of: self).leftOut(in: self))
    }

    /// Whether this worktree is sparse by patterns that are no cone.
    package func hasSparsePatterns() throws(GitError) -> Bool { try sparsePatterns() != nil }

    func restore(_ patterns: SparsePatterns) throws(GitError) {
        try onFiles { () throws(FileError) in
            try Folder(opening: gitDirectory).subfolder("info", creating: 0o777).write(patterns.file, to: SparseCone.fileName)
        }
        try leaveOut(patterns.leftOut)
    }
}
