import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Patterns in `.gitignore` syntax; `git check-ignore` is the oracle.
@Suite struct IgnorePatternsTests {
    private static let patterns = [
        "a", "/a", "a/", "a/b", "a/b/", "/a/b", "a/*", "a/**", "a/**/c", "**/c", "**/b/c", "*/c", "*", "**", "*.txt", "/*.txt", "a/*.txt",
        "?", "??", "a?c", "[ab]", "[!ab]", "[^ab]", "[a-c]*", "[]x]", "[a-]", "x[[:digit:]]", "[[:alpha:]]", "[[:nonsense:]]", "[", "[a",
        "a[",
        "\\a", "\\*", "\\#hash", "#hash", "\\!bang", "!a", "*\n!a", "a\n!a/b", "*\n!*.txt", "a \n", "a\\ ", "a\\  ", "a\t", "ab*c*d",
        "*a*b*c*", "a**b",
        "a/**b", "**a", "a**", "a/**/", "**/", "/", "//", "a//b", "/**", "/**/c", "a\\/b", "a\r", "\u{FEFF}a", "name with space",
        "x[[:digit:]-z]",
        "[\\]]", "a/b*/c", "a/*/c", "b", "c", "/*/c", "é", "[é]", "a/[!/]/c", "a[/]b", "*.t?t",
    ]
    private static let paths = [
        "a", "b", "c", "ab", "abc", "a/b", "a/c", "a/b/c", "a/b/d/c", "b/c", "b/a/c", "x/y/z/c", "a.txt", "a/a.txt", "a/b/a.txt", ".txt",
        "*", "[", "]",
        "-", "#hash", "!bang", "a ", "a  ", "a\t", "name with space", "x1", "x-", "abxcyd", "xaybzc", "é", "aé", "a/bx/c", "a/b/", "azc",
        "a/xb", "xa",
    ].filter { !$0.hasSuffix("/") }

    private func disagreements(_ patterns: [String], _ paths: [String]) throws -> [String] {
        let repository = try GitRepository(commit: false)
        for (number, pattern) in patterns.enumerated() { try repository.write("p\(number)/.gitignore", pattern + "\n") }
        let asked = patterns.indices.flatMap { number in paths.map { "p\(number)/\($0)" } }
        try writeFile(repository.around + "/asked", asked.joined(separator: "\0") + "\0")
        let shell = "git check-ignore --no-index --stdin -z < ../asked > ../answer || test $? = 1"
        let outcome = try run(["bash", "-c", shell], in: repository.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try Data(contentsOf: URL(fileURLWithPath: repository.around + "/answer")).split(separator: 0)
        let ignored = Set(answer.map { String(decoding: $0, as: UTF8.self) })
        var found: [String] = []
        for (number, text) in patterns.enumerated() {
            var patterns = IgnorePatterns()
            patterns.add(file: Array((text + "\n").utf8))
            for path in paths {
                let bytes = Array(path.utf8)
                let mine = patterns.selectsParent(of: bytes) || patterns.selects(bytes, isFolder: false)
                if mine != ignored.contains("p\(number)/\(path)") {
                    found.append("\(text.debugDescription) \(path.debugDescription) git: \(!mine)")
                }
            }
        }
        return found
    }

    @Test func patternsSelectWhatGitIgnores() throws {
        #expect(try disagreements(Self.patterns, Self.paths) == [])
    }

    @Test func randomPatternsSelectWhatGitIgnores() throws {
        var random = SeededGenerator(seed: 11)
        func text(_ letters: [String], _ lengths: ClosedRange<Int>) -> String {
            (0..<Int.random(in: lengths, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
        }
        let patterns = (0..<300).map { _ in text(["a", "b", "/", "*", "**", "?", "[ab]", "[!a]", "\\a", "/**/"], 1...7) }
        let paths = Set((0..<60).map { _ in text(["a", "b", "/", "aa"], 1...8) }).map { $0.split(separator: "/").joined(separator: "/") }
        #expect(try disagreements(patterns, Set(paths.filter { !$0.isEmpty }).sorted()) == [])
    }

    @Test func aFolderIsEnteredOnlyForPatternsThatReachIntoIt() {
        func reaches(_ pattern: String, _ folder: String) -> Bool {
            var patterns = IgnorePatterns()
            patterns.add(line: pattern)
            return patterns.reachesInto(Array(folder.utf8))
        }
        #expect(!reaches(".env", "node_modules") && !reaches("/build", "build") && !reaches("build/", "build"))
        #expect(reaches("build/cache/", "build") && reaches("b*/cache", "build") && reaches("**/cache", "a/b/c") && reaches("a/**", "a/b"))
        #expect(!reaches("other/cache", "build") && !reaches("build/cache", "build/other") && !reaches("!build/cache", "build"))
    }
}
