import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// A damaged commit-graph is never a crash and never a wrong answer: the objects are read instead, and one line says so.
@Suite struct HistoryGraphFileTests {
    private func answers(_ folder: String, _ tips: [ObjectID]) throws -> (totals: [Int], diagnostics: [String], read: Int) {
        let graph = try CommitGraph(of: try Repository(opening: folder), tips: tips)
        return (try tips.map { try graph.total(of: $0) }, graph.diagnostics, graph.countRead)
    }

    private func replace(_ path: String, with bytes: [UInt8]) throws {
        // By rename, as git does it: a mapped file must not shrink.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Flips, cuts, and blocks of noise; every second mutation gets a right checksum, so that the checks behind it are reached.
    private func mutated(_ good: [UInt8], _ random: inout SeededGenerator, repairingChecksum: Bool) -> [UInt8] {
        var bytes = good
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[Int.random(in: 0..<min(120, bytes.count), using: &random)] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 2:
            let start = Int.random(in: 0..<bytes.count - 8, using: &random)
            for index in start..<start + 8 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        case 3: bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default: bytes.insert(contentsOf: [0, 0, 0, 0], at: Int.random(in: 0..<bytes.count, using: &random))
        }
        if repairingChecksum, bytes.count > 40 {
            let digest = bytes.dropLast(20).withUnsafeBytes { SHA1.digest(of: $0) }.raw
            withUnsafeBytes(of: digest) { bytes.replaceSubrange(bytes.count - 20..<bytes.count, with: $0) }
        }
        return bytes
    }

    @Test func aMutatedFileIsNotUsedAndChangesNoAnswer() throws {
        let repository = try RandomRepository(.version2, seed: 5, histories: 2)
        let folder = repository.folder.path
        let tips = repository.histories.flatMap { [$0[39], $0[38]] }.compactMap { ObjectID(hex: $0) }
        let expected = try answers(folder, tips)
        #expect(expected.diagnostics.isEmpty && expected.read == 0)
        let path = folder + "/.git/objects/info/commit-graph"
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(seed: 9)
        for round in 0..<150 {
            let bytes = mutated(good, &random, repairingChecksum: false)
            try replace(path, with: bytes)
            let got = try answers(folder, tips)
            #expect(got.totals == expected.totals, "round \(round)")
            #expect(bytes == good || got.diagnostics.count == 1, "round \(round)")
        }
    }

    @Test func aFileWithARightChecksumAndImpossibleContentNeverCrashes() throws {
        let repository = try RandomRepository(.version1, seed: 6, histories: 2)
        let folder = repository.folder.path
        let tips = repository.histories.flatMap { [$0[39], $0[38]] }.compactMap { ObjectID(hex: $0) }
        let path = folder + "/.git/objects/info/commit-graph"
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(seed: 10)
        for _ in 0..<300 {
            try replace(path, with: mutated(good, &random, repairingChecksum: true))
            // A forged file may name parents that git would believe too; it must only never crash or hang.
            do { _ = try answers(folder, tips) } catch is GitError { continue }
        }
    }

    /// The file's checksum fits, and a commit's tree in it leads nowhere.
    @Test(arguments: [false, true]) func aTreeThatIsNotThereIsReadFromTheCommit(isAncestor: Bool) throws {
        let repository = try GitRepository()
        for name in ["a", "b", "c"] {
            try repository.write(name, "1\n")
            try repository.commitAll(name)
        }
        try git("branch", "w", in: repository.path)
        try git("commit", "-q", "--amend", "-m", "other", in: repository.path)
        let tip = try #require(ObjectID(hex: try git("rev-parse", "w", in: repository.path)))
        let base = try #require(ObjectID(hex: try git("rev-parse", "main", in: repository.path)))
        try git("commit-graph", "write", "--reachable", in: repository.path)
        let damaged = try git("rev-parse", isAncestor ? "w~1^{tree}" : "w^{tree}", in: repository.path)
        let path = repository.path + "/.git/objects/info/commit-graph"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let tree = try #require(ObjectID(hex: damaged)).raw
        let wanted = withUnsafeBytes(of: tree) { [UInt8]($0) }
        var hits = 0
        for start in 0..<bytes.count - 20 where bytes[start..<start + 20].elementsEqual(wanted) {
            bytes[start] ^= 0xFF
            hits += 1
        }
        #expect(hits > 0)
        let digest = bytes.dropLast(20).withUnsafeBytes { SHA1.digest(of: $0) }.raw
        withUnsafeBytes(of: digest) { bytes.replaceSubrange(bytes.count - 20..<bytes.count, with: $0) }
        try replace(path, with: bytes)
        let question = BranchQuestion(tip: tip, base: base, target: base)
        let cache = try TemporaryFolder("cache")
        for round in 0..<2 {
            let reader = HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: cache.path)
            let found = try #require(try reader.figures(of: [question]).first)
            #expect(found.problem == nil, "\(found.problem ?? "")")
            #expect(found.changes?.created == 1 && found.changes?.insertions == 1 && found.integration?.state == .patch)
            if round == 0 { #expect(reader.diagnostics.contains { $0.contains("another tree than its own") }, "\(reader.diagnostics)") }
        }
    }

    /// What stands in the file's place and is no file is passed over, as git passes it over.
    @Test(arguments: [
        "rm $1; mkdir $1", "rm $1; ln -s commit-graph $1", "rm $1; mkfifo $1", "rm $1; mkdir -p ${1}s/commit-graph-chain",
    ])
    func whatCannotBeOpenedIsNotUsed(_ script: String) throws {
        let random = try RandomRepository(.version2, seed: 610, histories: 2)
        let tips = random.histories.flatMap { $0 }.compactMap { ObjectID(hex: $0) }
        let expected = try answers(random.folder.path, tips)
        #expect(expected.read == 0)
        try prepare("sh", "-c", script, "sh", random.folder.path + "/.git/objects/info/commit-graph")
        let found = try answers(random.folder.path, tips)
        #expect(found.totals == expected.totals && found.read == 80)
        #expect(found.diagnostics.count == 1, "\(found.diagnostics)")
    }

    @Test func aChainIsUsedUpToItsFirstDamagedLayer() throws {
        let repository = try RandomRepository(.chain, seed: 7, histories: 2)
        let folder = repository.folder.path
        let tips = repository.histories.flatMap { [$0[39], $0[38]] }.compactMap { ObjectID(hex: $0) }
        let expected = try answers(folder, tips)
        let graphs = folder + "/.git/objects/info/commit-graphs"
        let layers = try String(contentsOfFile: graphs + "/commit-graph-chain", encoding: .utf8).split(separator: "\n")
        try #require(layers.count == 3)
        let top = graphs + "/graph-\(layers[2]).graph"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: top)))
        bytes[bytes.count / 2] ^= 1
        try replace(top, with: bytes)
        var got = try answers(folder, tips)
        #expect(got.totals == expected.totals && got.diagnostics.count == 1 && got.read > expected.read)
        try FileManager.default.removeItem(atPath: graphs + "/graph-\(layers[0]).graph")
        got = try answers(folder, tips)
        #expect(got.totals == expected.totals && got.diagnostics.count == 1)
    }

    /// Layers and the list of layers are damaged at random, one or several at a time; git without a commit-graph says what is right.
    ///
    /// `CZAR_HISTORY_SEED=N` damages in other ways.
    @Test func aMutatedChainChangesNoAnswer() throws {
        let seed = ProcessInfo.processInfo.environment["CZAR_HISTORY_SEED"].flatMap { UInt64($0) } ?? 13
        let repository = try RandomRepository(.chain, seed: seed, histories: 2)
        let folder = repository.folder.path
        let tips = repository.histories.flatMap { $0 }.compactMap { ObjectID(hex: $0) }
        let expected = try tips.map { tip in
            try #require(Int(git("-c", "core.commitGraph=false", "rev-list", "--count", tip.hex, in: folder)))
        }
        let undamaged = try answers(folder, tips)
        #expect(undamaged.totals == expected && undamaged.diagnostics.isEmpty)
        let graphs = folder + "/.git/objects/info/commit-graphs"
        let names = try FileManager.default.contentsOfDirectory(atPath: graphs).sorted()
        try #require(names.count == 4)
        let good = try names.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: graphs + "/" + $0))) }
        var random = SeededGenerator(seed: seed)
        var (prefixes, whole) = (0, 0)
        for round in 0..<200 {
            var damaged = 0
            for (name, bytes) in zip(names, good) {
                let isHit = Int.random(in: 0..<3, using: &random) == 0
                let new = isHit ? mutated(bytes, &random, repairingChecksum: false) : bytes
                try replace(graphs + "/" + name, with: new)
                if new != bytes { damaged += 1 }
            }
            let got = try answers(folder, tips)
            #expect(got.totals == expected, "seed \(seed), round \(round)")
            // What lies above a damaged layer is not looked at. A list that is cut between two lines is a shorter chain.
            #expect(got.diagnostics.count <= 1, "seed \(seed), round \(round): \(got.diagnostics)")
            if damaged == 0 { #expect(got.diagnostics.isEmpty, "seed \(seed), round \(round)") }
            if damaged > 0, got.read < 80 { prefixes += 1 }
            if damaged > 0, got.read == 80 { whole += 1 }
        }
        #expect(prefixes > 10 && whole > 10, "seed \(seed): layers below a damage are used, and damage at the bottom occurs")
    }

    @Test func aLayerWithARightChecksumAndImpossibleContentNeverCrashes() throws {
        let seed = ProcessInfo.processInfo.environment["CZAR_HISTORY_SEED"].flatMap { UInt64($0) } ?? 14
        let repository = try RandomRepository(.chain, seed: seed, histories: 2)
        let folder = repository.folder.path
        let tips = repository.histories.flatMap { [$0[39], $0[38]] }.compactMap { ObjectID(hex: $0) }
        let graphs = folder + "/.git/objects/info/commit-graphs"
        let list = try String(contentsOfFile: graphs + "/commit-graph-chain", encoding: .utf8)
        let layers = list.split(separator: "\n").map(String.init)
        let good = try layers.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: graphs + "/graph-\($0).graph"))) }
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let victim = Int.random(in: 0..<layers.count, using: &random)
            let forged = mutated(good[victim], &random, repairingChecksum: true)
            // A layer is named after its checksum: only with the right name and the right list it is looked into.
            let name =
                forged.count > 20 ? forged.suffix(20).map { String($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() : layers[victim]
            try Data(forged).write(to: URL(fileURLWithPath: graphs + "/graph-\(name).graph"), options: .atomic)
            try replace(graphs + "/commit-graph-chain", with: Array(list.replacingOccurrences(of: layers[victim], with: name).utf8))
            do { _ = try answers(folder, tips) } catch is GitError { continue }
        }
    }

    @Test func aGraphThatTheConfigurationTurnsOffIsNotRead() throws {
        for kind in [GraphKind.version2, .chain] {
            let repository = try RandomRepository(kind, seed: 15, histories: 1)
            let tips = repository.histories[0].compactMap { ObjectID(hex: $0) }
            let expected = try answers(repository.folder.path, tips)
            try git("config", "core.commitGraph", "false", in: repository.folder.path)
            let got = try answers(repository.folder.path, tips)
            #expect(got.totals == expected.totals && got.read == 40 && expected.read < 40)
            // Nor is it looked at: damage in it says nothing.
            let info = repository.folder.path + "/.git/objects/info"
            for file in ["commit-graph", "commit-graphs/commit-graph-chain"] {
                if exists(info + "/" + file) { try FileManager.default.removeItem(atPath: info + "/" + file) }
                try writeFile(info + "/" + file, "noise")
            }
            #expect(try answers(repository.folder.path, tips).diagnostics.isEmpty)
            try git("config", "core.commitGraph", "true", in: repository.folder.path)
            #expect(try answers(repository.folder.path, tips).diagnostics.isEmpty == false)
        }
    }

    @Test func anAlternatesGraphFileIsUsed() throws {
        let repository = try RandomRepository(.version2, seed: 8, histories: 1)
        let tip = try #require(ObjectID(hex: repository.histories[0][39]))
        try git("update-ref", "refs/heads/main", tip.hex, in: repository.folder.path)
        let clone = try TemporaryFolder("clone")
        try git("clone", "-q", "--bare", "--shared", repository.folder.path, "copy", in: clone.path)
        let got = try answers(clone.path + "/copy", [tip])
        let expected = try answers(repository.folder.path, [tip]).totals
        #expect(got.read == 0 && got.totals == expected)
    }

    @Test func aGraphOfCommitsWhoseObjectsAreGoneIsBelieved() throws {
        let repository = try RandomRepository(.version2, seed: 8, histories: 1)
        let tip = try #require(ObjectID(hex: repository.histories[0][39]))
        let expected = try answers(repository.folder.path, [tip])
        for folder in try FileManager.default.contentsOfDirectory(atPath: repository.folder.path + "/.git/objects") where folder.count == 2
        {
            try FileManager.default.removeItem(atPath: repository.folder.path + "/.git/objects/" + folder)
        }
        #expect(try answers(repository.folder.path, [tip]).totals == expected.totals)
    }

    @Test func aMissingParentIsAnErrorThatNamesIt() throws {
        let repository = try RandomRepository(.none, seed: 11, histories: 1)
        let ids = repository.histories[0]
        let tip = try #require(ObjectID(hex: ids[39]))
        let reached = ReferenceHistory(revListParents: try git("rev-list", "--parents", ids[39], in: repository.folder.path)).parents
        let victim = try #require(ids.first { reached[$0] != nil })
        try FileManager.default.removeItem(atPath: repository.folder.path + "/.git/objects/\(victim.prefix(2))/\(victim.dropFirst(2))")
        let error = #expect(throws: GitError.self) { _ = try self.answers(repository.folder.path, [tip]) }
        #expect(error?.code == .notFound && error?.subject == victim)
    }

    @Test func anExtensionReadsOnlyTheNewCommits() throws {
        let repository = try RandomRepository(.none, seed: 12, histories: 1)
        let ids = repository.histories[0].compactMap { ObjectID(hex: $0) }
        let handle = try Repository(opening: repository.folder.path)
        var graph = try CommitGraph(of: handle, tips: [ids[20]])
        let before = graph
        try graph.extend(with: [ids[39], ids[38]], from: handle)
        let whole = try CommitGraph(of: handle, tips: [ids[20], ids[39], ids[38]])
        #expect(graph.count == whole.count)
        #expect(try graph.aheadBehind(of: ids[39], against: ids[20]) == whole.aheadBehind(of: ids[39], against: ids[20]))
        #expect(throws: GitError.self) { _ = try before.total(of: ids[39]) }
    }
}
