/// One thing that the doctor found.
package struct DoctorFinding: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Something does not work, or will not.
        case problem
        /// Worth knowing.
        case note
        /// Was a problem, and was mended now.
        case repaired
    }

    /// A stable name: `journal-copied`, `worktree-missing`.
    package let name: String
    package let severity: Severity
    package let sentence: String
    package let remedy: String?

    package init(_ name: String, _ severity: Severity, _ sentence: String, _ remedy: String? = nil) {
        (self.name, self.severity, self.sentence, self.remedy) = (name, severity, sentence, remedy)
    }
}
