import Glibc

/// Counts test declarations in files: those of the languages Czar knows, and those that a plan adds.
///
/// A declaration is found line by line; an attribute (`@Test`, `#[test]`) and the function after it are one. What is counted is a file's
/// text, so the declarations in the added lines minus those in the removed ones are the count after minus the count before.
package struct TestPatterns: Sendable {
    private struct Rules: Sendable {
        var markers: [TestMarker]
        var function: [UInt8]
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
        self.rules = rules
        var text: [UInt8] = []
        for (name, rule) in rules.sorted(by: { $0.key < $1.key }) {
            text.append(text: name.utf8)
            text.append(text: rule.function)
            for marker in rule.markers {
                text.append(text: marker.text)
                text.append(text: marker.stemSuffix)
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
        let stem = name[..<dot]
        let markers = rule.markers.filter { $0.stemSuffix.isEmpty || stem.reversed().starts(with: $0.stemSuffix.reversed()) }
        guard !markers.isEmpty else { return 0 }
        return content.withUnsafeBytes { Self.count($0, markers, function: rule.function) }
    }

    private static func count(_ content: UnsafeRawBufferPointer, _ markers: [TestMarker], function: [UInt8]) -> Int {
        var count = 0
        // An attribute was counted, and the function that it belongs to has not come yet.
        var isOpen = false
        let filter = LineFilter(markers)
        var place = 0
        while let line = nextLine(content, &place) {
            guard let indent = line.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            var found: (marker: TestMarker, end: Int)?
            if filter.passes(line[indent]) {
                for marker in markers {
                    guard let end = marker.end(in: line, indent: indent) else { continue }
                    found = (marker, end)
                    break
                }
            }
            // Nearly every line of nearly every file: nothing is declared, and nothing waits for its function.
            guard found != nil || isOpen else { continue }
            if found != nil, !isOpen { count += 1 }
            let rest = UnsafeRawBufferPointer(rebasing: line[(found?.end ?? indent)...])
            let opensFunction = !function.isEmpty && (found.map { !$0.marker.isAttribute } ?? false || holds(function, rest))
            isOpen = (isOpen || found?.marker.isAttribute == true) && !function.isEmpty && !opensFunction
        }
        return count
    }

    /// The line that begins at `place`, which moves behind it; nil at the end.
    private static func nextLine(_ content: UnsafeRawBufferPointer, _ place: inout Int) -> UnsafeRawBufferPointer? {
        guard place < content.count, let start = content.baseAddress?.advanced(by: place) else { return nil }
        let left = content.count - place
        let length = memchr(start, 0x0A, left).map { start.distance(to: UnsafeRawPointer($0)) } ?? left
        place += length + 1
        return UnsafeRawBufferPointer(start: start, count: length)
    }

    /// Tells by its first visible byte that a line cannot hold a marker.
    private struct LineFilter {
        private var first = [Bool](repeating: false, count: 256)

        init(_ markers: [TestMarker]) {
            for marker in markers {
                guard marker.before == .nothing, let byte = marker.text.first else {
                    first = [Bool](repeating: true, count: 256)
                    return
                }
                first[Int(byte)] = true
            }
        }

        func passes(_ byte: UInt8) -> Bool { first[Int(byte)] }
    }

    private static func holds(_ text: [UInt8], _ line: UnsafeRawBufferPointer) -> Bool {
        guard line.count >= text.count else { return false }
        return (0...line.count - text.count).contains { start in text.indices.allSatisfy { line[start + $0] == text[$0] } }
    }
}
