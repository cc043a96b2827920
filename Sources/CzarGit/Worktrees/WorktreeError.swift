/// Why a worktree was not made or removed. Nothing that the call made is left then, unless the error names it.
package enum WorktreeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not usable as the name of a folder.
    case invalidName(String)
    case outsideRoot(path: String, root: String)
    /// Something stands at the path and it is no empty folder.
    case pathExists(String)
    /// The path belongs to a worktree that is recorded but missing on disk.
    case pathRegistered(path: String, name: String)
    /// A symbolic link, or a file, stands in the way.
    case symlinkInPath(String)
    case branchMissing(String)
    case branchMoved(branch: String, expected: ObjectID, found: ObjectID)
    case branchInUse(branch: String, worktree: String)
    case notFound(name: String)
    case locked(name: String, reason: String)
    /// Whoever had it removed changed their mind when they looked at it for the last time.
    /// `found`: where what had been put at its place meanwhile is now.
    case withheld(path: String, found: String?)
    /// The worktree is removed, but for files that could not be.
    case unfinished(remains: String, reason: String)
    /// The worktree is removed, but for what was written into it after the last look.
    case workedIn(remains: String, files: [String])
    case noSpace(step: String, path: String)
    /// A step failed for another reason.
    case failed(step: String, GitError)
    /// A step failed, and then a part of what had been made could not be removed again.
    case leftover(step: String, GitError, remains: String, reason: String)

    package var description: String {
        switch self {
        case .invalidName(let name): "'\(escapedForDisplay(name.utf8))' cannot be the name of a worktree"
        case .outsideRoot(let path, let root): "the worktree '\(path)' would lie outside '\(root)'"
        case .pathExists(let path): "cannot create a worktree at '\(path)': something is there; move it away or choose another path"
        case .pathRegistered(let path, let name):
            "'\(path)' belongs to the missing worktree '\(name)'; run 'git worktree prune', or bring the folder back"
        case .symlinkInPath(let path): "'\(path)' is a symbolic link (or no folder); it is not followed"
        case .branchMissing(let branch): "there is no branch '\(branch)'"
        case .branchMoved(let branch, let expected, let found):
            "the branch '\(branch)' moved from \(expected.short) to \(found.short)"
        case .branchInUse(let branch, let worktree): "the branch '\(branch)' is checked out in '\(worktree)'"
        case .notFound(let name): "there is no worktree '\(name)'"
        case .locked(let name, let reason):
            "the worktree '\(name)' is locked\(reason.isEmpty ? "" : " (\(escapedForDisplay(reason.utf8)))"); run 'git worktree unlock' first"
        case .withheld(let path, _): "the worktree '\(path)' was worked in meanwhile"
        case .unfinished(let remains, let reason): "a part of the worktree is still in '\(remains)': \(reason)"
        case .workedIn(let remains, let files):
            "what was written into the worktree meanwhile is in '\(remains)': \(files.joined(separator: ", "))"
        case .noSpace(let step, let path): "cannot \(step): no space is left for '\(path)'; free some and run the command again"
        case .failed(let step, let error): error.description.hasPrefix("cannot \(step)") ? "\(error)" : "cannot \(step): \(error)"
        case .leftover(let step, let error, let remains, let reason):
            "cannot \(step): \(error); '\(remains)' is left: \(reason)"
        }
    }

    init(_ step: String, _ error: GitError) {
        self = error.code == .noSpace ? .noSpace(step: step, path: error.subject) : .failed(step: step, error)
    }

    init(_ step: String, _ error: FileError) {
        if error.isSymlinkRefused { self = .symlinkInPath(error.path) } else { self.init(step, GitError(error)) }
    }
}
