import CzarGit
import CzarPlanning

/// Why an entry was not undone; nothing has changed.
package enum UndoError: Explained, Hashable {
    case nothing
    case noSuchEntry(sequence: Int64)
    case notUndoable(sequence: Int64, what: String)
    case undoneAlready(sequence: Int64, by: Int64)
    /// The worktree had a branch that is not there any more.
    case branchDeleted(sequence: Int64, branch: String, tip: ObjectID)
    /// Something that came later needs what the entry did.
    /// `first`: the command after which it can be undone.
    case depends(sequence: Int64, why: String, first: String? = nil)

    package var description: String {
        switch self {
        case .nothing: "there is nothing to undo"
        case .noSuchEntry(let sequence): "there is no entry #\(sequence)"
        case .notUndoable(let sequence, let what): "cannot undo entry #\(sequence): it is \(what)"
        case .undoneAlready(let sequence, let by): "entry #\(sequence) was undone already, by entry #\(by)"
        case .branchDeleted(let sequence, let branch, _): "cannot undo entry #\(sequence): the branch '\(branch)' was deleted since"
        case .depends(let sequence, let why, _): "cannot undo entry #\(sequence): \(why)"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .nothing: .negative
        case .noSuchEntry: .missing
        case .notUndoable: .usage
        case .undoneAlready, .depends, .branchDeleted: .refused
        }
    }

    package var remedy: String? {
        switch self {
        case .depends(_, _, let first?): first
        case .branchDeleted(_, let branch, let tip): "git branch \(ShellText.word(branch)) \(tip.hex)"
        case .nothing, .undoneAlready, .depends, .noSuchEntry, .notUndoable: "czar events"
        }
    }
}
