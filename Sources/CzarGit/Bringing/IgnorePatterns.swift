/// Patterns in the syntax of `.gitignore`, seen from one folder, that select paths instead of ignoring them. The last one that matches
/// decides.
package struct IgnorePatterns: Hashable, Sendable {
    private struct Line: Hashable, Sendable {
        let pattern: IgnorePattern
        /// The components of a pattern with a slash; nil for one that is held against names.
        let components: [[UInt8]]?

        init?(_ line: ArraySlice<UInt8>) {
            guard let pattern = IgnorePattern(line) else { return nil }
            self.pattern = pattern
            let text = pattern.isNegative ? line.dropFirst() : line
            let isPath = text.dropLast().contains(slash)
            components = isPath ? text.split(separator: slash).map(Array.init) : nil
        }
    }

    private var lines: [Line] = []

    package init() {}

    package var isEmpty: Bool { lines.isEmpty }

    /// Adds the lines of a file.
    package mutating func add(file bytes: [UInt8]) {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        lines += text.split(separator: 0x0A).compactMap { Line($0) }
    }

    /// Adds one line.
    package mutating func add(line: String) { lines += [Line(Array(line.utf8)[...])].compactMap { $0 } }

    /// Whether they select the path itself; what is said of its parents is for the caller to ask.
    func selects(_ path: [UInt8], isFolder: Bool) -> Bool {
        let last = lines.last { $0.pattern.matches(path[...], isFolder: isFolder, ignoringCase: false) }
        return last.map { !$0.pattern.isNegative } ?? false
    }

    /// Whether they select a folder above the path.
    func selectsParent(of path: [UInt8]) -> Bool {
        path.indices.contains { path[$0] == slash && $0 > 0 && selects(Array(path[..<$0]), isFolder: true) }
    }

    /// Whether a pattern with a slash could select something below the folder.
    func reachesInto(_ folder: [UInt8]) -> Bool {
        let parts = folder.split(separator: slash)
        return lines.contains { line in
            guard let components = line.components, !line.pattern.isNegative else { return false }
            for (part, component) in zip(parts, components) {
                if component == [star, star] { return true }
                if !Wildmatch(isPath: true, ignoresCase: false).matches(part, component[...]) { return false }
            }
            return components.count > parts.count
        }
    }
}

private let slash = UInt8(ascii: "/")
private let star = UInt8(ascii: "*")
