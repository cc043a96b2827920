import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Which commit-graph files a repository has.
enum GraphKind: String, CaseIterable, Sendable {
    case none, version1, version2, chain, partial
}

/// Twenty random histories in one repository, with the ids of their commits.
struct RandomRepository {
    let folder: TemporaryFolder
    let histories: [[String]]
    /// Which histories have commits that are older than a parent.
    let isSkewed: [Bool]

    init(_ kind: GraphKind, seed: UInt64, histories count: Int = 20, commits: Int = 40) throws {
        folder = try TemporaryFolder("history")
        try git("init", "-q", "-b", "main", ".", in: folder.path)
        try git("config", "core.fsync", "none", in: folder.path)
        let drawn = (0..<count).map { RandomHistory(commits: commits, seed: seed + UInt64($0)) }
        isSkewed = drawn.map(\.isSkewed)
        var stream = ""
        for (number, history) in drawn.enumerated() {
            stream += history.fastImport(prefix: "h\(number)", firstMark: 1 + number * commits)
        }
        try git("fast-import", "--quiet", "--export-marks=marks", in: folder.path, input: stream)
        var ids = [String](repeating: "", count: count * commits)
        for line in try String(contentsOfFile: folder.path + "/marks", encoding: .utf8).split(separator: "\n") {
            let parts = line.dropFirst().split(separator: " ")
            ids[Int(parts[0])! - 1] = String(parts[1])
        }
        histories = (0..<count).map { Array(ids[$0 * commits..<($0 + 1) * commits]) }
        try writeGraph(kind)
    }

    /// All commits and their parents as git lists them.
    func reference() throws -> ReferenceHistory {
        let all = histories.flatMap { $0 }.joined(separator: "\n")
        return ReferenceHistory(revListParents: try git("rev-list", "--parents", "--stdin", in: folder.path, input: all + "\n"))
    }

    private func writeGraph(_ kind: GraphKind) throws {
        func write(_ version: Int, _ arguments: [String], _ commits: [String]) throws {
            let command = ["git", "-c", "commitGraph.generationVersion=\(version)", "commit-graph", "write", "--stdin-commits"]
            let outcome = try run(command + arguments, in: folder.path, input: commits.joined(separator: "\n") + "\n")
            guard outcome.status == 0 else { throw HistoryFixtureFailure(description: outcome.errors) }
        }
        let all = histories.flatMap { $0 }
        switch kind {
        case .none: break
        case .version1: try write(1, [], all)
        case .version2: try write(2, [], all)
        case .partial: try write(2, [], histories.flatMap { $0.prefix(25) })
        case .chain:
            for part in [10, 20, 30] { try write(2, ["--split=no-merge"], histories.flatMap { $0.prefix(part) }) }
        }
    }
}

/// Every answer on random histories against git and against brute force over what git lists.
///
/// A hundred histories; `CZAR_HISTORY_DAGS=2000` draws that many, and `CZAR_HISTORY_SEED=N` others.
@Suite struct HistoryRandomTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// Histories of each kind of graph file.
    private static let wanted = (environment["CZAR_HISTORY_DAGS"].flatMap { Int($0) } ?? 100) / GraphKind.allCases.count
    private static let seed = environment["CZAR_HISTORY_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(arguments: GraphKind.allCases)
    func everyAnswerEqualsGits(_ kind: GraphKind) throws {
        // Every kind has histories of its own.
        let number = UInt64(try #require(GraphKind.allCases.firstIndex(of: kind)))
        var (compared, deviations) = (0, 0)
        for start in stride(from: 0, to: Self.wanted, by: 20) {
            let repository = try RandomRepository(
                kind, seed: Self.seed * 100_000 + number * 10_000 + UInt64(start), histories: min(20, Self.wanted - start))
            let reference = try repository.reference()
            let handle = try Repository(opening: repository.folder.path)
            for ids in repository.histories {
                let graph = try CommitGraph(of: handle, tips: ids.compactMap { ObjectID(hex: $0) })
                #expect(graph.diagnostics.isEmpty)
                switch kind {
                case .none: #expect(graph.countRead == 40)
                case .version1, .version2: #expect(graph.countRead == 0 && graph.count == repository.histories.count * 40)
                case .chain, .partial: #expect(graph.countRead == (kind == .chain ? 10 : 15))
                }
                try compareWithBruteForce(graph, ids, reference)
            }
            compared += repository.histories.count
            deviations += try compareWithGit(handle, repository, reference)
        }
        #expect(compared == Self.wanted)
        // Git is an oracle only where it is right nearly always.
        #expect(deviations * 20 <= compared, "git was wrong about \(deviations) of \(compared) histories")
    }

    private func compareWithBruteForce(_ graph: CommitGraph, _ ids: [String], _ reference: ReferenceHistory) throws {
        let tips = stride(from: 3, to: ids.count, by: 4).map { ids[$0] } + [ids[0], ids[39]]
        let ancestors = tips.map { reference.ancestors(of: $0) }
        let objects = tips.compactMap { ObjectID(hex: $0) }
        for (base, baseAncestors) in zip(objects, ancestors) {
            let total = try graph.total(of: base)
            #expect(total == baseAncestors.count)
            let figures = try graph.aheadBehind(of: objects, against: base)
            for (index, own) in ancestors.enumerated() {
                let expected = AheadBehind(ahead: own.subtracting(baseAncestors).count, behind: baseAncestors.subtracting(own).count)
                #expect(figures[index] == expected, "\(objects[index]) against \(base)")
                #expect(total - expected.behind + expected.ahead == own.count)
                #expect(try graph.isAncestor(objects[index], of: base) == baseAncestors.contains(tips[index]))
                let range = try graph.commits(of: objects[index], excluding: [base])
                #expect(Set(range.map(\.hex)) == own.subtracting(baseAncestors) && range.count == expected.ahead)
                try expectChildrenFirst(range, reference)
            }
            let containing = ancestors.indices.filter { ancestors[$0].contains(base.hex) }
            #expect(try graph.tips(objects, containing: base) == containing)
        }
        for index in 1..<tips.count {
            let found = try graph.mergeBases(of: objects[index], objects[index - 1])
            #expect(Set(found.map(\.hex)) == reference.mergeBases(tips[index], tips[index - 1]))
        }
    }

    private func expectChildrenFirst(_ range: [ObjectID], _ reference: ReferenceHistory) throws {
        var seen: Set<String> = []
        for id in range {
            #expect(seen.isDisjoint(with: reference.parents[id.hex, default: []]), "a parent of \(id) came before it")
            seen.insert(id.hex)
        }
    }

    /// One shell asks git about two pairs of each history.
    ///
    /// Returns in how many answers git is wrong: git 2.39 ends some walks too early where commits are older than their parents. Then the
    /// sets decide that git lists for each tip alone.
    private func compareWithGit(
        _ handle: borrowing Repository, _ repository: RandomRepository, _ reference: ReferenceHistory
    ) throws -> Int {
        var (pairs, script): ([(left: ObjectID, right: ObjectID, isSkewed: Bool)], String) = ([], "")
        for (ids, isSkewed) in zip(repository.histories, repository.isSkewed) {
            for (left, right) in [(ids[39], ids[38]), (ids[36], ids[30])] {
                pairs.append((try #require(ObjectID(hex: left)), try #require(ObjectID(hex: right)), isSkewed))
                script += "git rev-list --left-right --count \(left)...\(right)\n"
                script += "git rev-list --count \(left)\n"
                script += "echo $(git merge-base --all \(left) \(right))\n"
                script += "git merge-base --is-ancestor \(right) \(left); echo $?\n"
            }
        }
        let lines = try run(["sh"], in: repository.folder.path, input: script).output.split(
            separator: "\n", omittingEmptySubsequences: false)
        let graph = try CommitGraph(of: handle, tips: pairs.flatMap { [$0.left, $0.right] })
        var deviations = 0
        for (number, (left, right, isSkewed)) in pairs.enumerated() {
            let answers = lines[number * 4..<number * 4 + 4].map(String.init)
            let figures = try graph.aheadBehind(of: left, against: right)
            if "\(figures.ahead)\t\(figures.behind)" != answers[0] {
                let (own, others) = (reference.ancestors(of: left.hex), reference.ancestors(of: right.hex))
                #expect(figures == AheadBehind(ahead: own.subtracting(others).count, behind: others.subtracting(own).count))
                #expect(isSkewed, "without skew git counts right: \(left)...\(right)")
                deviations += 1
            }
            #expect(String(try graph.total(of: left)) == answers[1])
            let bases = try graph.mergeBases(of: left, right).map(\.hex)
            let expected = answers[2].split(separator: " ").map(String.init)
            if Set(bases) != Set(expected) {
                #expect(Set(bases) == reference.mergeBases(left.hex, right.hex))
                #expect(isSkewed, "without skew git finds the merge bases: \(left) \(right)")
                deviations += 1
            } else {
                // Which comes first depends on the graph file: git walks by its corrected dates.
                #expect(bases == expected)
            }
            #expect((try graph.isAncestor(right, of: left) ? "0" : "1") == answers[3])
        }
        return deviations
    }

    /// More tips than one walk or one word of bits holds, across unrelated histories.
    @Test(arguments: [1, 63, 64, 65, 255, 256, 257, 800])
    func manyTipsAreCountedAsOneByOne(_ count: Int) throws {
        let repository = try RandomRepository(.version2, seed: 9000)
        let reference = try repository.reference()
        let all = repository.histories.flatMap { $0 }
        var random = SeededGenerator(seed: UInt64(count))
        let tips = (0..<count).map { _ in all.randomElement(using: &random)! }
        let objects = tips.compactMap { ObjectID(hex: $0) }
        let graph = try CommitGraph(of: try Repository(opening: repository.folder.path), tips: objects)
        let base = tips[0]
        let baseAncestors = reference.ancestors(of: base)
        let figures = try graph.aheadBehind(of: objects, against: objects[0])
        let bases = try graph.mergeBasesForDiff(of: objects[0], withEach: objects)
        for (index, tip) in tips.enumerated() {
            let own = reference.ancestors(of: tip)
            let expected = AheadBehind(ahead: own.subtracting(baseAncestors).count, behind: baseAncestors.subtracting(own).count)
            #expect(figures[index] == expected)
            #expect(bases[index] == (try graph.mergeBaseForDiff(of: objects[0], objects[index])))
        }
    }

    /// The comparison base's rule, spelled out: walk down the first parents as long as they reach the tip.
    @Test func theLandingIsTheEarliestFirstParentCommitThatReachesTheTip() throws {
        let repository = try RandomRepository(.none, seed: 300)
        let reference = try repository.reference()
        let handle = try Repository(opening: repository.folder.path)
        var kinds = [0, 0, 0]
        for ids in repository.histories {
            let objects = ids.compactMap { ObjectID(hex: $0) }
            let graph = try CommitGraph(of: handle, tips: objects)
            let base = ids[39]
            for (tip, object) in zip(ids, objects) {
                let expected = plainLanding(of: tip, in: base, reference)
                #expect(try graph.landing(of: object, in: objects[39]) == expected)
                switch expected {
                case .notContained: kinds[0] += 1
                case .fastForward: kinds[1] += 1
                case .merged: kinds[2] += 1
                }
            }
        }
        #expect(kinds.allSatisfy { $0 > 20 }, "every kind occurs: \(kinds)")
    }

    private func plainLanding(of tip: String, in base: String, _ reference: ReferenceHistory) -> Landing {
        guard reference.ancestors(of: base).contains(tip) else { return .notContained }
        var current = base
        while current != tip, let next = reference.parents[current]?.first {
            if !reference.ancestors(of: next).contains(tip), let commit = ObjectID(hex: current), let before = ObjectID(hex: next) {
                return .merged(commit: commit, before: before)
            }
            current = next
        }
        return .fastForward
    }
}
