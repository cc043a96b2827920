import CzarPlanning

/// Why an operator's command did nothing.
package enum OperationError: Explained, Hashable {
    case noWorktree(worker: WorkerID)
    /// A move that the table of states does not have.
    case notPossible(worker: WorkerID, what: String, move: RefusedMove, remedy: String?)
    case waitsFor(worker: WorkerID, what: String)
    case notProven(worker: WorkerID, missing: String, next: String?)
    case notStarted(worker: WorkerID, why: String)
    /// There is no terminal to enter.
    case noTerminal(worker: WorkerID, running: Bool)
    case daemonRuns(pid: Int32)
    case reservedType(type: String)
    case badEvent(why: String)
    case wrongBranch(worker: WorkerID, expected: BranchName, found: String?)
    /// `last`: where the branch was when it was seen last.
    case branchGone(worker: WorkerID, branch: BranchName, last: CommitID?)

    package var description: String {
        switch self {
        case .noWorktree(let worker): "worker '\(worker)' has no worktree"
        case .notPossible(let worker, let what, let move, _): "cannot \(what) worker '\(worker)': \(move)"
        case .waitsFor(let worker, let what): "cannot start worker '\(worker)': it waits for \(what)"
        case .notProven(let worker, let missing, _): "worker '\(worker)' is not proven complete: \(missing)"
        case .notStarted(let worker, let why): "worker '\(worker)' was not started: \(why)"
        case .noTerminal(let worker, true): "the command of '\(worker)' has no terminal: it was started without 'launcher: tmux'"
        case .noTerminal(let worker, false): "nothing runs at '\(worker)'"
        // It has not written down yet who it is.
        case .daemonRuns(0): "another 'czar run' is starting here"
        case .daemonRuns(let pid): "another 'czar run' is active here (pid \(pid))"
        case .reservedType(let type): "'\(type)' is written only by Czar itself"
        case .badEvent(let why): "cannot record the event: \(why)"
        case .branchGone(let worker, let branch, _):
            "the branch '\(branch)' of '\(worker)' no longer exists: nothing can be committed to it"
        case .wrongBranch(let worker, let expected, let found):
            "the worktree of '\(worker)' is on \(found.map { "'\($0)'" } ?? "no branch") instead of '\(expected)'"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .noWorktree: .missing
        case .notPossible, .waitsFor, .wrongBranch, .branchGone, .noTerminal: .refused
        case .notProven, .notStarted: .negative
        case .daemonRuns: .busy
        case .reservedType, .badEvent: .usage
        }
    }

    package var remedy: String? {
        switch self {
        case .noWorktree(let worker): "czar create \(worker)"
        case .notPossible(let worker, _, _, let remedy): remedy ?? "czar status \(worker)"
        case .waitsFor(let worker, _): "czar status \(worker)"
        case .notProven(let worker, _, let next): (next.map { "\($0) && " } ?? "") + "czar complete \(worker)"
        case .notStarted(let worker, _): "czar status \(worker)"
        case .noTerminal(let worker, true): "czar logs \(worker) -f, or: czar attach \(worker) --take-over"
        case .noTerminal(let worker, false): "czar attach \(worker) --take-over"
        case .daemonRuns: "czar run --stop"
        case .reservedType(let type): "czar event CHECKPOINT name=\(type.lowercased())"
        case .badEvent: "czar event CHECKPOINT name=parser"
        case .branchGone(let worker, let branch, let last):
            last.map { "git update-ref \(branch.reference) \($0.rawValue)" } ?? "czar status \(worker)"
        case .wrongBranch(_, let expected, _): "git switch \(expected)"
        }
    }
}

/// What an operator's command would have to do to a worker's state, and cannot.
package struct RefusedMove: Hashable, Sendable, CustomStringConvertible {
    package let from: WorkerState
    package let to: WorkerState
    /// The states that the command is for; empty where it is for all that can make the move.
    package let only: [WorkerState]

    package init(from: WorkerState, to: WorkerState, only: [WorkerState] = []) { (self.from, self.to, self.only) = (from, to, only) }

    /// Names both states: `it is pending, and only a paused worker can become active that way`.
    package var description: String {
        if only.isEmpty { return from == to ? "it is \(from) already" : "it is \(from) and cannot become \(to)" }
        let states = only.map(\.rawValue).joined(separator: " or ")
        return "it is \(from), and only a \(states) worker can become \(to) that way"
    }
}
