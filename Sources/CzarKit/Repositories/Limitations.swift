import CzarGit

extension ProjectLayout {
    /// What Czar cannot do in this repository as git would; asked before anything is touched.
    /// - Throws: ``ProjectError/unsupported(sentence:remedy:)`` for what makes work here impossible.
    package func checkedLimitations() throws -> [Limitation] {
        let found = try Preflight.limitations(of: location)
        if let refusal = found.first(where: { $0.severity == .refuses }) {
            throw ProjectError.unsupported(sentence: refusal.sentence, remedy: refusal.remedy)
        }
        return found
    }

    /// Refuses a repository whose format cannot be read: asked before anything is opened or written by what needs no more than that.
    /// - Throws: ``ProjectError/unsupported(sentence:remedy:)``.
    package func requireReadableFormat() throws {
        guard let refusal = try Preflight.formatRefusal(of: location) else { return }
        throw ProjectError.unsupported(sentence: refusal.sentence, remedy: refusal.remedy)
    }
}
