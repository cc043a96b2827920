import CzarGit
import CzarPlanning

/// A remote's branch of a name that no branch here has: fresh clones, and checkouts that CI makes, know others' work only so.
enum RemoteBranch {
    /// Such as `origin/main` for `main`; nil where the remote has none.
    static func of(_ branch: BranchName, remote: String, _ repository: borrowing Repository) throws -> String? {
        let name = "\(remote)/\(branch)"
        return try repository.referenceTarget("refs/remotes/" + name) == nil ? nil : name
    }
}
