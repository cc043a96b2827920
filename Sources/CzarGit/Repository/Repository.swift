import CLibgit2

/// An open repository: libgit2's handle, for one thread at a time.
///
/// Never shared between threads: libgit2 corrupts its heap when two threads use one handle (LIBGIT2 fact 1). Opening takes 0.1 ms, so
/// every thread opens its own. What leaves this type are values; children of the handle live only inside its methods.
public struct Repository: ~Copyable {
    let handle: OpaquePointer

    init(adopting handle: OpaquePointer) { self.handle = handle }

    deinit { git_repository_free(handle) }

    /// Opens the repository whose git directory (or worktree root) is `path`, without searching upwards.
    ///
    /// - Throws: ``GitError`` when there is none, when it belongs to another user, or when its format is unknown to libgit2.
    public init(opening path: String) throws(GitError) {
        handle = try make("open the repository", path) { out in
            path.withCString { git_repository_open_ext(&out, $0, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue, nil) }
        }
    }
}
