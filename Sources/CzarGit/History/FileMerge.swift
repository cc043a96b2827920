import CLibgit2

extension ChangedPaths {
    /// Whether merging the texts of a path that both sides changed would leave ours as it is; nil where a file alone does not tell: one side
    /// has none there (it may have moved it), or something that is no regular file.
    ///
    /// The driver is git's own for texts; what holds a NUL near its start is a conflict, as in git.
    ///
    /// - Throws: ``GitError`` when a blob cannot be read.
    /// - Complexity: O(lines), where both changed the content.
    func mergeOfFileChangesNothing(_ contest: Contest) throws(GitError) -> Bool? {
        guard let base = contest.base, let ours = contest.ours, let theirs = contest.theirs,
            base.isRegular, ours.isRegular, theirs.isRegular
        else { return nil }
        // A side that left the mode as it was takes the other's.
        guard ours.mode != base.mode || theirs.mode == base.mode else { return false }
        if theirs.id == base.id || theirs.id == ours.id { return true }
        if ours.id == base.id { return false }
        let contents = try [base, ours, theirs].map { side throws(GitError) in try content(of: side.id) }
        guard !contents.contains(where: { looksBinary($0) || $0.count > largestText }) else { return false }
        return try textMerge(of: contents, at: contest.path) == contents[1]
    }
}

/// Source: git's xdiff-interface.h, `MAX_XDIFF_SIZE`.
private let largestText = 1023 << 20

/// The merge of what a base, we and they have; nil for a conflict.
private func textMerge(of contents: [[UInt8]], at path: RepositoryPath) throws(GitError) -> [UInt8]? {
    var result = git_merge_file_result()
    defer { git_merge_file_result_free(&result) }
    let code = contents[0].withUnsafeBytes { base in
        contents[1].withUnsafeBytes { ours in
            contents[2].withUnsafeBytes { theirs in
                var (first, second, third) = (input(base), input(ours), input(theirs))
                return git_merge_file(&result, &first, &second, &third, nil)
            }
        }
    }
    try check("merge the file", path.description) { code }
    guard result.automergeable != 0 else { return nil }
    return Array(UnsafeRawBufferPointer(start: result.ptr, count: result.len))
}

private func input(_ bytes: UnsafeRawBufferPointer) -> git_merge_file_input {
    git_merge_file_input(
        version: UInt32(GIT_MERGE_FILE_INPUT_VERSION), ptr: bytes.bindMemory(to: CChar.self).baseAddress, size: bytes.count, path: nil,
        mode: 0)
}
