import CzarGit
import CzarPlanning

/// What is said before a sparse worktree changes the repository's configuration.
package enum SparseNotice {
    /// The sentence, when one of the workers is to have the repository's first sparse worktree; nil when nothing will change.
    package static func sentence(for workers: [WorkerDefinition], in project: ProjectLayout) throws(GitError) -> String? {
        guard let worker = workers.first(where: \.isSparse), try !project.location.usesWorktreeConfiguration(),
            try !project.location.namesItsWorktree()
        else { return nil }
        return "the worktree of '\(worker.id)' is to be sparse, for which Git needs extensions.worktreeConfig: it is set in "
            + "'\(project.location.commonDirectory)/config', as 'git sparse-checkout' would"
    }
}
