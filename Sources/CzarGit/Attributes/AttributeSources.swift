/// Every file of attributes that speaks of the files of one tree, the weakest first.
struct AttributeSources: Hashable, Sendable {
    /// Those of the system and of the user.
    var general: [AttributeList] = []
    /// By folder: empty for the root, else with a slash at its end.
    var folders: [[UInt8]: AttributeList] = [:]
    /// The repository's own, stronger than all others.
    var info: AttributeList?

    /// Whether any line sets, or unsets, the attribute.
    func name(_ attribute: String) -> Bool {
        (general + folders.values + [info].compactMap { $0 }).contains { list in
            list.lines.contains { $0.states.contains { $0.name == attribute } }
        }
    }

    /// The strongest definition of each macro.
    var macros: [String: [AttributeState]] {
        var result: [String: [AttributeState]] = [:]
        for list in [AttributeList.builtIn] + general + [folders[[]], info].compactMap({ $0 }) {
            for line in list.lines { if case .macro(let name) = line.subject { result[name] = line.states } }
        }
        return result
    }

    /// The names whose setting has an effect on `wanted`: these, and every macro that ends in one of them.
    static func names(deciding wanted: [String], _ macros: [String: [AttributeState]]) -> [String] {
        var result = wanted
        var known = Set(wanted)
        var isComplete = false
        while !isComplete {
            isComplete = true
            for (name, states) in macros where !known.contains(name) && states.contains(where: { known.contains($0.name) }) {
                known.insert(name)
                result.append(name)
                isComplete = false
            }
        }
        return result
    }
}
