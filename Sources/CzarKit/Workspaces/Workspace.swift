import CzarGit
import CzarPlanning

/// A worker's branch and worktree, as they are after `czar create`.
package struct Workspace: Hashable, Sendable {
    package let worker: WorkerID
    package let branch: BranchName
    package let base: String
    /// Nil for an adopted branch.
    package let forkPoint: ObjectID?
    /// Absolute.
    package let path: String
    /// Whether this call made it; false when everything was there.
    package let isNew: Bool
    /// Files of the base; nil when the worktree was there already.
    package let files: Int?
    /// Files that hold a filter's input, as ``CheckoutReport/unfiltered`` names them.
    package var unfiltered: [String: Int] = [:]
    /// Ignored files that were brought along; nil when none were asked for, or there are none.
    package var brought: BringReport?
    /// Whether ignored files were asked for, and the repository is bare.
    package var hasNothingToBring = false
    /// The reference that keeps what was staged in a former worktree whose folder had vanished; nil when there was nothing.
    package var recovery: String?
    package let seconds: Double
}

/// What the person who calls `create` may choose against the plan.
package struct WorkspaceOptions: Hashable, Sendable {
    /// A revision to start from instead of the base's tip.
    package var base: String?
    /// A folder of the user's own for worktrees: `--worktrees DIR` or `czar.worktreeRoot` in Git's user configuration.
    package var folder: String?
    /// Takes what the plan says now where the record says otherwise.
    package var rebind = false

    package init(base: String? = nil, folder: String? = nil, rebind: Bool = false) {
        (self.base, self.folder, self.rebind) = (base, folder, rebind)
    }
}

extension [String: Int] {
    /// Of ``CheckoutReport/unfiltered``: what files hold, a sentence for each filter.
    package var filterSentences: [String] { sorted { $0.key < $1.key }.map { Self.sentence($0.key, $0.value) } }

    /// The same of a worktree that has just been made, with the command by which git writes them.
    package var filterHints: [String] {
        sorted { $0.key < $1.key }.map { what, count in
            if Limitation.isKnownEncoding(what) { return "\(Self.sentence(what, count)); change their attribute before they are edited" }
            let command = what == "filter=lfs" ? "git lfs pull" : Limitation.commandToRewrite(filesWith: what)
            return "\(Self.sentence(what, count)); before they are worked on, git has to write them: \(escapedForDisplay(command.utf8))"
        }
    }

    private static func sentence(_ what: String, _ count: Int) -> String {
        if Limitation.isKnownEncoding(what) {
            return "\(Figures.plural(count, "file has", "files have")) characters that \(escapedForDisplay(what.utf8)) cannot hold, "
                + "and stay in UTF-8, as with git"
        }
        return "\(Figures.plural(count, "file holds", "files hold")) the input of \(escapedForDisplay(what.utf8)), which Czar does not run"
    }
}
