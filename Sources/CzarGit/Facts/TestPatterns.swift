/// Counts test declarations in files: those of the languages Czar knows, and those that a plan adds.
///
/// A declaration is found line by line; an attribute (`@Test`, `#[test]`) and the function after it are one. What is counted is a file's
/// text, so the declarations in the added lines minus those in the removed ones are the count after minus the count before.
package struct TestPatterns: Sendable {
    private struct Rules: Sendable {
        var markers: [TestMarker]
        var function: [UInt8]
        var search = MarkerSearch([])
    }

    /// The languages that Czar knows, and nothing else.
    package static let builtIn = TestPatterns()

    /// By file extension, in lower case.
    private let rules: [String: Rules]
    /// The same as long as the same is counted.
    let digest: ObjectID

    /// `added`: by the name of a language, or by a file extension, texts that declare a test wherever they stand in a line.
    package init(added: [String: [String]] = [:]) {
        var rules: [String: Rules] = [:]
        for language in TestLanguage.all {
            for name in language.extensions { rules[name] = Rules(markers: language.markers, function: Array(language.function.utf8)) }
        }
        for (name, texts) in added {
            let key = name.lowercased()
            let known = TestLanguage.all.filter { $0.names.contains(key) }.flatMap(\.extensions)
            let markers = texts.filter { !$0.isEmpty }.map { TestMarker($0, before: .anything) }
            for ending in known.isEmpty ? [key.hasPrefix(".") ? String(key.dropFirst()) : key] : known {
                // Behind the built-in ones: what those find on a line is not counted again.
                rules[ending, default: Rules(markers: [], function: [])].markers += markers
            }
        }
        self.rules = rules.mapValues { rule in
            var rule = rule
            rule.search = MarkerSearch(rule.markers)
            return rule
        }
        var text: [UInt8] = []
        for (name, rule) in rules.sorted(by: { $0.key < $1.key }) {
            text.append(text: name.utf8)
            text.append(text: rule.function)
            for marker in rule.markers {
                text.append(text: marker.text)
                text.append(text: marker.stemSuffix)
                text.append(text: marker.method)
                text += [marker.before.rawValue, marker.after.rawValue, marker.isAttribute ? 1 : 0, marker.isDefinition ? 1 : 0]
            }
        }
        digest = text.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    /// How many tests a file of this name declares; 0 for a language that has no markers.
    /// - Complexity: O(bytes × markers of the language).
    package func count(in content: [UInt8], path: RepositoryPath) -> Int {
        let name = path.bytes[(path.bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...]
        guard let dot = name.lastIndex(of: 0x2E), let rule = rules[String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()] else {
            return 0
        }
        guard let search = rule.search.markers(forStem: name[..<dot]) else { return 0 }
        return content.withUnsafeBytes { Self.count($0, search, function: rule.function) }
    }

    private static func count(_ content: UnsafeRawBufferPointer, _ search: MarkerSearch, function: [UInt8]) -> Int {
        var count = 0
        // An attribute was counted, and the function that it belongs to has not come yet.
        var isOpen = false
        forEachLine(content) { ended in
            let line = ended.last == 0x0A ? UnsafeRawBufferPointer(rebasing: ended.dropLast()) : ended
            var indent = 0
            while indent < line.count, line[indent] == 0x20 || line[indent] == 0x09 { indent += 1 }
            guard indent < line.count else { return }
            let found = search.first(in: line, indent: indent)
            guard isOpen || found != nil else { return }
            if found != nil, !isOpen { count += 1 }
            let rest = UnsafeRawBufferPointer(rebasing: line[(found?.end ?? indent)...])
            let opensFunction = !function.isEmpty && (found.map { !$0.marker.isAttribute } ?? false || holds(function, rest))
            isOpen = (isOpen || found?.marker.isAttribute == true) && !function.isEmpty && !opensFunction
        }
        return count
    }

    private static func holds(_ text: [UInt8], _ line: UnsafeRawBufferPointer) -> Bool {
        guard line.count >= text.count else { return false }
        return (0...line.count - text.count).contains { start in text.indices.allSatisfy { line[start + $0] == text[$0] } }
    }
}

/// Finds a file's markers in its lines. Nearly no line declares a test: most are passed over for their first two visible bytes alone.
private struct MarkerSearch: Sendable {
    private let markers: [TestMarker]
    /// A bit for each pair of bytes with which some marker's line may begin; empty where a marker may stand anywhere in its line.
    private let beginnings: [UInt64]
    /// The markers by their first two bytes; few are worth a look where a line begins with one of the pairs.
    private let groups: [(pair: Int, markers: [TestMarker])]

    init(_ markers: [TestMarker]) {
        self.markers = markers
        guard markers.allSatisfy({ $0.before == .nothing && $0.text.count > 1 }) else {
            (beginnings, groups) = ([], [])
            return
        }
        var bits = [UInt64](repeating: 0, count: 1024)
        var groups: [(pair: Int, markers: [TestMarker])] = []
        for marker in markers {
            let pair = Int(marker.text[0]) << 8 | Int(marker.text[1])
            bits[pair >> 6] |= 1 << UInt64(pair & 63)
            if let known = groups.firstIndex(where: { $0.pair == pair }) {
                groups[known].markers.append(marker)
            } else {
                groups.append((pair, [marker]))
            }
        }
        (beginnings, self.groups) = (bits, groups)
    }

    /// Only those of the markers that are for files with this name; nil where none is.
    func markers(forStem stem: some BidirectionalCollection<UInt8>) -> MarkerSearch? {
        func isFor(_ marker: TestMarker) -> Bool {
            marker.stemSuffix.isEmpty || stem.reversed().starts(with: marker.stemSuffix.reversed())
        }
        if markers.allSatisfy(isFor) { return self }
        let kept = markers.filter(isFor)
        return kept.isEmpty ? nil : MarkerSearch(kept)
    }

    /// The first of the markers, in their order, that the line holds.
    func first(in line: UnsafeRawBufferPointer, indent: Int) -> (marker: TestMarker, end: Int)? {
        guard !beginnings.isEmpty else { return first(of: markers, in: line, indent: indent) }
        guard indent + 1 < line.count else { return nil }
        let pair = Int(line[indent]) << 8 | Int(line[indent + 1])
        guard beginnings[pair >> 6] & (1 << UInt64(pair & 63)) != 0 else { return nil }
        for index in groups.indices where groups[index].pair == pair { return first(of: groups[index].markers, in: line, indent: indent) }
        return nil
    }

    private func first(of markers: [TestMarker], in line: UnsafeRawBufferPointer, indent: Int) -> (marker: TestMarker, end: Int)? {
        // By index: a loop over the elements would retain each one's arrays.
        for index in markers.indices {
            if let end = markers[index].end(in: line, indent: indent) { return (markers[index], end) }
        }
        return nil
    }
}
