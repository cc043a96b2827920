import CLibgit2
import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Packs read here, held against `git cat-file`; damaged packs give nothing, never a crash and never wrong bytes.
@Suite struct PackReaderTests {
    private let repository: GitRepository
    private var objects: String { repository.path + "/.git/objects" }

    /// A history whose files and trees are deltas of one another, and some files that are not.
    init() throws {
        repository = try GitRepository()
        for step in 0..<30 {
            try repository.write(
                "long.txt", (0..<400).map { $0 == step * 7 ? "changed \(step)\n" : "line \($0) of a long file\n" }.joined())
            for file in 0..<20 { try repository.write("folder/\(file)", "\(file) \(step / 10)\n") }
            try repository.commitAll("step \(step)\n\n" + (0..<60).map { "line \($0) of a long message\n" }.joined())
        }
        try repository.write("empty", "")
        try repository.write("noise", (0..<3000).map { _ in String(UInt64.random(in: 0 ... .max)) }.joined())
        try repository.commitAll()
        try git("tag", "-a", "-m", "a tag", "v1", in: repository.path)
    }

    private func repack(_ options: String...) throws {
        for option in options {
            try git("config", "pack.\(option.split(separator: "=")[0])", String(option.split(separator: "=")[1]), in: repository.path)
        }
        try git("repack", "-q", "-a", "-d", "-f", in: repository.path)
    }

    private func ids() throws -> [ObjectID] {
        let text = try git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", in: repository.path)
        return try text.split(separator: "\n").map { try #require(ObjectID(hex: $0)) }
    }

    /// Git's name for an object proves its type and every byte.
    private func name(_ object: PackedObject) -> ObjectID? {
        let type: String
        switch object.type {
        case GIT_OBJECT_COMMIT: type = "commit"
        case GIT_OBJECT_TREE: type = "tree"
        case GIT_OBJECT_BLOB: type = "blob"
        case GIT_OBJECT_TAG: type = "tag"
        default: return nil
        }
        var whole = Array("\(type) \(object.bytes.count)\0".utf8)
        whole += object.bytes
        return whole.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    /// Whether the bytes are the object's, whatever its type is said to be.
    private func isContent(_ bytes: [UInt8], of id: ObjectID) -> Bool {
        [GIT_OBJECT_COMMIT, GIT_OBJECT_TREE, GIT_OBJECT_BLOB, GIT_OBJECT_TAG].contains {
            name(PackedObject(type: $0, bytes: bytes)) == id
        }
    }

    @Test(arguments: [["depth=50", "indexVersion=2"], ["depth=0"], ["depth=4000", "window=200"]])
    func everyObjectIsTheOneThatGitNames(_ options: [String]) throws {
        for option in options { try repack(option) }
        let all = try ids()
        let reader = try PackReader(try PackFile.all(in: [objects]))
        for id in all + all.reversed() {
            let object = try #require(reader.object(id))
            #expect(name(object) == id)
            #expect(reader.size(of: id) == object.bytes.count && reader.lists(id))
        }
        #expect(reader.object(.zero) == nil && reader.size(of: .zero) == nil && !reader.lists(.zero))
    }

    @Test func deltasToNamedObjectsAndSeveralPacksAreRead() throws {
        try git("config", "repack.useDeltaBaseOffset", "false", in: repository.path)
        try repack("depth=50")
        try repository.write("later", "later\n")
        try repository.commitAll("later")
        try git("repack", "-q", "-d", in: repository.path)
        let packs = try PackFile.all(in: [objects])
        #expect(packs.count == 2)
        let reader = try PackReader(packs)
        for id in try ids() { #expect(reader.object(id).flatMap { name($0) } == id) }
        // What a clone or a fetch brings has its missing bases at the pack's end.
        let text = try git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", in: repository.path)
        #expect(PackListing.commits(in: packs).count == text.split(separator: "\n").count { $0 == "commit" })
    }

    @Test func commitsThatAreDeltasAreListedAndRead() throws {
        try repack("depth=50", "window=100")
        let index: String = try #require(try packFiles(".idx").first)
        let text: String = try git("verify-pack", "-v", index, in: repository.path)
        // A delta's line has its depth and its base behind the five fields of every object.
        var deltas: [ObjectID] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 7, fields[1] == "commit", let id = ObjectID(hex: fields[0]) { deltas.append(id) }
        }
        try #require(!deltas.isEmpty, "some commit is a delta")
        let packs = try PackFile.all(in: [objects])
        let places = PackListing.commits(in: packs)
        let batch = CommitBatch(reading: places, in: packs, overrides: HistoryOverrides())
        let reader = try CommitReader(try Repository(opening: repository.path), overrides: HistoryOverrides())
        for id in deltas {
            let (one, other) = (try #require(batch[id]), try reader.commit(id))
            #expect(one.parents == other.parents && one.tree == other.tree && one.date == other.date)
        }
    }

    private func packFiles(_ ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: objects + "/pack").filter { $0.hasSuffix(ending) }.map {
            objects + "/pack/" + $0
        }
    }

    @Test(arguments: [".pack", ".idx", ".rev"])
    func aDamagedPackNeverCrashesAndNeverGivesOtherBytes(_ ending: String) throws {
        try git("config", "pack.writeReverseIndex", "true", in: repository.path)
        try repack("depth=50")
        let all = try ids()
        let path = try #require(try packFiles(ending).first)
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(seed: 77)
        var (refused, given) = (0, 0)
        for round in 0..<60 {
            var bytes = good
            switch round % 4 {
            case 0:
                for _ in 0..<20 { bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
            case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 2: bytes[Int.random(in: 0..<min(1100, bytes.count), using: &random)] = UInt8.random(in: 0...255, using: &random)
            default:
                let start = Int.random(in: 0..<bytes.count - 64, using: &random)
                for index in start..<start + 64 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            let packs = try PackFile.all(in: [objects])
            let reader = try PackReader(packs)
            for id in all {
                _ = reader.size(of: id)
                guard let object = reader.object(id) else { refused += 1; continue }
                // A damaged index may name another object. What nothing guards in a pack, for git neither, is an entry's type.
                if ending == ".pack" { #expect(isContent(object.bytes, of: id), "round \(round)") }
                given += 1
            }
            _ = CommitBatch(reading: PackListing.commits(in: packs), in: packs, overrides: HistoryOverrides())
        }
        #expect(given > 0 && (ending == ".rev" || refused > 0))
    }

    @Test func aDamagedObjectIsAnErrorThatNamesIt() throws {
        try repack("depth=0")
        let path = try #require(try packFiles(".pack").first)
        let shown = try run(["sh", "-c", "git show-index < \(try #require(try packFiles(".idx").first)) | sort -n"], in: repository.path)
            .output
        let line = try #require(shown.split(separator: "\n").first { $0.contains(" ") })
        let fields = line.split(separator: " ")
        let (offset, id) = (try #require(Int(fields[0])), try #require(ObjectID(hex: fields[1])))
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for index in offset + 4..<offset + 24 { bytes[index] = 0xFF }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        let reader = try ObjectReader(try Repository(opening: repository.path))
        let error = #expect(throws: GitError.self) { try reader.withObject(id) { _, _ in } }
        #expect(error?.subject == id.hex)
    }
}
