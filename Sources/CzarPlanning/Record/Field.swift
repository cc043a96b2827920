/// The names of the journal fields that Czar itself writes and reads.
public enum Field {
    public static let attempt = "attempt"
    public static let automatic = "automatic"
    public static let base = "base"
    public static let baseTip = "base_tip"
    public static let branch = "branch"
    public static let causes = "causes"
    public static let commit = "commit"
    public static let exit = "exit"
    public static let files = "files"
    public static let forkPoint = "fork_point"
    public static let from = "from"
    /// The commit that HEAD of a worktree was at.
    public static let head = "head"
    /// The branch that HEAD of a worktree named; missing when it was detached.
    public static let headBranch = "head_branch"
    /// By what a branch was proven to be elsewhere.
    public static let how = "how"
    public static let level = "level"
    public static let log = "log"
    public static let message = "message"
    public static let missing = "missing"
    public static let name = "name"
    public static let old = "old"
    public static let path = "path"
    public static let person = "person"
    public static let plan = "plan"
    public static let process = "process"
    public static let reason = "reason"
    /// The reference that keeps what a removal would have lost.
    public static let recovery = "recovery"
    /// The entry that an UNDONE is about.
    public static let sequence = "sequence"
    public static let session = "session"
    public static let signal = "signal"
    public static let subject = "subject"
    /// Where a branch was proven to be.
    public static let target = "target"
    public static let task = "task"
    public static let text = "text"
    public static let tip = "tip"
    public static let to = "to"
    public static let tokens = "tokens"
    public static let tokensTotal = "tokens_total"
    public static let what = "what"
    /// How many entries just before an UNDONE came with it.
    public static let with = "with"
}
