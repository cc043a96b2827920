import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// What a long-lived graph keeps is right after every move.
@Suite struct HistoryMovingTests {
    /// Bases go forward, back and elsewhere; the graph learns commits meanwhile.
    @Test func keptAncestorsOfBasesThatMoveAreThoseOfNewOnes() throws {
        let random = try RandomRepository(.none, seed: 4400, histories: 10)
        let repository = try Repository(opening: random.folder.path)
        for history in random.histories {
            let ids = try history.map { try #require(ObjectID(hex: $0)) }
            var graph = try CommitGraph(of: repository, tips: [ids[10]])
            for (number, base) in [10, 20, 21, 35, 30, 39, 5, 38].map({ ids[$0] }).enumerated() {
                try graph.extend(with: [base, ids[number * 3]], from: repository)
                graph.keepAncestors(ofBases: [base])
                let position = try graph.position(of: base)
                let (kept, fresh) = (graph.ancestors(ofBase: position), graph.ancestors(of: [position]))
                for other in 0..<Int32(graph.count) { #expect(kept.contains(other) == fresh.contains(other)) }
                #expect(kept.count == fresh.count)
                let fleet = ids.prefix(30).filter { graph.contains($0) }.map { FleetTip(tip: $0, forkPoint: nil, completed: nil) }
                let anew = try CommitGraph(of: repository, tips: fleet.map(\.tip) + [base])
                #expect(
                    try graph.figures(of: fleet, against: base).map { try $0.get() }
                        == anew.figures(of: fleet, against: base).map { try $0.get() })
            }
        }
    }

    @Test func aFailedExtensionChangesNothing() throws {
        let random = try RandomRepository(.none, seed: 4500, histories: 1)
        let ids = try random.histories[0].map { try #require(ObjectID(hex: $0)) }
        let repository = try Repository(opening: random.folder.path)
        var graph = try CommitGraph(of: repository, tips: [ids[20]])
        let count = graph.count
        #expect(throws: GitError.self) { try graph.extend(with: [ids[39], ObjectID(first: 1, second: 2, third: 3)], from: repository) }
        #expect(graph.count == count && graph.contains(ids[20]))
        try graph.extend(with: [ids[39]], from: repository)
        let anew = try CommitGraph(of: repository, tips: [ids[20], ids[39]])
        #expect(try graph.total(of: ids[39]) == anew.total(of: ids[39]))
    }
}
