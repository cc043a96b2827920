import CLibgit2

/// Lends the patch between two contents to `body`; nil where they do not differ.
///
/// A patch points into both contents, so its lines must be read before either is let go: all of it happens inside of this function.
/// - Throws: ``GitError``, or what `body` throws.
func withPatch<Value>(
    from before: [UInt8], to after: [UInt8], of path: RepositoryPath?, _ options: git_diff_options,
    _ body: (OpaquePointer?) throws(GitError) -> Value
) throws(GitError) -> Value {
    var options = options
    let result: Result<Value, GitError> = before.withUnsafeBytes { old in
        after.withUnsafeBytes { new in
            Result { () throws(GitError) in
                var patch: OpaquePointer?
                defer { git_patch_free(patch) }
                try check("compare", path?.description ?? "") {
                    git_patch_from_buffers(&patch, old.baseAddress, old.count, nil, new.baseAddress, new.count, nil, &options)
                }
                return try body(patch)
            }
        }
    }
    return try result.get()
}

extension git_diff_options {
    /// libgit2's own defaults.
    static func plain() throws(GitError) -> git_diff_options {
        var options = git_diff_options()
        try check("prepare a comparison", "") { git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)) }
        return options
    }
}
