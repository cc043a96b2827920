/// How git would merge a file that both sides changed, where it is not as a text: by a program of the user's, which is not run here, or
/// not at all.
///
/// Source: git's merge-ll.c, `find_ll_merge_driver`: a name that nobody configured is the merge of texts.
struct MergeDrivers {
    /// Names under `merge.` that somebody configured.
    private let configured: Set<String>
    /// `merge.default`: the driver of files of which attributes say nothing.
    private let fallback: String?

    init(of repository: borrowing Repository) throws(GitError) {
        let settings = try repository.configuration()
        var names: Set<String> = []
        for ending in ["driver", "name", "recursive"] {
            for entry in try settings.entries(matching: "^merge\\..*\\.\(ending)$") {
                names.insert(String(entry.name.dropFirst("merge.".count).dropLast(ending.count + 1)))
            }
        }
        (configured, fallback) = (names, try settings.text("merge.default"))
    }

    /// What git would do with a path.
    enum Way { case text, union, unknown }

    /// What git would do with each of these paths, which both sides changed.
    func ways(of contests: [Contest], in repository: borrowing Repository) throws(GitError) -> [Way] {
        let settings = try CheckoutSettings(repository)
        let sources = try AttributeSources(of: repository, concerning: contests.map(\.path), settings) { (path) throws(GitError) in
            try repository.indexedBlob(at: path)
        }
        let rules = AttributeRules(sources, names: ["merge"], ignoresCase: settings.ignoresCase)
        return contests.map { contest in
            // Perhaps we moved it: then the attributes of another path decide.
            if contest.ours == nil, !configured.isEmpty { return .unknown }
            switch rules.values(of: contest.path)[0] {
            case .set: return .text
            case .unset: return .unknown
            case .text(let name): return way(name)
            case .unspecified: return fallback.map { way($0) } ?? .text
            }
        }
    }

    private func way(_ name: String) -> Way {
        if configured.contains(name) || name == "binary" { return .unknown }
        return name == "union" ? .union : .text
    }
}
