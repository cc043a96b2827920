import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Shallow boundaries, grafts and replace refs change history for us exactly as they do for git.
@Suite struct HistoryOverridesTests {
    /// Every commit's parents as git sees them, and the counts that follow.
    private func expectGitsHistory(in folder: String, tips: [String]) throws {
        let repository = try Repository(opening: folder)
        let ids = tips.compactMap { ObjectID(hex: $0) }
        let graph = try CommitGraph(of: repository, tips: ids)
        for (tip, id) in zip(tips, ids) {
            #expect(String(try graph.total(of: id)) == (try git("rev-list", "--count", tip, in: folder)))
        }
        let listed = ReferenceHistory(revListParents: try git(["rev-list", "--parents"] + tips, folder))
        for (commit, parents) in listed.parents {
            #expect(try graph.parents(of: try #require(ObjectID(hex: commit))).map(\.hex) == parents)
        }
        let figures = try graph.aheadBehind(of: ids[0], against: ids[1])
        #expect(
            "\(figures.ahead)\t\(figures.behind)" == (try git("rev-list", "--left-right", "--count", tips[0] + "..." + tips[1], in: folder))
        )
    }

    private func git(_ arguments: [String], _ folder: String) throws -> String {
        let outcome = try run(["git"] + arguments, in: folder)
        guard outcome.status == 0 else { throw HistoryFixtureFailure(description: outcome.errors) }
        return outcome.output
    }

    private func git(_ arguments: String..., in folder: String) throws -> String {
        try git(arguments, folder).trimmingCharacters(in: .newlines)
    }

    @Test(arguments: [GraphKind.none, .version2])
    func aGraftReplacesTheParents(_ kind: GraphKind) throws {
        let random = try RandomRepository(kind, seed: 77, histories: 1)
        let ids = random.histories[0]
        let lines = [
            "# comment", "\(ids[30]) \(ids[3]) \(ids[5])", "\(ids[30]) \(ids[7])", "\(ids[25])", "\(ids[35]) \(ids[1]) \(ids[2]) \(ids[4])",
        ]
        try FileManager.default.createDirectory(atPath: random.folder.path + "/.git/info", withIntermediateDirectories: true)
        try lines.joined(separator: "\n").write(toFile: random.folder.path + "/.git/info/grafts", atomically: true, encoding: .utf8)
        try expectGitsHistory(in: random.folder.path, tips: [ids[39], ids[38], ids[36], ids[35], ids[30]])
    }

    @Test(arguments: [GraphKind.none, .version2], [false, true])
    func aReplaceRefIsFollowed(_ kind: GraphKind, packed: Bool) throws {
        let random = try RandomRepository(kind, seed: 78, histories: 1)
        let ids = random.histories[0]
        let folder = random.folder.path
        // A chain of two replacements, and one that adds parents.
        _ = try git("update-ref", "refs/replace/\(ids[30])", ids[10], in: folder)
        _ = try git("update-ref", "refs/replace/\(ids[10])", ids[6], in: folder)
        _ = try git("replace", "--graft", ids[33], ids[4], ids[8], in: folder)
        if packed { _ = try git("pack-refs", "--all", in: folder) }
        try expectGitsHistory(in: folder, tips: [ids[39], ids[38], ids[36], ids[33], ids[30]])
        _ = try git("config", "core.useReplaceRefs", "false", in: folder)
        try expectGitsHistory(in: folder, tips: [ids[39], ids[38], ids[36], ids[33], ids[30]])
    }

    @Test func aSymbolicReplaceRefIsFollowed() throws {
        let random = try RandomRepository(.none, seed: 79, histories: 1)
        let ids = random.histories[0]
        let folder = random.folder.path
        _ = try git("update-ref", "refs/elsewhere", ids[10], in: folder)
        _ = try git("symbolic-ref", "refs/replace/\(ids[30])", "refs/elsewhere", in: folder)
        try expectGitsHistory(in: folder, tips: [ids[39], ids[38], ids[36], ids[33], ids[30]])
    }

    /// git warns of a line of grafts that it cannot read, and goes on; of a line of `shallow` it reads no more than the id.
    @Test func badLinesCountAsForGit() throws {
        let random = try RandomRepository(.none, seed: 80, histories: 1)
        let ids = random.histories[0]
        let folder = random.folder.path
        try FileManager.default.createDirectory(atPath: folder + "/.git/info", withIntermediateDirectories: true)
        try "garbage\n\(ids[30]) nothing\n\(ids[25]) \(ids[3])\n".write(
            toFile: folder + "/.git/info/grafts", atomically: true, encoding: .utf8)
        try expectGitsHistory(in: folder, tips: [ids[39], ids[38], ids[30]])
        let overrides = try HistoryOverrides(of: try Repository(opening: folder))
        #expect(overrides.diagnostics.count == 2 && overrides.parents.count == 1)
        try FileManager.default.removeItem(atPath: folder + "/.git/info/grafts")
        try "\(ids[20]) and more\n".write(toFile: folder + "/.git/shallow", atomically: true, encoding: .utf8)
        try expectGitsHistory(in: folder, tips: [ids[39], ids[38], ids[30]])
    }

    @Test func aShallowCloneEndsAtItsBoundary() throws {
        let random = try RandomRepository(.version2, seed: 79, histories: 1)
        let ids = random.histories[0]
        let folder = random.folder.path
        _ = try git("branch", "one", ids[39], in: folder)
        _ = try git("branch", "two", ids[38], in: folder)
        for depth in [1, 3, 6] {
            let clone = try TemporaryFolder("shallow")
            _ = try git("clone", "-q", "--bare", "--depth", String(depth), "--no-single-branch", "file://" + folder, "copy", in: clone.path)
            try expectGitsHistory(in: clone.path + "/copy", tips: [ids[39], ids[38]])
        }
    }

    @Test func aCircleOfGraftsIsAnErrorAndNotAnEndlessWalk() throws {
        let random = try RandomRepository(.none, seed: 80, histories: 1)
        let ids = random.histories[0]
        let reached = ReferenceHistory(revListParents: try git("rev-list", "--parents", ids[39], in: random.folder.path)).parents
        let root = try #require(ids.first { reached[$0]?.isEmpty == true })
        try FileManager.default.createDirectory(atPath: random.folder.path + "/.git/info", withIntermediateDirectories: true)
        try "\(root) \(ids[39])\n".write(toFile: random.folder.path + "/.git/info/grafts", atomically: true, encoding: .utf8)
        let repository = try Repository(opening: random.folder.path)
        let tip = try #require(ObjectID(hex: ids[39]))
        #expect(throws: GitError.self) { _ = try CommitGraph(of: repository, tips: [tip]) }
    }

    @Test func aNewGraftIsSeenByTheNextExtension() throws {
        let random = try RandomRepository(.none, seed: 81, histories: 1)
        let ids = random.histories[0]
        let repository = try Repository(opening: random.folder.path)
        let tip = try #require(ObjectID(hex: ids[39]))
        var graph = try CommitGraph(of: repository, tips: [tip])
        try FileManager.default.createDirectory(atPath: random.folder.path + "/.git/info", withIntermediateDirectories: true)
        try "\(ids[39])\n".write(toFile: random.folder.path + "/.git/info/grafts", atomically: true, encoding: .utf8)
        try graph.extend(with: [tip], from: repository)
        #expect(try graph.total(of: tip) == 1)
    }
}
