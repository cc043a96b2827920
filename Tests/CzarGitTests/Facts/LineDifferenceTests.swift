import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Counts without a real comparison, held against `git diff --numstat` over random edits.
@Suite struct LineDifferenceTests {
    private func difference(_ old: String, _ new: String) -> (inserted: Int, deleted: Int)? {
        Array(old.utf8).withUnsafeBytes { old in Array(new.utf8).withUnsafeBytes { new in plainLineDifference(old, new) } }
    }

    @Test func onlyPlainDifferencesAreDecided() throws {
        func expect(_ old: String, _ new: String, _ inserted: Int, _ deleted: Int) throws {
            let found = try #require(difference(old, new))
            #expect(found.inserted == inserted && found.deleted == deleted, "\(old.debugDescription) to \(new.debugDescription)")
        }
        try expect("", "", 0, 0)
        try expect("", "a\nb", 2, 0)
        try expect("a\nb\n", "", 0, 2)
        try expect("a\nb\nc\n", "a\nb\nb\nc\n", 1, 0)
        try expect("a\n", "a", 1, 1)
        try expect("a", "ab\n", 1, 1)
        try expect("x\nb", "y\nb", 1, 1)
        try expect("a\nb\nc\n", "a\nx\ny\nc\n", 2, 1)
        #expect(difference("a\nb\nc\nd\n", "x\nb\ny\nd\n") == nil, "a line in common between two changes")
    }

    /// Lines of a small alphabet, so that many repeat; with and without an end of the last line.
    @Test func whatIsDecidedIsWhatGitCounts() throws {
        var random = SeededGenerator(seed: 31)
        let repository = try GitRepository()
        var pairs: [(old: String, new: String)] = []
        for number in 0..<300 {
            let alphabet = number % 3 == 0 ? 4 : 30
            func lines(_ count: Int) -> [String] { (0..<count).map { _ in "line \(Int.random(in: 0..<alphabet, using: &random))" } }
            let old = lines(Int.random(in: 0...12, using: &random))
            var new = old
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let start = Int.random(in: 0...new.count, using: &random)
                let end = Int.random(in: start...min(new.count, start + 4), using: &random)
                new.replaceSubrange(start..<end, with: lines(Int.random(in: 0...4, using: &random)))
            }
            func text(_ lines: [String]) -> String {
                lines.joined(separator: "\n") + (Bool.random(using: &random) && !lines.isEmpty ? "\n" : "")
            }
            pairs.append((text(old), text(new)))
            try repository.write("old/\(number)", pairs[number].old)
            try repository.write("new/\(number)", pairs[number].new)
        }
        // Each pair lies at one path in two commits.
        _ = try run(["sh", "-c", "git add -A && git mv old files && git rm -qr --cached new && git commit -qm old"], in: repository.path)
        _ = try run(["sh", "-c", "cp new/* files/ && git add files && git commit -qm new"], in: repository.path)
        let counted = try git("diff", "--numstat", "--no-renames", "HEAD~1", "HEAD", in: repository.path)
        var expected: [String: String] = [:]
        for line in counted.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            expected[fields[2]] = "\(fields[0]) \(fields[1])"
        }
        var decided = 0
        for (number, pair) in pairs.enumerated() {
            guard let found = difference(pair.old, pair.new) else { continue }
            decided += 1
            #expect("\(found.inserted) \(found.deleted)" == expected["files/\(number)", default: "0 0"], "\(pair)")
        }
        try #require(expected.count > 150 && decided > 150, "\(expected.count) differ, \(decided) are decided")
    }
}
