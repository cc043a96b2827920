import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// What is answered for many tips at once, held against the answers for one pair at a time (which are held against git elsewhere).
@Suite struct HistoryFleetTests {
    @Test(arguments: [GraphKind.none, .version2]) func figuresOfRandomFleetsAreThoseOfEachPair(kind: GraphKind) throws {
        let random = try RandomRepository(kind, seed: 9100)
        let repository = try Repository(opening: random.folder.path)
        for (number, history) in random.histories.enumerated() {
            let ids = try history.map { try #require(ObjectID(hex: $0)) }
            let graph = try CommitGraph(of: repository, tips: ids)
            let base = ids[ids.count - 1 - number % 5]
            let fleet = ids.enumerated().map { index, tip in
                FleetTip(
                    tip: tip, forkPoint: index % 3 == 0 ? ids[index / 2] : nil, completed: index % 4 == 0 ? ids[index / 3] : nil)
            }
            for (branch, answer) in zip(fleet, try graph.figures(of: fleet, against: base)) {
                let figures = try answer.get()
                let counts = try graph.aheadBehind(of: branch.tip, against: base)
                #expect(figures.ahead == counts.ahead && figures.behind == counts.behind)
                #expect(try figures.total == graph.total(of: branch.tip))
                let comparison = try graph.comparisonBase(of: branch.tip, base: base, forkPoint: branch.forkPoint)
                #expect(figures.comparisonBase == comparison)
                let own = try graph.ownCommits(of: branch.tip, comparisonBase: comparison, forkPoint: branch.forkPoint)
                #expect(figures.ownCommits == own.count)
                let start = try comparison.flatMap { try graph.mergeBaseForDiff(of: $0, branch.tip) }
                #expect(figures.fromTree == (try start.map { try graph.tree(of: $0) }))
                let stranded =
                    try branch.completed == nil || branch.completed == branch.tip
                    ? [] : graph.strandedCommits(of: branch.tip, recorded: [try #require(branch.completed), base])
                #expect(figures.stranded == stranded)
                #expect(FleetFigures(fact: figures.fact) == figures, "what is written can be read")
            }
        }
    }

    @Test func aTipThatWasNotLoadedIsOnlyItsOwnProblem() throws {
        let random = try RandomRepository(.none, seed: 77, histories: 1)
        let ids = try random.histories[0].map { try #require(ObjectID(hex: $0)) }
        let graph = try CommitGraph(of: try Repository(opening: random.folder.path), tips: ids)
        let unknown = ObjectID(first: 1, second: 2, third: 3)
        let found = try graph.figures(
            of: [ids[3], unknown, ids[9]].map { FleetTip(tip: $0, forkPoint: nil, completed: nil) }, against: ids[20])
        #expect(throws: GitError.self) { try found[1].get() }
        #expect(try found[0].get().total == graph.total(of: ids[3]))
        #expect(try found[2].get().total == graph.total(of: ids[9]))
    }

    @Test func manyIntegrationsAreThoseOfEach() throws {
        let repository = try GitRepository()
        for name in ["a", "b", "c"] { try repository.write(name, (1...30).map { "\(name) \($0)\n" }.joined()) }
        try repository.commitAll("start")
        var names: [String] = []
        for number in 0..<8 {
            let name = "work\(number)"
            names.append(name)
            try git("checkout", "-q", "-b", name, "main", in: repository.path)
            for step in 0..<2 {
                try repository.write("new/\(number)-\(step)", "text \(number) \(step)\n")
                try repository.commitAll("\(name) \(step)")
            }
            try git("checkout", "-q", "main", in: repository.path)
            switch number % 4 {
            case 0: try git("merge", "-q", "--no-ff", "-m", "land", name, in: repository.path)
            case 1: try git("merge", "-q", "--squash", name, in: repository.path); try repository.commitAll("squash")
            case 2:
                try repository.write("between\(number)", "x\n")
                try repository.commitAll("between")
                try git("cherry-pick", "main..\(name)", in: repository.path)
            default: try repository.write("elsewhere\(number)", "x\n"); try repository.commitAll("on")
            }
            if number == 4 { try git("revert", "-m", "1", "--no-edit", "HEAD", in: repository.path) }
        }
        let tips = try names.map { try #require(ObjectID(hex: try git("rev-parse", $0, in: repository.path))) }
        let target = try #require(ObjectID(hex: try git("rev-parse", "main", in: repository.path)))
        let opened = try Repository(opening: repository.path)
        let graph = try CommitGraph(of: opened, tips: tips + [target])
        var together = PatchIndex()
        let all = try graph.integrations(of: tips.map { (tip: $0, forkPoint: nil) }, into: target, in: opened, patches: &together)
        for (tip, found) in zip(tips, all) {
            var alone = PatchIndex()
            #expect(try graph.integration(of: tip, into: target, forkPoint: nil, in: opened, patches: &alone) == found)
        }
        #expect(all.map(\.state) == [.ancestor, .squash, .patch, .no, .reverted, .squash, .patch, .no])
    }
}
