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

        /// Whether the commits themselves survive only in a recovery reference.
        var needsRecovery: Bool { self == .patch || self == .squash }
    }

    package let how: How
    /// The branch or remote-tracking reference that contains it.
    package let target: String
    package let targetTip: ObjectID
    package let evidence: ObjectID?

    /// Nil when there is no proof. A branch without commits of its own loses nothing where the target reaches it.
    static func find(
        tip: ObjectID, forkPoint: ObjectID?, target: String, _ repository: borrowing Repository
    ) throws -> BranchProof? {
        let remotes = try repository.references(matching: "refs/remotes/*").filter { try repository.peeledCommit($0.target) != nil }
        let targetTip = try repository.branchTip(target)
        let graph = try CommitGraph(of: repository, tips: Array(Set([tip] + remotes.map(\.target) + (targetTip.map { [$0] } ?? []))))
        if let targetTip, try graph.isAncestor(tip, of: targetTip) {
            return BranchProof(how: .ancestor, target: target, targetTip: targetTip, evidence: nil)
        }
        if let found = try graph.tips(remotes.map(\.target), containing: tip).first {
            return BranchProof(how: .pushed, target: remotes[found].name, targetTip: remotes[found].target, evidence: nil)
        }
        guard let targetTip else { return nil }
        var patches = PatchIndex()
        let found = try graph.integration(of: tip, into: targetTip, forkPoint: forkPoint, in: repository, patches: &patches)
        switch found.state {
        case .patch: return BranchProof(how: .patch, target: target, targetTip: targetTip, evidence: found.evidence)
        case .squash: return BranchProof(how: .squash, target: target, targetTip: targetTip, evidence: found.evidence)
        case .no, .ancestor, .reverted: return nil
        }
    }

    var fields: [String: String] {
        var fields = [Field.how: how.rawValue, Field.target: target, Field.baseTip: targetTip.hex]
        fields[Field.commit] = evidence?.hex
        return fields
    }
}
