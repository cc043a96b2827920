import CzarGit
import CzarPlanning

/// Where the branch that work lands on begins, as long as there is no such branch.
enum TargetStart {
    /// Nil where there is one, or nothing here is known to begin at.
    static func of(_ plan: Plan, _ base: String, _ repository: borrowing Repository) throws -> String? {
        if let target = plan.project.omnibusBranch {
            if try repository.branchTip(target) != nil { return nil }
            if try repository.baseTip(base) != nil { return base }
        } else if try repository.baseTip(base) != nil {
            return nil
        }
        // The base has no commit yet: its workers have begun elsewhere.
        for case let other? in plan.definitions.map(\.base) where try repository.baseTip(other) != nil { return other }
        return nil
    }
}
