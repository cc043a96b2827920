import CzarGit
import CzarPlanning

/// What a reader of figures has to know of them: where they differ from git's, and why some are missing.
struct FigureNotes {
    let limitations: [Limitation]
    let figures: [WorkerID: GitFigures]

    var sentences: [String] {
        let unknown = figures.filter { $0.value.problem != nil }.sorted { $0.key < $1.key }
        var sentences = limitations.filter { concerns($0, isUnknown: !unknown.isEmpty) }.map(\.sentence)
        if let (id, first) = unknown.first, let problem = first.problem {
            let others = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
            sentences.append("figures of '\(id)'\(others) are not known: \(problem)")
        }
        return sentences
    }

    private func concerns(_ limitation: Limitation, isUnknown: Bool) -> Bool {
        switch limitation {
        case .replaceReferences, .attributesOfTree: true
        case .partialClone: isUnknown
        default: false
        }
    }
}
