/// Which files of a tree attributes can change at all, found from the attribute files' lines alone.
///
/// A file that attributes may change is inflated and looked through, and is not copied from another worktree; and most trees have
/// attributes for diffs, or for `*.bat` only. So every line that could matter is reduced to the end that a file's name must have.
struct AttributeRelevance: Hashable, Sendable {
    private var matters = false
    private var suffixes: Set<[UInt8]> = []

    /// Nothing can change a file.
    static let none = AttributeRelevance()
    /// Every file has to be asked about.
    static var everything: AttributeRelevance {
        var result = AttributeRelevance()
        result.matters = true
        return result
    }

    /// No file can be changed.
    var isEmpty: Bool { !matters && suffixes.isEmpty }

    /// Those of all the files that count for one tree.
    ///
    /// With `core.eol=crlf` the attribute `text` matters too.
    init(_ sources: AttributeSources, _ settings: CheckoutSettings) {
        self = settings.automatic == .on ? .everything : .none
        let macros = Self.relevantMacros(sources.macros, settings)
        for list in sources.general + sources.folders.values + [sources.info].compactMap({ $0 }) {
            for line in list.lines {
                guard case .paths(let pattern) = line.subject else { continue }
                if line.states.contains(where: { Self.isRelevant($0, macros, settings) }) { insert(pattern, settings) }
            }
        }
    }

    private init() {}

    private mutating func insert(_ pattern: IgnorePattern, _ settings: CheckoutSettings) {
        let suffix = Array(pattern.plainEnd)
        if suffix.isEmpty || settings.ignoresCase { matters = true } else { suffixes.insert(suffix) }
    }

    /// The macros that, set, set something that matters.
    private static func relevantMacros(_ macros: [String: [AttributeState]], _ settings: CheckoutSettings) -> Set<String> {
        var result: Set<String> = []
        var isComplete = false
        while !isComplete {
            isComplete = true
            for (name, states) in macros where !result.contains(name) && states.contains(where: { isRelevant($0, result, settings) }) {
                result.insert(name)
                isComplete = false
            }
        }
        return result
    }

    private static func isRelevant(_ state: AttributeState, _ macros: Set<String>, _ settings: CheckoutSettings) -> Bool {
        if state.value == .set, macros.contains(state.name) { return true }
        switch (state.name, state.value) {
        case ("filter", .text), ("working-tree-encoding", .text), ("eol", .text("crlf")), ("ident", .set): return true
        case ("text", _), ("crlf", _), ("eol", _): return settings.textHasReturns
        default: return false
        }
    }

    /// Whether a file whose last component is `name` has to be asked about.
    func concerns(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if matters { return true }
        return suffixes.contains { $0.count <= name.count && name.suffix($0.count).elementsEqual($0) }
    }
}
