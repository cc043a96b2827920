import CzarGit
import CzarPlanning

/// Worktrees that stand at each other's places: two that were swapped, three in a ring, one at the place of another that was moved away.
struct ExchangedWorktrees {
    private let entries: [WorktreeEntry]
    private let state: ProjectState
    private let project: ProjectLayout
    /// The recorded worktrees, by the branches that are theirs.
    private let homes: [String: (worker: WorkerKey, place: String)]

    init(_ state: ProjectState, _ project: ProjectLayout) throws {
        (self.state, self.project) = (state, project)
        entries = try project.location.worktrees()
        let records = state.workers.values.compactMap { record in
            record.creation.flatMap { creation in creation.worktree.map { (creation.branch.rawValue, (record.key, $0)) } }
        }
        homes = Dictionary(records, uniquingKeysWith: { first, _ in first })
    }

    /// The other worker whose branch is checked out at this place, and whose worktree stands there for all that anybody can tell.
    func owner(ofBranch branch: String?, besides worker: WorkerKey) -> WorkerKey? {
        guard let home = branch.flatMap({ homes[$0] }), home.worker != worker else { return nil }
        return home.worker
    }

    /// Whether that worker's worktree itself stands at another's place, by what git calls it.
    func standsAt(_ path: String, _ owner: WorkerKey) throws -> Bool {
        guard let creation = state[owner].creation else { return false }
        return try WorkerWorktree.find(owner.id, creation, project)?.movedTo == path
    }

    /// The commands that bring a worker's branch back to its place. `found`: what is checked out there; `branchAt`: where its branch is.
    func mend(_ worker: WorkerKey, at path: String, found: String?, branchAt other: String) -> String {
        guard owner(ofBranch: found, besides: worker) != nil, entry(at: other)?.name != nil else {
            return byBranch(worker, at: path, found: found, branchAt: other)
        }
        let moves = moves(to: path, from: other, found: found).map { ShellText.line(["mv", $0.from, $0.to]) }
        return (moves + ["czar doctor --repair"]).joined(separator: " && ")
    }

    private func entry(at path: String) -> WorktreeEntry? { entries.first { $0.path == path && $0.problem == nil } }

    /// Somebody else looks at the branch: the main worktree, or one that no worker has.
    private func byBranch(_ worker: WorkerKey, at path: String, found: String?, branchAt other: String) -> String {
        guard let (own, _) = homes.first(where: { $0.value.worker == worker }), let branch = BranchName(rawValue: own) else {
            return BranchMend.git(in: path) + " status"
        }
        let mend = BranchMend.command(
            BranchMend.git(in: path), to: branch, found: found, exists: true, isAnothers: state.isAnothers(found, than: worker))
        return "\(BranchMend.git(in: other)) switch --detach && \(mend)"
    }

    /// Each worktree goes home, and what stands there goes aside first.
    private func moves(to home: String, from other: String, found: String?) -> [(from: String, to: String)] {
        var moves = [(from: home, to: aside(home)), (from: other, to: home)]
        var (homeless, branch) = (aside(home), found)
        var settled: Set<String> = [home]
        while let place = branch.flatMap({ homes[$0]?.place }), settled.insert(place).inserted {
            if place == other || FileKind(at: place) == nil {
                moves.append((homeless, place))
                return moves
            }
            moves += [(place, aside(place)), (homeless, place)]
            (homeless, branch) = (aside(place), entry(at: place)?.branch)
        }
        return moves
    }

    /// A free name beside it.
    private func aside(_ path: String) -> String {
        var (name, number) = (path + ".swapped", 1)
        while FileKind(at: name) != nil {
            number += 1
            name = "\(path).swapped-\(number)"
        }
        return name
    }
}
