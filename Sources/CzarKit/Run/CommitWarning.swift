import CzarGit
import CzarPlanning

extension Coordinator {
    /// Why nothing that a worker's command leaves could be committed when it ends: better said before a night than after it. Nil when all is
    /// well, and where the plan wants no such commits.
    package func commitWarning() throws -> (sentence: String, remedy: String?)? {
        let isAnybodyCommitted = plan.definitions.contains { $0.work != .person }
        guard plan.orchestration.autoCommit == .onExit, isAnybodyCommitted else { return nil }
        do {
            let repository = try openRepository()
            _ = (try repository.identity(.author), try repository.identity(.committer))
            return nil
        } catch let error as IdentityError {
            let missing = "\(error.missing.joined(separator: " and ")) \(error.missing.count == 1 ? "is" : "are") not set"
            return (
                "what workers leave uncommitted cannot be committed, so it proves nothing: \(missing)",
                CommitFilesError.identity(error).remedy
            )
        }
    }
}
