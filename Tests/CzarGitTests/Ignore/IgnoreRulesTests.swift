import TestSupport
import Testing

@testable import CzarGit

/// Patterns of every shape against names of every shape, with `git check-ignore` as the oracle.
@Suite struct IgnoreRulesTests {
    private static let atoms = [
        "a", "b", "ab", "A", ".", "-", "/", "/", "*", "**", "?", "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]", "[]a]", "[a-]", "\\", "\\*", "[",
        "]",
        "!", " ", "\\ ", "#", "**/", "/**", "/*", "é", "[[:nope:]]", "[a\\-c]", "[z-a]",
    ]
    private static let names = ["a", "b", "c", "ab", "aab", "A", ".", "-", "[", "]", "!", "#", "é", " ", "a b", "\\", "*", "-a", "b-", "x"]

    /// `x**/y`, where `**` does not start a component, crosses folders in git before 2.52 and not since; we do as the newest does.
    static func differsBetweenVersions(_ pattern: String) -> Bool {
        let start = pattern.prefix { !"*?[\\".contains($0) }
        return pattern.dropFirst(start.count).hasPrefix("**") && !start.isEmpty && start.last != "/"
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func everyPatternMatchesWhatItMatchesInGit(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let repository = try GitRepository()
        if seed == 13 { try git("config", "core.ignorecase", "true", in: repository.path) }
        var paths: [String] = []
        var rulesOf: [Substring: String] = [:]
        for number in 0..<150 {
            let patterns = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                (0..<Int.random(in: 1...5, using: &random)).map { _ in Self.atoms.randomElement(using: &random)! }.joined()
            }.filter { !Self.differsBetweenVersions($0) }
            rulesOf["d\(number)"] = "\(patterns)"
            try repository.write("d\(number)/.gitignore", patterns.joined(separator: seed == 12 ? "\r\n" : "\n"))
            for _ in 0..<25 {
                let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.names.randomElement(using: &random)! }
                if !parts.contains(".") { paths.append("d\(number)/" + parts.joined(separator: "/")) }
            }
        }
        let output = try run(
            ["git", "check-ignore", "--no-index", "--stdin", "-z"], in: repository.path, input: paths.joined(separator: "\0") + "\0")
        let expected = Set(output.output.split(separator: "\0").map(String.init))
        let rules = IgnoreRules(root: try FolderReader(opening: repository.path), general: [], ignoresCase: seed == 13)
        var (wrong, ignored): ([String], Int) = ([], 0)
        for path in Set(paths) {
            let bytes = Array(path.utf8)
            let folder = Array(bytes[...bytes.lastIndex(of: 0x2F)!])
            let verdict = try rules.ignores(bytes, in: folder, isFolder: false)
            if verdict { ignored += 1 }
            if verdict != expected.contains(path) { wrong.append("\(path) by \(rulesOf[path.prefix { $0 != "/" }] ?? "")") }
        }
        #expect(wrong == [], "seed \(seed)")
        #expect(ignored > 300 && ignored < paths.count)
    }

    @Test func theNearestRulesWinAndTheUsersAreTheWeakest() throws {
        let repository = try GitRepository()
        try repository.write(".gitignore", "*.log\n!keep.log\nout/\n")
        try repository.write("sub/.gitignore", "!*.log\nkeep.log\n")
        try repository.write("out/.gitignore", "!*\n")
        let rules = IgnoreRules(
            root: try FolderReader(opening: repository.path), general: [Array("*.tmp\n*.log\n".utf8), Array("!x.tmp\n".utf8)],
            ignoresCase: false)
        func ignores(_ path: String, isFolder: Bool = false) throws -> Bool {
            let bytes = Array(path.utf8)
            return try rules.ignores(bytes, in: Array(bytes[..<(bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)]), isFolder: isFolder)
        }
        let ignored = try ["a.log", "keep.log", "sub/a.log", "sub/keep.log", "out/deep/file", "y.tmp", "x.tmp", "sub/out"].filter {
            try ignores($0)
        }
        #expect(ignored == ["a.log", "sub/keep.log", "out/deep/file", "y.tmp"])
        #expect(try ignores("sub/out", isFolder: true))
    }
}
