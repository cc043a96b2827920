import CzarGit
import CzarPlanning

/// A symbolic link on the way to a worktree: somebody has moved the worktree, or the folder of worktrees, and put the link there instead. Git
/// follows it; Czar would remove and write in a place that nobody named to it.
package struct FollowedLink: Hashable, Sendable {
    let place: String
    /// Where it leads; nil where that is not there.
    let target: String?
    let use: Use

    enum Use: Hashable, Sendable {
        /// It stands for a worktree.
        case worktree
        /// It stands for a folder in which git finds worktrees.
        case folder
        /// No worktree is known behind it: it may have come with the repository, and lead anywhere.
        case unknown
    }

    init?(onWayTo worktree: String, _ project: ProjectLayout) throws {
        guard let place = project.symlink(onWayTo: worktree) else { return nil }
        try self.init(at: place, project)
    }

    init(at place: String, _ project: ProjectLayout) throws {
        let linked = try project.location.worktrees().filter { $0.name != nil }
        (self.place, target) = (place, realPath(place))
        if try linked.contains(where: { try $0.path == place && WorkerWorktree.isWorktree(place, of: $0) }) {
            use = .worktree
        } else {
            use = linked.contains { $0.path.hasPrefix(place + "/") && $0.problem == nil } ? .folder : .unknown
        }
    }

    /// One that nothing is known of.
    init(at place: String) { (self.place, target, use) = (place, realPath(place), .unknown) }

    var sentence: String { "'\(place)' is a symbolic link\(target.map { " to '\($0)'" } ?? " that leads nowhere"), and Czar follows none" }

    /// A worktree may stay where it was put, where git and the journal then find it. A folder of several goes back whole.
    var remedy: String {
        guard let target else { return ShellText.line(["ls", "-l", place]) }
        let removal = ShellText.line(["rm", place])
        return switch use {
        case .worktree: "\(removal) && git worktree repair \(ShellText.word(target)) && czar doctor --repair"
        case .folder: "\(removal) && \(ShellText.line(["mv", target, place]))"
        case .unknown: ShellText.line(["mv", place, place + ".old"])
        }
    }
}
