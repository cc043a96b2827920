import CzarGit
import CzarPlanning

/// Why a worker's branch may be deleted: where else its change is.
package struct BranchProof: Hashable, Sendable {
    package enum How: String, Hashable, Sendable {
        /// The target reaches the tip.
        case ancestor
        /// A remote-tracking reference reaches the tip.
        case pushed
        /// Every own commit's patch is on the target.
        case patch
        /// The change as a whole is on the target.
        case squash
    }

    package let how: How
    /// The branch or remote-tracking reference that contains it.
    package let target: String
    package let targetTip: ObjectID
    package let evidence: ObjectID?
    /// Whether the target took the change out again.
    let isReverted: Bool

    init(how: How, target: String, targetTip: ObjectID, evidence: ObjectID? = nil, isReverted: Bool = false) {
        (self.how, self.target, self.targetTip, self.evidence, self.isReverted) = (how, target, targetTip, evidence, isReverted)
    }

    /// Whether the commits themselves survive only in a recovery reference, or are the only place where the change still is: then the
    /// branch's name is what leads to them.
    var needsRecovery: Bool { how == .patch || how == .squash || isReverted }

    var fields: [String: String] {
        var fields = [Field.how: how.rawValue, Field.target: target, Field.baseTip: targetTip.hex]
        fields[Field.commit] = evidence?.hex
        return fields
    }
}

/// A branch that is to go.
struct DoomedBranch: Hashable, Sendable {
    let tip: ObjectID
    let forkPoint: ObjectID?
    /// The branch that has to contain its change, unless a remote-tracking reference does.
    let target: String
}

/// What the proofs of several branches share: the history and what was compared of it. A value: each thread works on its own copy.
///
/// Where references are is looked up again for every proof.
struct ProofHistory: Sendable {
    private let remotes: [(name: String, target: ObjectID)]
    private var graph: CommitGraph
    private var patches = PatchIndex()

    /// - Complexity: O(history that no graph file has, once).
    init(of branches: [DoomedBranch], _ repository: borrowing Repository) throws {
        var remotes: [(name: String, target: ObjectID)] = []
        for reference in try repository.references(matching: "refs/remotes/*") where try repository.peeledCommit(reference.target) != nil {
            remotes.append(reference)
        }
        self.remotes = remotes
        graph = try CommitGraph(of: repository, tips: Set(remotes.map(\.target)).sorted())
        for (target, branches) in Dictionary(grouping: branches, by: \.target) {
            guard let tip = try repository.branchTip(target) else { continue }
            compare(branches, with: tip, repository)
        }
    }

    /// Compares many branches with one target in a single pass, so that their proofs find the answers.
    private mutating func compare(_ branches: [DoomedBranch], with target: ObjectID, _ repository: borrowing Repository) {
        do throws(GitError) {
            try graph.extend(with: branches.map(\.tip) + [target], from: repository)
            _ = try graph.integrations(
                of: branches.map { ($0.tip, $0.forkPoint) }, into: target, in: repository, patches: &patches)
        } catch {
            // What is missing for one branch is named by that branch's own proof; the others have lost only the short cut.
            return
        }
    }

    /// Nil when there is no proof. A branch without commits of its own loses nothing where the target reaches it.
    mutating func proof(of branch: DoomedBranch, _ repository: borrowing Repository) throws -> BranchProof? {
        let targetTip = try repository.branchTip(branch.target)
        try graph.extend(with: [branch.tip] + (targetTip.map { [$0] } ?? []), from: repository)
        if let targetTip, try graph.isAncestor(branch.tip, of: targetTip) {
            let found = try graph.integration(
                of: branch.tip, into: targetTip, forkPoint: branch.forkPoint, in: repository, patches: &patches)
            return BranchProof(how: .ancestor, target: branch.target, targetTip: targetTip, isReverted: found.state == .reverted)
        }
        for found in try graph.tips(remotes.map(\.target), containing: branch.tip) {
            let (name, tip) = remotes[found]
            guard try repository.referenceTarget(name) == tip else { continue }
            return BranchProof(how: .pushed, target: name, targetTip: tip)
        }
        guard let targetTip else { return nil }
        let found = try graph.integration(
            of: branch.tip, into: targetTip, forkPoint: branch.forkPoint, in: repository, patches: &patches)
        switch found.state {
        case .patch: return BranchProof(how: .patch, target: branch.target, targetTip: targetTip, evidence: found.evidence)
        case .squash: return BranchProof(how: .squash, target: branch.target, targetTip: targetTip, evidence: found.evidence)
        case .no, .ancestor, .reverted: return nil
        }
    }
}
