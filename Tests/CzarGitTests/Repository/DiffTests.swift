import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct DiffTests {
    /// The changes in the form of `git diff --numstat -M -z`, one record a line.
    private func numstat(_ changes: TreeChanges) -> [String] {
        changes.files.map { file in
            let count = file.isBinary ? "-\t-" : "\(file.insertions)\t\(file.deletions)"
            return file.status == .renamed ? "\(count)\t\(raw(file.oldPath!)) => \(raw(file.newPath!))" : "\(count)\t\(raw(file.path))"
        }.sorted()
    }

    private func raw(_ path: RepositoryPath) -> String { String(decoding: path.bytes, as: UTF8.self) }

    private func gitNumstat(_ old: String, _ new: String, in path: String) throws -> [String] {
        let fields = try git("diff", "--numstat", "-M", "-z", old, new, in: path).split(separator: "\0", omittingEmptySubsequences: false)
        var result: [String] = []
        var index = 0
        while index < fields.count, !fields[index].isEmpty {
            if fields[index].hasSuffix("\t") {
                result.append("\(fields[index])\(fields[index + 1]) => \(fields[index + 2])")
                index += 3
            } else {
                result.append(String(fields[index]))
                index += 1
            }
        }
        return result.sorted()
    }

    private func compare(_ repository: GitRepository, _ old: String, _ new: String) throws {
        let handle = try Repository(opening: repository.path)
        let changes = try handle.changes(from: handle.tree(of: handle.resolve(old)), to: handle.tree(of: handle.resolve(new)))
        let (ours, theirs) = (numstat(changes), try gitNumstat(old, new, in: repository.path))
        #expect(ours == theirs, "ours only \(Set(ours).subtracting(theirs)), git only \(Set(theirs).subtracting(ours))")
        let letters = try git("diff", "--name-status", "-M", old, new, in: repository.path).split(separator: "\n").map { $0.first! }
        #expect(changes.files.map(\.status.rawValue).sorted() == letters.sorted())
    }

    @Test func eachKindOfChangeEqualsGit() throws {
        let repository = try GitRepository()
        let long = (0..<60).map { "line number \($0) of a file\n" }.joined()
        try repository.write("kept", long)
        try repository.write("moved", long + "unique one\n")
        try repository.write("movedAndEdited", long.uppercased())
        try repository.write("mode", "x\n")
        try repository.write("becomesLink", "target\n")
        try repository.write("deleted", "one\ntwo\n")
        try repository.write("empty", "")
        try repository.write("noNewline", "a\nb")
        try writeFile(repository.path + "/binary", Data([0, 1, 2, 3, 0]))
        try repository.write("was/file", "f\n")
        try repository.write(".gitattributes", "*.forced binary\n")
        try repository.write("text.forced", "plain\n")
        try repository.commitAll()
        try git("mv", "moved", "somewhere", in: repository.path)
        try git("mv", "movedAndEdited", "elsewhere", in: repository.path)
        try repository.write("elsewhere", long.uppercased().replacingOccurrences(of: "NUMBER 7", with: "number seven"))
        chmod(repository.path + "/mode", 0o755)
        try FileManager.default.removeItem(atPath: repository.path + "/becomesLink")
        try FileManager.default.createSymbolicLink(atPath: repository.path + "/becomesLink", withDestinationPath: "target")
        for name in ["deleted", "empty", "was"] { try FileManager.default.removeItem(atPath: repository.path + "/" + name) }
        try repository.write("was", "now a file\n")
        try repository.write("alsoEmpty", "")
        try repository.write("noNewline", "a\nb\n")
        try repository.write("text.forced", "other\n")
        try writeFile(repository.path + "/binary", Data([0, 9, 9, 9, 0]))
        try repository.write("new\nline\tname", "x\n")
        try repository.commitAll()
        try compare(repository, "HEAD~1", "HEAD")
        try compare(repository, "HEAD", "HEAD~1")
    }

    @Test func submodulesCountAsOneLine() throws {
        let repository = try GitRepository()
        let path = repository.path
        let id = try git("rev-parse", "HEAD", in: path)
        try git("update-index", "--add", "--cacheinfo", "160000,\(id),sub", in: path)
        try git("update-index", "--cacheinfo", "160000,\(id),README", in: path)
        try git("commit", "-qm", "links", in: path)
        try git("update-index", "--cacheinfo", "160000,\(ObjectID(hex: String(repeating: "1", count: 40))!),sub", in: path)
        try git("commit", "-qm", "moved", in: path)
        for (old, new) in [("HEAD~2", "HEAD~1"), ("HEAD~1", "HEAD"), ("HEAD", "HEAD~2")] { try compare(repository, old, new) }
    }

    @Test func theRenameLimitIsGits() throws {
        let repository = try GitRepository()
        for index in 0..<12 { try repository.write("a/old\(index)", (0..<20).map { "\(index) line \($0)\n" }.joined()) }
        try repository.commitAll()
        for index in 0..<12 {
            try FileManager.default.removeItem(atPath: repository.path + "/a/old\(index)")
            try repository.write("b/new\(index)", (0..<20).map { "\(index) line \($0 == 3 ? 99 : $0)\n" }.joined())
        }
        try repository.commitAll()
        try compare(repository, "HEAD~1", "HEAD")
        try git("config", "diff.renameLimit", "11", in: repository.path)
        try compare(repository, "HEAD~1", "HEAD")
    }

    @Test func userSettingsDoNotChangeTheFigures() throws {
        let repository = try GitRepository()
        try repository.write("a", (0..<20).map { "line \($0)\n" }.joined())
        try repository.commitAll()
        try git("mv", "a", "b", in: repository.path)
        try repository.commitAll()
        try git("config", "diff.renames", "false", in: repository.path)
        try compare(repository, "HEAD~1", "HEAD")
    }

    @Test(arguments: 1...6) func generatedHistoriesEqualGit(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let repository = try GitRepository()
        func text(_ count: Int) -> String {
            (0..<count).map { "\($0 % 5 == 0 ? "}" : "value \(UInt16.random(in: 0...400, using: &random))")\n" }.joined()
        }
        var names = (0..<25).map { "d\($0 % 4)/f\($0)" }
        for name in names { try repository.write(name, text(Int.random(in: 0...80, using: &random))) }
        try repository.commitAll()
        for round in 0..<3 {
            for index in names.indices.shuffled(using: &random).prefix(10) {
                let path = repository.path + "/" + names[index]
                switch Int.random(in: 0..<5, using: &random) {
                case 0: try FileManager.default.removeItem(atPath: path); try repository.write(names[index], text(30))
                case 1, 2:
                    let moved = "m\(round)/\(names[index].replacingOccurrences(of: "/", with: "-"))"
                    var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
                    try FileManager.default.removeItem(atPath: path)
                    for _ in 0..<Int.random(in: 0...20, using: &random) where !lines.isEmpty {
                        lines[Int.random(in: 0..<lines.count, using: &random)] = "edit \(UInt8.random(in: 0...255, using: &random))"
                    }
                    try repository.write(moved, lines.map { $0 + "\n" }.joined())
                    names[index] = moved
                case 3: chmod(path, 0o755)
                default:
                    var lines = try String(contentsOfFile: path, encoding: .utf8)
                    lines += "appended\n"
                    try repository.write(names[index], lines)
                }
            }
            try repository.commitAll("round \(round)")
        }
        for depth in 1...3 { try compare(repository, "HEAD~\(depth)", "HEAD") }
    }

    @Test func pathsAreRawBytes() throws {
        let repository = try GitRepository()
        let blob = try git("hash-object", "-w", "README", in: repository.path)
        let index = repository.path + "/list"
        try writeFile(index, Data("100644 \(blob)\tbad".utf8) + Data([0xFF, 0x0A]) + Data("name\0".utf8))
        _ = try run(["sh", "-c", "git update-index -z --index-info < list && git commit -qm bytes"], in: repository.path)
        let handle = try Repository(opening: repository.path)
        let (old, new) = (try handle.tree(of: handle.resolve("HEAD~1")), try handle.tree(of: handle.resolve("HEAD")))
        let path = try #require(try handle.changes(from: old, to: new).files.first?.path)
        #expect(path.bytes == Array("bad".utf8) + [0xFF, 0x0A] + Array("name".utf8))
        #expect(path.text == nil && path.description == "bad\\xFF\\nname")
        #expect(try handle.tracks(path, in: new) && !handle.tracks(path, in: old))
        #expect(try handle.changedPaths(from: old, to: new) == [path])
        #expect(try handle.files(in: new).map(\.path) == [RepositoryPath("README"), path])
    }

    @Test func commitsAreReadAsGitShowsThem() throws {
        let repository = try GitRepository()
        try git(
            "-c", "user.name=Ä", "commit", "-q", "--allow-empty", "-m", "two\nlines\n\nbody", in: repository.path,
            environment: ["GIT_AUTHOR_NAME": "Ä Ö", "GIT_AUTHOR_DATE": "1700000000 -0330"])
        let handle = try Repository(opening: repository.path)
        let commit = try handle.commit(handle.resolve("HEAD"))
        #expect(commit.subject == "two lines" && commit.message == "two\nlines\n\nbody\n")
        #expect(commit.author == Signature(name: "Ä Ö", email: "test@example.org", seconds: 1_700_000_000, offsetMinutes: -210))
        #expect(commit.author.line == (try git("log", "-1", "--format=%an <%ae> %ad", "--date=raw", in: repository.path)))
        #expect(commit.parents.map(\.hex) == [try git("rev-parse", "HEAD~1", in: repository.path)])
    }
}

struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    // SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
