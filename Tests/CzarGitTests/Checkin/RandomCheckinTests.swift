import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Random attributes, settings, contents and blobs: what git would store is the oracle.
@Suite struct RandomCheckinTests {
    private static let pieces = [
        "a\n", "b\r\n", "c\r", "\n", "\r\n", "\0", "\u{1}", "$Id$", "$Id: x y $", "$Id: x\n$", "$Id:", "$Id:$", "$", "Id$", "$$Id$Id: z $",
        "é", "\u{1A}", "text",
    ]
    private static let patterns = ["*", "*.c", "*.txt", "a*", "\"b b.txt\"", "\"\\142 b.c\"", "sub/*", "/a.txt", "\"s*/a.c\""]
    private static let words = [
        "text", "-text", "!text", "text=auto", "text=input", "eol=crlf", "eol=lf", "ident", "-ident", "crlf", "-crlf", "crlf=input",
        "binary",
        "text=auto eol=crlf",
    ]
    private static let files = ["a.txt", "a.c", "b b.txt", "b b.c", "sub/a.c", "sub/b.txt", "c"]

    private var random: SeededGenerator

    init() { random = SeededGenerator(seed: 0) }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    mutating func filesAreStoredAsGitStoresThem(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        var (wrong, converted): ([String], Int) = ([], 0)
        for round in 0..<12 {
            let repository = try GitRepository()
            let path = repository.path
            try git("config", "core.safecrlf", "false", in: path)
            try set("core.autocrlf", ["true", "input", "false"], in: path)
            try set("core.eol", ["crlf", "lf", "native"], in: path)
            for folder in ["", "sub/"] {
                let name = folder + ".gitattributes"
                if Bool.random(using: &random) {
                    try repository.write(name, attributes())
                    try git("add", name, in: path)
                }
                // On the disk there may be others than in the index, or none.
                switch Int.random(in: 0..<3, using: &random) {
                case 0: try repository.write(name, attributes())
                case 1: _ = try run(["rm", "-f", name], in: path)
                default: break
                }
            }
            for file in Self.files {
                if Int.random(in: 0..<3, using: &random) > 0 {
                    try repository.write(file, content())
                    let id = try git("hash-object", "-w", "--no-filters", file, in: path)
                    try git("update-index", "--add", "--cacheinfo", "100644,\(id),\(file)", in: path)
                }
                if Int.random(in: 0..<3, using: &random) > 0 { try repository.write(file, content()) }
                if !exists(path + "/" + file) { try repository.write(file, "") }
            }
            let before = try entries(path, index: nil)
            let opened = try Repository(opening: path)
            let ours = try opened.status().entries.map { "\($0.staged)\($0.unstaged) \($0.path)" }.sorted()
            let theirs = try git("status", "--porcelain", "-z", in: path).split(separator: "\0").map(String.init).sorted()
            if ours != theirs { wrong.append("\(seed)/\(round) status \(ours) is not \(theirs)") }
            let paths = Self.files.map { RepositoryPath($0) }
            let checkin = try Checkin(of: opened, concerning: paths) { before[$0.description].flatMap { ObjectID(hex: $0) } }
            _ = try run(["cp", ".git/index", "../index"], in: path)
            let added = try run(["env", "GIT_INDEX_FILE=\(repository.around)/index", "git", "add", "--"] + Self.files, in: path)
            #expect(added.status == 0, "\(added.errors)")
            let expected = try entries(path, index: repository.around + "/index")
            for (file, name) in zip(paths, Self.files) {
                let id = try checkin.id(of: file, known: before[name].flatMap { ObjectID(hex: $0) }, in: opened).hex
                if id != expected[name] { wrong.append("\(seed)/\(round) \(name)") }
                if try git("hash-object", "--no-filters", name, in: path) != expected[name] { converted += 1 }
                let stored = try checkin.store(file, known: before[name].flatMap { ObjectID(hex: $0) }, in: opened)
                if stored.hex != id { wrong.append("\(seed)/\(round) \(name): stored otherwise") }
            }
        }
        #expect(wrong.prefix(5) == [])
        #expect(converted > 5)
    }

    private mutating func set(_ name: String, _ values: [String], in path: String) throws {
        if Bool.random(using: &random), let value = values.randomElement(using: &random) { try git("config", name, value, in: path) }
    }

    private func entries(_ path: String, index: String?) throws -> [String: String] {
        let variable = index.map { ["GIT_INDEX_FILE=\($0)"] } ?? []
        let answer = try run(["env"] + variable + ["git", "ls-files", "-s", "-z"], in: path)
        var result: [String: String] = [:]
        for line in answer.output.split(separator: "\0") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            result[String(parts[1])] = String(parts[0].split(separator: " ")[1])
        }
        return result
    }

    private mutating func content() -> String {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
    }

    private mutating func attributes() -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            Self.patterns.randomElement(using: &random)! + " " + Self.words.randomElement(using: &random)! + "\n"
        }.joined()
    }
}
