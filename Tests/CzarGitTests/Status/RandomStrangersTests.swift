import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Rules in every file that can hold some, nested and taken back, with git as the oracle for all that removes, keeps or commits.
@Suite struct RandomStrangersTests {
    /// Many more with CZAR_THOROUGH.
    private static let seeds: [UInt64] = ProcessInfo.processInfo.environment["CZAR_THOROUGH"] == nil ? [1, 2, 3] : Array(1...100)
    private static let folders = ["", "sub/", "sub/deep/", "other/"]
    private static let names = ["keep.log", "x.log", "notes.txt", "a", "b.o", "in/keep.log", "in/notes.txt", "out/b.o"]
    private static let patterns = [
        "*.log", "*.txt", "*.o", "!keep.log", "!notes.txt", "!*.log", "!b.o", "!a", "a", "in/", "!in/", "out/*", "!out/b.o", "/sub/deep/",
        "!/sub/deep/", "deep", "**/in/**", "!**/keep.log", "keep.log", "!.gitignore", ".gitignore", "*", "!*/", "# no", "!x.log ",
    ]

    @Test(arguments: seeds)
    func whatIsUntrackedIsWhatGitSays(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let repository = try GitRepository()
        let path = repository.path
        try git("config", "core.excludesFile", repository.around + "/mine", in: path)
        for round in 0..<25 {
            let rules = Self.folders.map { path + "/" + $0 + ".gitignore" } + [repository.around + "/mine", path + "/.git/info/exclude"]
            for file in rules where Bool.random(using: &random) {
                let lines = (0..<Int.random(in: 0...3, using: &random)).map { _ in Self.patterns.randomElement(using: &random)! }
                try writeFile(file, lines.joined(separator: "\n"))
            }
            for _ in 0..<4 {
                let name = Self.folders.randomElement(using: &random)! + Self.names.randomElement(using: &random)!
                try repository.write(name, "\(round)\n")
                if Int.random(in: 0..<6, using: &random) == 0 { try git("add", "-f", name, in: path) }
            }
            try expectGitsAnswer(path, "seed \(seed), round \(round)")
        }
        let who = Signature(name: "W", email: "w@example.org", seconds: 1_790_000_001)
        _ = try Repository(opening: path).commitFiles(CommitRequest(message: "all", author: who, committer: who))
        #expect(try gitStatusLines(path) == [])
    }

    private func expectGitsAnswer(_ path: String, _ place: String) throws {
        let output = try git("status", "--porcelain", "-z", "-uall", "--ignored=matching", in: path)
        func lines(_ mark: String) -> [String] {
            output.split(separator: "\0").filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(3)) }.sorted()
        }
        let repository = try Repository(opening: path)
        let found = try repository.strangers()
        #expect(found.untracked.map(\.description).sorted() == lines("??"), "\(place)")
        #expect(found.ignored.map(\.description).sorted() == lines("!!"), "\(place)")
        #expect(try repository.holdings(excluding: []).untracked == found.untracked, "\(place)")
        let kept = try repository.snapshotOfWork(excluding: []).untracked
        #expect(try kept.map { try repository.files(in: $0).map(\.path) } ?? [] == found.untracked, "\(place)")
    }
}
