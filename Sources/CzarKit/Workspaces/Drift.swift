import CzarPlanning

/// Whether the plan still says what was recorded when a worker was created.
package enum Drift {
    /// How they differ, as the end of a sentence; nil when they agree or nothing was recorded.
    package static func of(_ worker: WorkerDefinition, _ record: WorkerRecord, _ project: ProjectLayout) -> String? {
        guard let creation = record.creation else { return nil }
        if creation.branch != worker.branch { return "its branch is '\(creation.branch)', the plan says '\(worker.branch)'" }
        if let base = worker.base, base != creation.base { return "its base is '\(creation.base)', the plan says '\(base)'" }
        let planned = project.worktreePath(of: worker, under: nil)
        // A worktree outside, or one that was moved, was put there by the user, whom a plan cannot overrule.
        if let path = creation.worktree, path.hasPrefix(project.root + "/"), path != planned, !creation.wasMoved {
            return "its worktree is '\(path)', the plan says '\(planned)'"
        }
        return nil
    }
}
