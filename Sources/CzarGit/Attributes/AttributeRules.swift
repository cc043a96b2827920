/// What files of attributes say of some names, ready to be asked about many paths.
///
/// Lines that cannot have an effect on these names are not kept. Immutable, so threads share it.
///
/// Source: git's attr.c, `collect_some_attrs`: files from the strongest to the weakest, lines from the last to the first, words from the
/// last to the first; the first that speaks of a name decides it.
struct AttributeRules: Sendable {
    /// One word of a kept line.
    fileprivate struct State {
        /// Its name, as its position among those that decide.
        let number: Int
        let value: AttributeValue
    }

    fileprivate struct Rule {
        let pattern: IgnorePattern
        let states: [State]
    }

    /// The lines of one file, and where its folder ends in a path.
    struct Scope: Sendable {
        fileprivate let rules: [Rule]
        fileprivate let start: Int
    }

    private let wanted: Int
    /// By number: what a macro stands for.
    private let macros: [[State]]
    private let general: [Scope]
    private let folders: [[UInt8]: Scope]
    private let info: [Scope]
    private let ignoresCase: Bool

    /// - Complexity: O(lines), and O(macros²) where they are defined by each other.
    init(_ sources: AttributeSources, names: [String], ignoresCase: Bool) {
        let macros = sources.macros
        let deciding = AttributeSources.names(deciding: names, macros)
        let numbers = Dictionary(uniqueKeysWithValues: zip(deciding, 0...))
        func kept(_ states: [AttributeState]) -> [State] {
            states.compactMap { state in numbers[state.name].map { State(number: $0, value: state.value) } }
        }
        func scope(_ list: AttributeList, start: Int) -> Scope? {
            let rules = list.lines.compactMap { line -> Rule? in
                guard case .paths(let pattern) = line.subject else { return nil }
                let states = kept(line.states)
                return states.isEmpty ? nil : Rule(pattern: pattern, states: states)
            }
            return rules.isEmpty ? nil : Scope(rules: rules, start: start)
        }
        wanted = names.count
        self.macros = deciding.map { kept(macros[$0] ?? []) }
        general = sources.general.compactMap { scope($0, start: 0) }
        var folders: [[UInt8]: Scope] = [:]
        for (folder, list) in sources.folders { folders[folder] = scope(list, start: folder.count) }
        self.folders = folders
        info = [sources.info.flatMap { scope($0, start: 0) }].compactMap { $0 }
        self.ignoresCase = ignoresCase
    }

    /// What speaks of the files directly in a folder (empty, or with a slash at its end), the weakest first.
    func scopes(of folder: ArraySlice<UInt8>) -> [Scope] {
        guard !folders.isEmpty else { return general + info }
        var result = general
        if let root = folders[[]] { result.append(root) }
        for end in folder.indices where folder[end] == 0x2F {
            if let scope = folders[Array(folder[...end])] { result.append(scope) }
        }
        return result + info
    }

    /// The values of the names at a file's path, in their order.
    func values(of path: RepositoryPath) -> [AttributeValue] {
        values(of: path.bytes, scopes(of: path.bytes[..<(path.bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)]))
    }

    /// The same; `scopes` are those of its folder.
    /// - Complexity: O(kept lines).
    func values(of path: [UInt8], _ scopes: [Scope]) -> [AttributeValue] {
        var values = [AttributeValue?](repeating: nil, count: macros.count)
        var missing = wanted
        for scope in scopes.reversed() where missing > 0 {
            for rule in scope.rules.reversed() where missing > 0 {
                guard rule.pattern.matches(path[scope.start...], isFolder: false, ignoringCase: ignoresCase) else { continue }
                apply(rule.states, to: &values, &missing)
            }
        }
        return values.prefix(wanted).map { $0 ?? .unspecified }
    }

    private func apply(_ states: [State], to values: inout [AttributeValue?], _ missing: inout Int) {
        var rest = states
        while let state = rest.popLast() {
            guard values[state.number] == nil else { continue }
            values[state.number] = state.value
            if state.number < wanted { missing -= 1 }
            if state.value == .set { rest += macros[state.number] }
        }
    }
}
