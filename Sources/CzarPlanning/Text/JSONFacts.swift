/// The texts of one JSON object by their places: what programs print about themselves, a line at a time.
package enum JSONFacts {
    /// Text, numbers as they were written, `true` and `false`, by the path of names that leads to them (`message.usage.input_tokens`).
    /// Lists and nulls are left out. Nil for a line that is no JSON object: text between the records, or a line that was cut off.
    /// - Complexity: O(bytes).
    package static func texts(inLine line: [UInt8]) -> [String: String]? {
        let root: ConfigurationNode
        do throws(Problem) {
            var reader = JSONReader(try SourceText(file: PlanFile(name: "", bytes: line, format: .json)))
            root = try reader.read()
        } catch {
            return nil
        }
        guard case .map(let entries) = root.value else { return nil }
        var texts: [String: String] = [:]
        collect(entries, below: "", into: &texts)
        return texts
    }

    private static func collect(_ entries: [ConfigurationNode.Entry], below path: String, into texts: inout [String: String]) {
        for entry in entries {
            switch entry.value.value {
            case .map(let inner): collect(inner, below: path + entry.key + ".", into: &texts)
            case .scalar(let text, _): if !entry.value.isNull { texts[path + entry.key] = text }
            case .list: break
            }
        }
    }
}
