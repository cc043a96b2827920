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

    init(_ kind: GraphKind, seed: UInt64, histories count: Int = 20, commits: Int = 40) throws {
        folder = try TemporaryFolder("history")
        try git("init", "-q", "-b", "main", ".", in: folder.path)
        var stream = ""
        for number in 0..<count {
            stream += RandomHistory(commits: commits, seed: seed + UInt64(number)).fastImport(
                prefix: "h\(number)", firstMark: 1 + number * commits)
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
@Suite struct HistoryRandomTests {
    @Test(arguments: GraphKind.allCases)
    func everyAnswerEqualsGits(_ kind: GraphKind) throws {
        let seed = ProcessInfo.processInfo.environment["CZAR_HISTORY_SEED"].flatMap { UInt64($0) } ?? 1
        let repository = try RandomRepository(kind, seed: seed * 1000)
        let reference = ReferenceHistory(revListParents: try git("rev-list", "--all", "--parents", in: repository.folder.path))
        let handle = try Repository(opening: repository.folder.path)
        for ids in repository.histories {
            let graph = try CommitGraph(of: handle, tips: ids.compactMap { ObjectID(hex: $0) })
            #expect(graph.diagnostics.isEmpty)
            switch kind {
            case .none: #expect(graph.countRead == 40)
            case .version1, .version2: #expect(graph.countRead == 0 && graph.count == 800)
            case .chain, .partial: #expect(graph.countRead == (kind == .chain ? 10 : 15))
            }
            try compareWithBruteForce(graph, ids, reference)
        }
        try compareWithGit(handle, repository, ordered: kind == .none)
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
    private func compareWithGit(_ handle: borrowing Repository, _ repository: RandomRepository, ordered: Bool) throws {
        var (pairs, script): ([(ObjectID, ObjectID)], String) = ([], "")
        for ids in repository.histories {
            for (left, right) in [(ids[39], ids[38]), (ids[36], ids[30])] {
                pairs.append((try #require(ObjectID(hex: left)), try #require(ObjectID(hex: right))))
                script += "git rev-list --left-right --count \(left)...\(right)\n"
                script += "git rev-list --count \(left)\n"
                script += "echo $(git merge-base --all \(left) \(right))\n"
                script += "git merge-base --is-ancestor \(right) \(left); echo $?\n"
            }
        }
        let lines = try run(["sh"], in: repository.folder.path, input: script).output.split(
            separator: "\n", omittingEmptySubsequences: false)
        let graph = try CommitGraph(of: handle, tips: pairs.flatMap { [$0.0, $0.1] })
        for (number, (left, right)) in pairs.enumerated() {
            let answers = lines[number * 4..<number * 4 + 4].map(String.init)
            let figures = try graph.aheadBehind(of: left, against: right)
            #expect("\(figures.ahead)\t\(figures.behind)" == answers[0])
            #expect(String(try graph.total(of: left)) == answers[1])
            let bases = try graph.mergeBases(of: left, right).map(\.hex)
            let expected = answers[2].split(separator: " ").map(String.init)
            if ordered { #expect(bases == expected) } else { #expect(Set(bases) == Set(expected) && bases.count == expected.count) }
            #expect((try graph.isAncestor(right, of: left) ? "0" : "1") == answers[3])
        }
    }
}
