import Glibc
import SystemPackage

/// Something that was begun in a worktree and not finished.
package enum OperationInProgress: String, Hashable, Sendable, CaseIterable {
    case merge, rebase, cherryPick = "cherry-pick", revert, bisect
    /// `git am`.
    case applyMailbox = "am"

    package var description: String { rawValue }

    /// With its article.
    package var counted: String { (self == .applyMailbox ? "an " : "a ") + rawValue }

    /// What is in progress in the worktree with this git directory, by git's own marks; a rebase wins over the cherry-pick that it uses.
    package static func inProgress(gitDirectory: String) -> OperationInProgress? {
        func exists(_ name: String) -> Bool { FileKind(at: joinPath(gitDirectory, name)) != nil }
        if exists("rebase-merge") { return .rebase }
        if exists("rebase-apply") { return exists("rebase-apply/applying") ? .applyMailbox : .rebase }
        if exists("MERGE_HEAD") { return .merge }
        if exists("CHERRY_PICK_HEAD") { return .cherryPick }
        if exists("REVERT_HEAD") { return .revert }
        // Between two commits of a series only the sequencer's folder remains.
        if exists("sequencer/todo") { return sequencerVerb(gitDirectory) }
        return exists("BISECT_LOG") ? .bisect : nil
    }

    private static func sequencerVerb(_ gitDirectory: String) -> OperationInProgress {
        let todo: String?
        do throws(FileError) { todo = try fileLine(joinPath(gitDirectory, "sequencer/todo")) } catch { todo = nil }
        return todo?.hasPrefix("revert") == true ? .revert : .cherryPick
    }
}
