/// Where Czar's own files of a worker lie inside its worktree.
package enum WorkerFiles {
    package static let folder = ".czar"
    package static let identity = "WORKER_IDENTITY.md"
    /// In the worktree's own git directory: the identity as Czar wrote it.
    package static let writtenIdentity = "czar-identity"
    /// Beside it: the one that is being put into its place.
    package static let comingIdentity = "czar-identity.next"
    package static let prompt = ".czar/prompt.md"
    /// In the worktree's own git directory: the prompt as Czar wrote it.
    package static let writtenPrompt = "czar-prompt"
    /// A link to Czar's own program, for agents whose shell sets `PATH` anew: Codex runs every command in a login shell.
    package static let program = ".czar/czar"
    /// What a worker's program puts here is taken into the journal, one file an event.
    package static let outbox = ".czar/outbox"
    /// Czarina's workers append event lines to the first and notes to the second.
    package static let events = ".czar/events.log"
    package static let log = ".czar/worker.log"
}
