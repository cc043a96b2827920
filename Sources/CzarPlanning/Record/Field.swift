/// The names of the journal fields that Czar itself writes and reads.
package enum Field {
    package static let ahead = "ahead"
    package static let agent = "agent"
    /// What somebody says to what a worker asked.
    package static let answer = "answer"
    /// `ask` where every start of a daemon waits for an approval.
    package static let approve = "approve"
    package static let attempt = "attempt"
    package static let automatic = "automatic"
    package static let base = "base"
    /// The worker whose own base stands for the plan's.
    package static let baseOf = "base_of"
    package static let baseTip = "base_tip"
    package static let behind = "behind"
    package static let branch = "branch"
    /// The digest of a brief that was written; its text where it was taken away.
    package static let brief = "brief"
    /// How many ignored files came along from the main worktree.
    package static let brought = "brought"
    package static let causes = "causes"
    package static let commit = "commit"
    /// The digest of a definition that was written; its text where it was taken away.
    package static let definition = "definition"
    /// Lines, as of a sample.
    package static let deleted = "deleted"
    /// How many commits a branch no longer has that it had when it was looked at last.
    package static let dropped = "dropped"
    /// The entry of the removal that a worker's withdrawal came with.
    package static let removal = "removal"
    /// In US dollars.
    package static let cost = "cost_usd"
    /// The hold ends the running command, or answers the end of the last one: nobody judges that end.
    package static let ends = "ends"
    package static let exit = "exit"
    package static let files = "files"
    package static let forkPoint = "fork_point"
    package static let from = "from"
    /// The commit that HEAD of a worktree was at.
    package static let head = "head"
    /// The branch that HEAD of a worktree named; missing when it was detached.
    package static let headBranch = "head_branch"
    /// By what a branch was proven to be elsewhere.
    package static let how = "how"
    /// How many ignored paths went with a worktree for good.
    package static let ignored = "ignored"
    /// Lines, as of a sample.
    package static let inserted = "inserted"
    package static let level = "level"
    package static let log = "log"
    package static let maxActive = "max_active"
    package static let message = "message"
    /// A worktree's record: somebody has moved it to its path.
    package static let moved = "moved"
    package static let name = "name"
    /// What was in progress in a worktree that was removed: a merge, a rebase.
    /// What a closeout kept, a line a worker: its name and why.
    package static let kept = "kept"
    package static let operation = "operation"
    package static let ownCommits = "own_commits"
    package static let path = "path"
    package static let person = "person"
    package static let plan = "plan"
    package static let ports = "ports"
    package static let process = "process"
    package static let reason = "reason"
    /// The reference that keeps what a removal would have lost.
    package static let recovery = "recovery"
    /// The command that removes the reason of a failure.
    package static let remedy = "remedy"
    /// The workers whose worktrees a closeout removed.
    package static let removed = "removed"
    /// The entry that an UNDONE is about.
    package static let sequence = "sequence"
    /// An agent's own name for a conversation.
    package static let session = "session"
    package static let signal = "signal"
    /// The worktree holds only the folders of the worker's paths.
    package static let sparse = "sparse"
    /// Since when a worker whose run was stopped had given no sign of life.
    package static let stuckSince = "stuck_since"
    package static let subject = "subject"
    /// Where a branch was proven to be.
    package static let target = "target"
    package static let task = "task"
    package static let testsAdded = "tests_added"
    /// Where a command has a terminal of its own: the socket of the tmux server and the pane.
    package static let terminal = "terminal"
    package static let tip = "tip"
    package static let to = "to"
    package static let tokens = "tokens"
    package static let tokensCached = "tokens_cached"
    package static let tokensTotal = "tokens_total"
    /// The branch without a commit that HEAD of a worktree named.
    package static let unborn = "unborn"
    package static let until = "until"
    /// The ids that a daemon was told to keep to, with spaces between them.
    package static let workers = "workers"
    /// The entry of a withdrawal whose undoing a worktree's return is part of.
    package static let withdrawal = "withdrawal"
    /// The worker leaves the plan once its worktree and branch are gone.
    package static let withdraws = "withdraws"
    package static let what = "what"
    /// How many entries just before an UNDONE came with it.
    package static let with = "with"
}
