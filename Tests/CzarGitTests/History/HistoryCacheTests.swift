import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct HistoryCacheTests {
    private let cacheFolder: TemporaryFolder
    private let random: RandomRepository
    private let tips: [ObjectID]

    init() throws {
        cacheFolder = try TemporaryFolder("cache")
        random = try RandomRepository(.none, seed: 400, histories: 30)
        tips = random.histories.flatMap { $0 }.compactMap { ObjectID(hex: $0) }
    }

    private func load() throws -> CommitGraph {
        let cache = HistoryCache(folder: cacheFolder.path + "/czar/facts")
        return try CommitGraph(of: try Repository(opening: random.folder.path), tips: tips, cache: cache)
    }

    private func cacheFile() throws -> String {
        let folder = cacheFolder.path + "/czar/facts"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1, "\(names)")
        return folder + "/" + (try #require(names.first))
    }

    @Test func theSecondLoadReadsNoObjectAndAnswersTheSame() throws {
        let first = try load()
        #expect(first.countRead == 1200 && first.diagnostics.isEmpty)
        let second = try load()
        #expect(second.countRead == 0 && second.count == 1200 && second.diagnostics.isEmpty)
        for (one, other) in zip(tips, tips.dropFirst(7)) {
            #expect(try first.total(of: one) == second.total(of: one))
            #expect(try first.aheadBehind(of: one, against: other) == second.aheadBehind(of: one, against: other))
            #expect(try first.mergeBases(of: one, other) == second.mergeBases(of: one, other))
            #expect(try first.parents(of: one) == second.parents(of: one))
            #expect(try first.tree(of: one) == second.tree(of: one))
        }
    }

    /// A graph file of git's that is old lacks most commits.
    @Test func theCacheHelpsWhereGitsOwnFileLacksMuch() throws {
        let few = random.histories[0].prefix(20).joined(separator: "\n") + "\n"
        try git("commit-graph", "write", "--stdin-commits", in: random.folder.path, input: few)
        #expect(try load().countRead == 1180)
        let second = try load()
        #expect(second.countRead == 0 && second.count == 1200)
        for (one, other) in zip(tips, tips.dropFirst(7)) {
            let counts = try git("rev-list", "--left-right", "--count", "\(one)...\(other)", in: random.folder.path)
            let figures = try second.aheadBehind(of: one, against: other)
            // Of bases with one date git's walk by the corrected dates of its own file decides.
            let bases = try run(["git", "merge-base", "--all", one.hex, other.hex], in: random.folder.path).output
            #expect(try second.mergeBases(of: one, other).map { $0.hex + "\n" }.joined() == bases)
            if !random.isSkewed.contains(true) { #expect("\(figures.ahead)\t\(figures.behind)" == counts) }
            #expect(String(try second.total(of: one)) == (try git("rev-list", "--count", one.hex, in: random.folder.path)))
        }
    }

    @Test func gitFindsNoFaultInTheFile() throws {
        _ = try load()
        let graph = random.folder.path + "/.git/objects/info/commit-graph"
        #expect(!FileManager.default.fileExists(atPath: graph), "the repository's own files are not ours to write")
        try FileManager.default.createDirectory(atPath: random.folder.path + "/.git/objects/info", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try cacheFile(), toPath: graph)
        try git("commit-graph", "verify", in: random.folder.path)
    }

    @Test func aDamagedFileIsReplaced() throws {
        _ = try load()
        let path = try cacheFile()
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count / 2] ^= 4
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        let damaged = try load()
        #expect(damaged.countRead == 1200 && damaged.diagnostics.count == 1)
        #expect(try load().countRead == 0)
    }

    @Test func aCacheThatCannotBeWrittenCostsOnlyALine() throws {
        try "a file in the way".write(toFile: cacheFolder.path + "/czar", atomically: true, encoding: .utf8)
        let graph = try load()
        #expect(graph.count == 1200 && graph.diagnostics.count == 1)
    }

    @Test func aGraftedRepositoryUsesNoCache() throws {
        _ = try load()
        try FileManager.default.createDirectory(atPath: random.folder.path + "/.git/info", withIntermediateDirectories: true)
        try "\(tips[39])\n".write(toFile: random.folder.path + "/.git/info/grafts", atomically: true, encoding: .utf8)
        let graph = try load()
        #expect(graph.countRead == 1200)
        #expect(try graph.total(of: tips[39]) == 1)
    }
}
