import TestSupport
import Testing

@testable import CzarGit

/// Keys of changes: equal for changes of the same paths, at either depth.
@Suite struct ChangedPathsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder("paths")
        _ = try run(["git", "init", "-q"], in: folder.path)
    }

    /// Writes a tree: `entries` are lines of `git mktree`, with `BLOB:text` and `TREE:name` in the place of ids.
    private func tree(_ entries: String, trees: [String: String] = [:]) throws -> String {
        var lines = entries
        for text in ["one", "two", "three"] {
            let blob = try run(["sh", "-c", "printf \(text) | git hash-object -w --stdin"], in: folder.path).output.prefix(40)
            lines = lines.replacing("BLOB:\(text)", with: blob)
        }
        for (name, id) in trees { lines = lines.replacing("TREE:\(name)", with: id) }
        return String(try run(["sh", "-c", "printf '\(lines)' | git mktree"], in: folder.path).output.prefix(40))
    }

    private func key(_ depth: ChangedPaths.Depth, _ before: String, _ after: String) throws -> UInt64 {
        var paths = try ChangedPaths(try Repository(opening: folder.path))
        let (old, new): (ObjectID, ObjectID) = (try #require(ObjectID(hex: before)), try #require(ObjectID(hex: after)))
        return try paths.key(depth, from: old, to: new)
    }

    @Test func changesOfTheSamePathsHaveTheSameKeys() throws {
        let inner = try ["one", "two"].map { try tree("100644 blob BLOB:\($0)\\tfile\\n") }
        let empty = try tree("")
        func root(_ inner: String, _ other: String, _ extra: String = "") throws -> String {
            try tree(
                "100644 blob BLOB:\(other)\\tb\\n040000 tree TREE:inner\\ta\\n\(extra)", trees: ["inner": inner, "empty": empty])
        }
        let change = (try root(inner[0], "one"), try root(inner[1], "two"))
        // The same way back, on top of something else, and together with a folder that holds nothing.
        let others = [
            (change.1, change.0),
            (try root(inner[0], "one", "100644 blob BLOB:three\\tz\\n"), try root(inner[1], "two", "100644 blob BLOB:three\\tz\\n")),
            (change.0, try root(inner[1], "two", "040000 tree TREE:empty\\tnothing\\n")),
        ]
        for depth in [ChangedPaths.Depth.whole, .root] {
            let expected = try key(depth, change.0, change.1)
            #expect(expected != ChangedPaths.none)
            for other in others { #expect(try key(depth, other.0, other.1) == expected, "\(depth)") }
        }
    }

    @Test func theRootTellsOnlyItsOwnNamesApart() throws {
        let inner = try tree("100644 blob BLOB:one\\tfile\\n100644 blob BLOB:one\\tother\\n")
        let file = try tree("100644 blob BLOB:two\\tfile\\n100644 blob BLOB:one\\tother\\n")
        let other = try tree("100644 blob BLOB:one\\tfile\\n100644 blob BLOB:two\\tother\\n")
        let roots = try [inner, file, other].map { try tree("040000 tree TREE:a\\ta\\n", trees: ["a": $0]) }
        #expect(try key(.root, roots[0], roots[1]) == key(.root, roots[0], roots[2]))
        #expect(try key(.whole, roots[0], roots[1]) != key(.whole, roots[0], roots[2]))
        let elsewhere = try ["one", "two"].map { try tree("100644 blob BLOB:\($0)\\tc\\n") }
        #expect(try key(.root, roots[0], roots[1]) != key(.root, elsewhere[0], elsewhere[1]))
        #expect(try key(.root, roots[0], roots[0]) == ChangedPaths.none)
    }
}
