import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Long histories without a commit-graph are read pack by pack on several threads; what comes out is the same.
@Suite struct HistoryPackTests {
    @Test(arguments: [false, true])
    func theCommitsOfAPackAreListedInItsOrder(withReverseIndex: Bool) throws {
        let random = try RandomRepository(.none, seed: 500, histories: 1, commits: 3000)
        let folder = random.folder.path
        try git("-c", "pack.writeReverseIndex=\(withReverseIndex)", "repack", "-q", "-a", "-d", "-k", in: folder)
        let packs = try FileManager.default.contentsOfDirectory(atPath: folder + "/.git/objects/pack")
        try #require(packs.contains { $0.hasSuffix(".rev") } == withReverseIndex)
        let files = try PackFile.all(in: [folder + "/.git/objects"])
        let places = PackListing.commits(in: files)
        let listed = places.map(\.id)
        let index = try #require(packs.first { $0.hasSuffix(".idx") })
        let shown = try run(["sh", "-c", "git show-index < .git/objects/pack/\(index) | sort -n"], in: folder).output
        let ids = Set(random.histories[0])
        let expected = shown.split(separator: "\n").map { String($0.split(separator: " ")[1]) }.filter { ids.contains($0) }
        #expect(listed.map(\.hex) == expected)

        let repository = try Repository(opening: folder)
        let batch = CommitBatch(reading: places, in: files, overrides: HistoryOverrides())
        let reader = try CommitReader(repository, overrides: HistoryOverrides())
        for id in listed {
            let (one, other) = (try #require(batch[id]), try reader.commit(id))
            #expect(one.parents == other.parents && one.tree == other.tree && one.date == other.date)
        }
    }

    @Test(arguments: [false, true])
    func aLongHistoryIsLoadedWhole(grafted: Bool) throws {
        let random = try RandomRepository(.none, seed: 501, histories: 1, commits: 5000)
        let (folder, ids) = (random.folder.path, random.histories[0])
        if grafted {
            try FileManager.default.createDirectory(atPath: folder + "/.git/info", withIntermediateDirectories: true)
            try "\(ids[4000]) \(ids[10]) \(ids[20])\n".write(toFile: folder + "/.git/info/grafts", atomically: true, encoding: .utf8)
        }
        let graph = try CommitGraph(of: try Repository(opening: folder), tips: ids.compactMap { ObjectID(hex: $0) })
        #expect(graph.countRead == 5000)
        let (left, right) = (ids[4999], ids[4500])
        let script =
            "git rev-list --count \(left); git rev-list --left-right --count \(left)...\(right); git merge-base --all \(left) \(right) | wc -l"
        let answers = try run(["sh", "-c", script], in: folder).output.split(separator: "\n")
        let (tip, base) = (try #require(ObjectID(hex: left)), try #require(ObjectID(hex: right)))
        #expect(String(try graph.total(of: tip)) == answers[0])
        let figures = try graph.aheadBehind(of: tip, against: base)
        #expect("\(figures.ahead)\t\(figures.behind)" == answers[1])
        #expect(String(try graph.mergeBases(of: tip, base).count) == answers[2])
    }

    /// The bound is 100 bytes a commit. What git's file holds is mapped and costs its position alone.
    @Test(arguments: [(3000, GraphKind.none, 100), (20_000, .none, 100), (33_000, .none, 100), (20_000, .version2, 20)])
    func theGraphHoldsFewBytesACommit(commits: Int, kind: GraphKind, limit: Int) throws {
        let random = try RandomRepository(kind, seed: 502, histories: 1, commits: commits)
        let graph = try CommitGraph(
            of: try Repository(opening: random.folder.path), tips: random.histories[0].compactMap { ObjectID(hex: $0) })
        try #require(graph.count == commits && graph.countRead == (kind == .none ? commits : 0))
        let held = bytesOfArrays(in: graph)
        #expect(held > commits * 12 && held < commits * limit, "\(Double(held) / Double(commits)) bytes a commit")
    }

    private func bytesOfArrays(in value: Any) -> Int {
        Mirror(reflecting: value).children.reduce(0) { sum, child in
            sum + ((child.value as? any HoldsBytes)?.bytesHeld ?? bytesOfArrays(in: child.value))
        }
    }
}

/// An array, whatever is in it.
private protocol HoldsBytes { var bytesHeld: Int { get } }

extension ContiguousArray: HoldsBytes {
    fileprivate var bytesHeld: Int { capacity * MemoryLayout<Element>.stride }
}
