import CLibgit2
import Glibc

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
    /// - Throws: ``GitError`` when there is none, when its format is unknown to libgit2, or, with ``GitError/Code/foreignOwner``, when it
    ///   belongs to another user.
    public init(opening path: String) throws(GitError) { try self.init(opening: path, ownConfiguration: true) }

    /// The same; unless `ownConfiguration`, the settings of this worktree alone do not count.
    init(opening path: String, ownConfiguration: Bool) throws(GitError) {
        var opened = try Self.open(path, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue)
        do throws(GitError) {
            try NamedConfiguration.add(toRepository: opened)
            if let file = try WorktreeConfiguration.file(of: opened) {
                let own = try ConfigurationFile(onDisk: file)
                let isMain = strcmp(git_repository_path(opened), git_repository_commondir(opened)) == 0
                if isMain, try own.flag("core.bare") == true {
                    // libgit2 did not read it, and took the folder around the repository for its worktree.
                    let bare = try Self.open(path, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_BARE.rawValue)
                    git_repository_free(opened)
                    opened = bare
                    try NamedConfiguration.add(toRepository: opened)
                }
                // git would look at the files there; libgit2 has settled where they are before the file is read.
                if !isMain, try own.text("core.worktree") != nil {
                    throw GitError(
                        code: .conflict, operation: "open the worktree of", subject: path,
                        message: "its own configuration sets core.worktree, which cannot be honoured here; "
                            + "'git config --file \(escapedForDisplay(file.utf8)) --unset core.worktree' takes that out")
                }
                if ownConfiguration { try WorktreeConfiguration.add(file, to: opened) }
            }
        } catch {
            git_repository_free(opened)
            throw error
        }
        handle = opened
    }

    /// A worktree whose folder is elsewhere than its own files say.
    package static func opening(_ gitDirectory: String, worktree: String) throws(GitError) -> Repository {
        let opened = try Repository(opening: gitDirectory)
        try check("open the worktree", worktree) { git_repository_set_workdir(opened.handle, worktree, 0) }
        return opened
    }

    /// A git directory as if it had no worktree, wherever its configuration says that one is.
    package init(openingBare path: String) throws(GitError) {
        let opened = try Self.open(path, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_BARE.rawValue)
        do throws(GitError) { try NamedConfiguration.add(toRepository: opened) } catch {
            git_repository_free(opened)
            throw error
        }
        handle = opened
    }

    private static func open(_ path: String, _ flags: UInt32) throws(GitError) -> OpaquePointer {
        do throws(GitError) {
            return try make("open the repository", path) { out in path.withCString { git_repository_open_ext(&out, $0, flags, nil) } }
        } catch {
            throw error.namingForeignOwner(of: path)
        }
    }

    /// Opens the worktree that was discovered, or the bare repository.
    package init(opening location: RepositoryLocation) throws(GitError) {
        try self.init(opening: location.currentWorktree ?? location.gitDirectory)
    }

    /// The folder of this worktree's own files (HEAD, index), with links resolved.
    package var gitDirectory: String { trimmingSlashes(String(cString: git_repository_path(handle))) }

    /// The folder that all worktrees share (objects, refs).
    package var commonDirectory: String { trimmingSlashes(String(cString: git_repository_commondir(handle))) }

    /// The worktree's root; nil for a bare repository.
    package var worktree: String? { git_repository_workdir(handle).map { trimmingSlashes(String(cString: $0)) } }

    /// Whether history ends at a shallow boundary.
    package var isShallow: Bool { git_repository_is_shallow(handle) == 1 }
}

extension GitError {
    /// libgit2 1.5.1 reports a foreign owner as -36 and, where no `safe.directory` is configured at all, as a missing value (-3).
    func namingForeignOwner(of path: String) -> GitError {
        guard code == .foreignOwner || (code == .notFound && message.contains("safe.directory")) else { return self }
        return GitError(
            code: .foreignOwner, operation: operation, subject: subject,
            message: "it belongs to another user; if you trust it, run: \(safeDirectoryCommand(path))")
    }
}

/// Opens an object's handle for the length of `body`.
func withObject<Result>(
    _ handle: OpaquePointer, freeing free: (OpaquePointer?) -> Void, _ body: (OpaquePointer) throws(GitError) -> Result
) throws(GitError) -> Result {
    defer { free(handle) }
    return try body(handle)
}
