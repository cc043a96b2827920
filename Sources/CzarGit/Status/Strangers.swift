/// What lies in a worktree and its index does not know: `git status --untracked-files=all --ignored=matching`.
package struct Strangers: Hashable, Sendable {
    /// Each file that is not ignored; with a slash at its end a folder that is a repository of its own.
    package var untracked: [RepositoryPath] = []
    /// Each ignored file, and with a slash at its end each folder that a pattern ignores as a whole.
    package var ignored: [RepositoryPath] = []
}
