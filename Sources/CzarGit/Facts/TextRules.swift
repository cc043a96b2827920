/// Tells binary files from texts, as `git diff` does: by what attributes say of a regular file, by its size, else by its first bytes.
struct TextRules: Sendable {
    private let rules: AttributeRules?
    /// Folders whose attributes can decide that files below are binary or text.
    private let deciding: Set<[UInt8]>
    private let largestText: Int

    /// `rules`: about `diff` alone; nil where no attributes can decide. `largestText`: git's `core.bigFileThreshold`, in bytes.
    init(_ rules: AttributeRules?, deciding: Set<[UInt8]>, largestText: Int) {
        (self.rules, self.deciding, self.largestText) = (rules, deciding, largestText)
    }

    /// Whether attributes may decide about this file.
    func mayDecide(_ path: RepositoryPath) -> Bool {
        guard !deciding.isEmpty else { return false }
        return deciding.contains { path.bytes.starts(with: $0) }
    }

    /// A submodule, and what is not there, is no binary file.
    func isBinary(_ side: DiffSide?, _ content: [UInt8]) -> Bool {
        guard let side, side.mode != 0o160000 else { return false }
        if side.isRegular, let rules, mayDecide(side.path) {
            switch rules.values(of: side.path)[0] {
            case .unset: return true
            case .set: return false
            case .unspecified, .text: break
            }
        }
        return content.count > largestText || looksBinary(content)
    }
}
