import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Two branches that merged each other, took changes back and brought them again, with files of a few regions that each have a value.
private struct CrossedBranches {
    /// By file, its regions' values.
    typealias Content = [[Int]]

    private var random: SeededGenerator
    /// Lines between the regions: next to each other, changes touch.
    private let gap: Int
    private(set) var stream = ""
    private var mark: Int
    private var contents: [Int: Content] = [:]
    /// The marks of both branches' last commits.
    private(set) var tips = (main: 0, work: 0)
    var lastMark: Int { mark }

    init(seed: UInt64, firstMark: Int) {
        random = SeededGenerator(seed: seed)
        mark = firstMark - 1
        gap = [0, 1, 4].randomElement(using: &random)!
        let base = commit(Content(repeating: [0, 0, 0, 0, 0], count: 2), [])
        tips = (base, base)
        for _ in 0..<Int.random(in: 1...3, using: &random) { cross() }
        for _ in 0..<Int.random(in: 0...3, using: &random) { tips.work = edited(tips.work) }
        if Bool.random(using: &random) { tips.main = taken(from: tips.work, into: tips.main) }
        for _ in 0..<Int.random(in: 0...2, using: &random) { tips.main = edited(tips.main) }
    }

    /// Each changes something; then perhaps one, perhaps the other, perhaps both take what the other had before.
    private mutating func cross() {
        let fork = tips
        let first = (main: edited(tips.main), work: edited(tips.work))
        tips = first
        if Int.random(in: 0..<4, using: &random) > 0 { tips.main = merged(first.main, first.work, over: fork) }
        if Int.random(in: 0..<4, using: &random) > 0 { tips.work = merged(first.work, first.main, over: fork) }
    }

    private mutating func edited(_ parent: Int) -> Int {
        var content = contents[parent]!
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let (file, region) = (Int.random(in: 0..<2, using: &random), Int.random(in: 0..<5, using: &random))
            content[file][region] = Int.random(in: 0..<3, using: &random)
        }
        return commit(content, [parent])
    }

    private mutating func merged(_ ours: Int, _ theirs: Int, over fork: (main: Int, work: Int)) -> Int {
        let base = contents[fork.main]!
        var content = contents[ours]!
        for file in 0..<2 {
            for region in 0..<5 where content[file][region] == base[file][region] {
                content[file][region] = contents[theirs]![file][region]
            }
        }
        return commit(content, [ours, theirs])
    }

    /// One commit with some of what the other branch has, or all of it.
    private mutating func taken(from other: Int, into parent: Int) -> Int {
        var content = contents[parent]!
        let all = Bool.random(using: &random)
        for file in 0..<2 {
            for region in 0..<5 where all || Bool.random(using: &random) { content[file][region] = contents[other]![file][region] }
        }
        return commit(content, [parent])
    }

    private mutating func commit(_ content: Content, _ parents: [Int]) -> Int {
        mark += 1
        contents[mark] = content
        if parents.isEmpty { stream += "reset refs/heads/t\n\n" }
        stream += "commit refs/heads/t\nmark :\(mark)\ncommitter T <t@example.org> \(1_700_000_000 + mark) +0000\ndata 1\nx\n"
        for (number, parent) in parents.enumerated() { stream += "\(number == 0 ? "from" : "merge") :\(parent)\n" }
        for (number, file) in content.enumerated() {
            var text = ""
            for (region, value) in file.enumerated() {
                text += "region \(region) is \(value)\n" + (0..<gap).map { "between \(region) \($0)\n" }.joined()
            }
            stream += "M 100644 inline \(number)\ndata \(text.utf8.count)\n\(text)\n"
        }
        stream += "\n"
        return mark
    }
}

/// Whether a merge would change nothing, against `git merge-tree`, over branches that merged each other.
///
/// Fifty pairs; `CZAR_HISTORY_DAGS=2000` draws half as many, and `CZAR_HISTORY_SEED=N` others.
@Suite struct TreeEffectRandomTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let wanted = (environment["CZAR_HISTORY_DAGS"].flatMap { Int($0) } ?? 100) / 2
    private static let seed = environment["CZAR_HISTORY_SEED"].flatMap { UInt64($0) } ?? 1

    @Test func noMergeThatGitWouldChangeSomethingByCountsAsNone() throws {
        let folder = try TemporaryFolder("effect")
        try git("init", "-q", ".", in: folder.path)
        var (drawn, mark): ([CrossedBranches], Int) = ([], 1)
        for number in 0..<Self.wanted {
            drawn.append(CrossedBranches(seed: Self.seed * 100_000 + UInt64(number), firstMark: mark))
            mark = drawn[number].lastMark + 1
        }
        try git("fast-import", "--quiet", "--export-marks=marks", in: folder.path, input: drawn.map(\.stream).joined())
        var ids: [Int: String] = [:]
        for line in try String(contentsOfFile: folder.path + "/marks", encoding: .utf8).split(separator: "\n") {
            let parts = line.dropFirst().split(separator: " ")
            ids[Int(parts[0])!] = String(parts[1])
        }
        let pairs = try drawn.map { (main: try #require(ids[$0.tips.main]), work: try #require(ids[$0.tips.work])) }
        // Of a conflict git lists the files behind the tree.
        let script = pairs.map { pair in
            "echo $(git merge-tree --write-tree --name-only \(pair.main) \(pair.work); git rev-parse '\(pair.main)^{tree}')\n"
        }
        let answers = try run(["sh"], in: folder.path, input: script.joined()).output.split(separator: "\n")
        try #require(answers.count == pairs.count)
        let repository = try Repository(opening: folder.path)
        let graph = try CommitGraph(of: repository, tips: pairs.flatMap { [$0.main, $0.work] }.compactMap { ObjectID(hex: $0) })
        var paths = try ChangedPaths(repository)
        var (same, crossed, careful) = (0, 0, 0)
        for (number, (pair, answer)) in zip(pairs, answers).enumerated() {
            let words = answer.split(separator: " ")
            let isSame = words.count == 2 && words[0] == words[1]
            let (main, work) = (try #require(ObjectID(hex: pair.main)), try #require(ObjectID(hex: pair.work)))
            let bases = try graph.mergeBases(of: main, work)
            let found = try mergeChangesNothing(
                from: graph.mergeOrigin(bases), ours: graph.tree(of: main), theirs: graph.tree(of: work), &paths, in: repository)
            #expect(!found || isSame, "pair \(number) of seed \(Self.seed): \(pair)")
            if bases.count == 1 { #expect(found == isSame, "pair \(number) of seed \(Self.seed): \(pair)") }
            if isSame { same += 1 }
            if bases.count > 1 { crossed += 1 }
            if isSame && !found { careful += 1 }
        }
        #expect(same * 8 > Self.wanted && crossed * 8 > Self.wanted, "both occur: \(same), \(crossed)")
        // To be careful is no way to be right.
        #expect(careful * 3 <= same, "\(careful) of \(same)")
    }
}
