import CzarPlanning

/// Why an operator's command did nothing.
package enum OperationError: Explained, Hashable {
    case noWorktree(worker: WorkerID)
    /// A move that the table of states does not have.
    case notPossible(worker: WorkerID, what: String, move: RefusedMove, remedy: String?)
    case waitsFor(worker: WorkerID, what: String)
    /// The command that was to be ended is there still. `what`: the command that was asked for.
    case commandRuns(worker: WorkerID, what: String, state: WorkerState)
    /// With `dependency_gate: integrated` a dependency has to have landed too.
    /// `start`: where the target begins, as long as there is no such branch.
    case notIntegrated(worker: WorkerID, dependency: WorkerID, branch: BranchName, target: String, start: String?)
    /// It had landed and was taken out again, by `revert`.
    case reverted(worker: WorkerID, dependency: WorkerID, branch: BranchName, target: String, revert: CommitID?)
    /// A person's worker that nobody has begun.
    case nothingToProve(worker: WorkerID)
    case notProven(worker: WorkerID, missing: String, next: String?)
    case notStarted(worker: WorkerID, why: String)
    /// The disk of the journal at `path` is full. `ended`: whose commands were ended, which is recorded later; `kept`: whose commands go on,
    /// because not even that could be kept.
    case unrecorded(ended: [WorkerID], kept: [WorkerID], path: String)
    /// What is at its place belongs to another repository.
    case othersWorktree(worker: WorkerID, path: String, way: WayOut)
    /// What runs is the command of another repository, of which this one is a copy.
    case othersCommand(worker: WorkerID, repository: String)
    /// The commit stands, and the next command records it.
    case commitNotRecorded(worker: WorkerID, commit: CommitID, why: String)
    /// There is no terminal to enter.
    case noTerminal(worker: WorkerID, running: Bool)
    /// A person has taken it over, and works there.
    case inPersonsHands(worker: WorkerID, pid: Int32)
    case daemonRuns(pid: Int32)
    /// It was told to end and has ended. `isFull`: the disk of the journal is.
    case endNotRecorded(pid: Int32, journal: String, isFull: Bool)
    case reservedType(type: String)
    case badEvent(why: String)
    case wrongBranch(worker: WorkerID, expected: BranchName, found: String?, mend: String)
    /// `last`: where the branch was when it was seen last.
    case branchGone(worker: WorkerID, branch: BranchName, last: CommitID?)

    package var description: String {
        switch self {
        case .noWorktree(let worker): "worker '\(worker)' has no worktree"
        case .notPossible(let worker, let what, let move, _): "cannot \(what) worker '\(worker)': \(move)"
        case .waitsFor(let worker, let what): "cannot start worker '\(worker)': it waits for \(what)"
        case .commandRuns(let worker, let what, let state): "cannot \(what) worker '\(worker)': it is \(state), and its command still runs"
        case .notIntegrated(let worker, let dependency, _, let target, _):
            "cannot start worker '\(worker)': it waits until '\(target)' contains '\(dependency)', which is complete"
        case .reverted(let worker, let dependency, _, let target, let revert):
            "cannot start worker '\(worker)': it waits until '\(target)' contains '\(dependency)', which was reverted there"
                + (revert.map { " by \($0.short)" } ?? "")
        case .nothingToProve(let worker): "cannot complete worker '\(worker)': it has no branch and no worktree yet"
        case .notProven(let worker, let missing, _): "worker '\(worker)' is not proven complete: \(missing)"
        case .notStarted(let worker, let why): "worker '\(worker)' was not started: \(why)"
        case .othersCommand(let worker, let repository):
            "what runs of worker '\(worker)' is a command of '\(repository)', and not of this repository"
        case .othersWorktree(let worker, let path, _): "'\(path)', where worker '\(worker)' is to be, is a worktree of another repository"
        case .commitNotRecorded(let worker, let commit, let why):
            "'\(worker)' is committed as \(commit.short), which could not be recorded yet: \(why)"
        case .noTerminal(let worker, true):
            "the command of '\(worker)' has no terminal: it was started without 'launcher: tmux' ('czar logs \(worker) -f' shows what it says)"
        case .noTerminal(let worker, false): "nothing runs at '\(worker)'"
        case .unrecorded(let ended, let kept, _):
            "the disk is full: "
                + [
                    ended.isEmpty ? nil : "\(Self.names(ended)) ended, and that is recorded as soon as there is space",
                    kept.isEmpty ? nil : "\(Self.names(kept)) not ended, because nothing would keep it from being started again",
                ].compactMap { $0 }.joined(separator: "; ")
        case .inPersonsHands(let worker, let pid):
            "a person has taken worker '\(worker)' over: the session of process \(pid) is open in its worktree; it goes on once that has ended"
        // It has not written down yet who it is.
        case .daemonRuns(0): "another 'czar run' is starting here"
        case .daemonRuns(let pid): "another 'czar run' is active here (pid \(pid))"
        case .endNotRecorded(let pid, _, true):
            "the czar run with pid \(pid) has ended, and the disk is full: what it ended is recorded as soon as there is space, "
                + "and what it could not end goes on"
        case .endNotRecorded(let pid, _, false): "the czar run with pid \(pid) has ended without recording it"
        case .reservedType(let type): "'\(type)' is written only by Czar itself"
        case .badEvent(let why): "cannot record the event: \(why)"
        case .branchGone(let worker, let branch, _):
            "the branch '\(branch)' of '\(worker)' no longer exists: nothing can be committed to it"
        case .wrongBranch(let worker, let expected, let found, _):
            "the worktree of '\(worker)' is on \(found.map { "'\($0)'" } ?? "no branch") instead of '\(expected)'"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .noWorktree: .missing
        case .notPossible, .waitsFor, .commandRuns, .notIntegrated, .reverted, .nothingToProve, .wrongBranch, .branchGone, .othersCommand,
            .othersWorktree,
            .noTerminal,
            .inPersonsHands:
            .refused
        case .notProven, .notStarted: .negative
        case .unrecorded, .endNotRecorded, .commitNotRecorded: .cannotCreate
        case .daemonRuns: .busy
        case .reservedType, .badEvent: .usage
        }
    }

    package var remedy: String? {
        switch self {
        case .noWorktree(let worker), .nothingToProve(let worker): "czar create \(worker)"
        case .notPossible(let worker, _, _, let remedy): remedy ?? "czar status \(worker)"
        case .waitsFor(let worker, _): "czar status \(worker)"
        case .commandRuns(let worker, let what, _): "czar stop \(worker) && czar \(what) \(worker)"
        case .notIntegrated(_, _, let branch, let target, let start):
            LandingHint.command(branch: branch, target: target, start: start, isReverted: false, revert: nil)
        case .reverted(_, _, let branch, let target, let revert):
            LandingHint.command(branch: branch, target: target, isReverted: true, revert: revert)
        case .notProven(let worker, _, let next): next ?? "czar status \(worker)"
        case .notStarted(let worker, _): "czar status \(worker)"
        case .othersWorktree(let worker, _, .forgetting): "czar remove \(worker) && czar create \(worker)"
        case .othersWorktree(_, let path, .linking(let root)):
            "git -C \(ShellText.word(root)) worktree repair \(ShellText.word(path))"
        case .commitNotRecorded, .othersCommand, .othersWorktree(_, _, .repair): "czar doctor --repair"
        case .endNotRecorded(_, let path, let isFull): isFull ? DiskSpace.remedy(for: path) : "czar status"
        case .unrecorded(_, _, let path): DiskSpace.remedy(for: path)
        case .noTerminal(let worker, true): "czar attach \(worker) --take-over"
        case .noTerminal(let worker, false): "czar attach \(worker) --take-over"
        case .inPersonsHands(_, let pid): "ps -f -p \(pid)"
        case .daemonRuns: "czar run --stop"
        case .reservedType(let type): "czar event CHECKPOINT name=\(type.lowercased())"
        case .badEvent: "czar event CHECKPOINT name=parser"
        case .branchGone(let worker, let branch, let last):
            last.map { "git update-ref \(branch.reference) \($0.rawValue)" } ?? "czar status \(worker)"
        case .wrongBranch(_, _, _, let mend): mend
        }
    }
}

extension OperationError {
    /// What leads out of a worktree's place that another repository has.
    package enum WayOut: Hashable, Sendable {
        /// The worker has no worktree but that one, which is the original's of a copied repository.
        case forgetting
        /// The folder is its own, and its `.git` leads to a repository which does not know it.
        case linking(root: String)
        /// A copy of its own, if there is one, is linked.
        case repair
    }

    private static func names(_ workers: [WorkerID]) -> String {
        workers.map { "'\($0)'" }.joined(separator: ", ") + (workers.count == 1 ? " was" : " were")
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
