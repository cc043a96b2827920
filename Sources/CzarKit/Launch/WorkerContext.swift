import CzarPlanning

/// What is known about a worker when one of its attempts starts: the recorded facts, not the plan's wishes.
package struct WorkerContext: Sendable {
    package var worker: WorkerDefinition
    package var project: Project
    package var attempt: Int
    /// The main worktree's root (bare: the common dir), absolute.
    package var repository: String
    package var branch: String
    /// The base that was recorded, a branch name or a revision.
    package var base: String
    /// Absolute.
    package var worktree: String
    /// The brief's file, absolute.
    package var brief: String
    /// The identity file, absolute: usually in the worktree, else in its admin folder.
    package var identity: String
    package var prompt: String
    /// An agent's own session to go on with.
    package var session: String?
    /// Where the branch began; nil for one that was adopted.
    package var forkPoint: CommitID?
    /// Whether there is a file at ``brief``, and not only the place for one.
    package var hasBrief = true
    /// The TCP ports that are its own.
    package var ports: [Int] = []

    package init(
        worker: WorkerDefinition, project: Project, attempt: Int, repository: String, branch: String, base: String, worktree: String,
        brief: String, identity: String? = nil, prompt: String, session: String? = nil
    ) {
        (self.worker, self.project, self.attempt, self.repository) = (worker, project, attempt, repository)
        (self.branch, self.base, self.worktree, self.brief) = (branch, base, worktree, brief)
        self.identity = identity ?? worktree + "/" + WorkerFiles.identity
        (self.prompt, self.session) = (prompt, session)
    }

    package var promptFile: String { worktree + "/" + WorkerFiles.prompt }

    /// The value of each placeholder that has one for a worker's command; `{title}` and `{text}` belong to notifications.
    package var placeholders: [CommandPlaceholder: String] {
        var values: [CommandPlaceholder: String] = [
            .id: worker.id.rawValue, .phase: worker.phase.rawValue, .slug: project.slug, .repo: repositoryName, .branch: branch,
            .base: base, .worktree: worktree, .brief: brief, .prompt: prompt, .promptFile: promptFile,
        ]
        values[.version] = project.version
        values[.session] = session
        if case .script(let text) = worker.work { values[.script] = text }
        return values
    }

    private var repositoryName: String {
        repository.split(separator: "/").last.map(String.init) ?? repository
    }
}
