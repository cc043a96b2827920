/// What prepares a worker's worktree once, before its first command: `setup: {run: [npm, ci], timeout: 10m}`.
public struct Setup: Hashable, Sendable {
    /// An argument vector with placeholders; never goes through a shell.
    public var run: [String]
    /// How long it may take before it is ended and counts as failed.
    public var timeout: Duration

    /// A set-up of its parts; nothing is checked here.
    public init(run: [String], timeout: Duration = .seconds(600)) { (self.run, self.timeout) = (run, timeout) }
}
