import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// What people wrote, as `git log` shows it.
@Suite struct CommitTextTests {
    private let repository: GitRepository

    init() throws {
        repository = try GitRepository()
        try repository.write("a", "a\n")
        try repository.commitAll("start")
    }

    /// A commit object made of these bytes.
    private func commit(author: [UInt8], header: String = "", message: [UInt8]) throws -> String {
        let tree = try git("rev-parse", "HEAD^{tree}", in: repository.path)
        var bytes = Array("tree \(tree)\nauthor ".utf8) + author + Array(" <a@example.org> 1700000000 -0130\ncommitter ".utf8)
        bytes += author + Array(" <c@example.org> 1700000001 +0545\n\(header)\n".utf8) + message
        let file = repository.path + "/.git/raw"
        try Data(bytes).write(to: URL(filePath: file))
        return try git("hash-object", "-t", "commit", "-w", "--literally", file, in: repository.path)
    }

    @Test(
        arguments: [
            (Array("Plain Name".utf8), "", Array("one\ntwo  \nthree\t\n\nbody\n".utf8)),
            (Array("\"Q, R\"".utf8), "", Array("\n \n  lead\r\nsecond\r\n\r\nbody\r\n".utf8)),
            (Array("Jos".utf8) + [0xE9], "encoding ISO-8859-1\n", Array("caf".utf8) + [0xE9, 0x0A]),
            (Array("José".utf8), "encoding nonsense-1\n", Array("café\n".utf8)),
            (Array("José".utf8), "gpgsig line\n encoding ISO-8859-1\n", Array("café".utf8)),
            (Array("..dots..".utf8), "", []),
            // What is not in the encoding is shown as it is.
            (Array("José".utf8), "encoding EUC-JP\n", Array("plain caf".utf8) + [0x8F, 0x0A]),
            ([0x93, 0xFA, 0x96, 0x7B], "encoding Shift_JIS\n", [0x93, 0xFA, 0x96, 0x7B, 0x0A]),
        ] as [([UInt8], String, [UInt8])])
    func subjectAndAuthorAreThoseOfGitLog(author: [UInt8], header: String, message: [UInt8]) throws {
        let id = try commit(author: author, header: header, message: message)
        let expected = try git("log", "-1", "--format=%s%n%an%n%ae%n%at%n%ct", id, in: repository.path)
        let found = try Repository(opening: repository.path).commit(try #require(ObjectID(hex: id)))
        let parts = [found.subject, found.author.name, found.author.email, "\(found.author.seconds)", "\(found.committer.seconds)"]
        #expect(parts.joined(separator: "\n").trimmingCharacters(in: .newlines) == expected.trimmingCharacters(in: .newlines))
        #expect(found.author.offsetMinutes == -90 && found.committer.offsetMinutes == 345)
    }

    /// Git shows no time of these (`%ct`), or one that no calendar has.
    @Test(arguments: [
        "committer bad", "committer C <c@example.org> -100 +0000", "committer C <c@example.org>", "committer C <c@example.org> soon +0000",
        "committer C <c@example.org> 99999999999999999999 +0000", "committer C <c@example.org> 9999999999999 +0000", "other line",
    ])
    func aDamagedCommitHasNoTime(_ line: String) throws {
        let tree = try git("rev-parse", "HEAD^{tree}", in: repository.path)
        let parent = try git("rev-parse", "HEAD", in: repository.path)
        let text = "tree \(tree)\nparent \(parent)\nauthor A <a@example.org> 1700000000 +0000\n\(line)\n\nsubject\n"
        let id = try git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", in: repository.path, input: text)
        let tip = try #require(ObjectID(hex: id))
        let cache = try TemporaryFolder("cache")
        for _ in 0..<2 {
            let reader = HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: cache.path)
            let found = try reader.figures(of: [BranchQuestion(tip: tip, base: nil, forkPoint: nil)])
            #expect(found[0].lastCommit == CommitSummary(author: "A", seconds: nil, subject: "subject"))
        }
    }

    @Test func aReplacedCommitShowsWhatReplacesIt() throws {
        let old = try git("rev-parse", "HEAD", in: repository.path)
        let new = try commit(author: Array("Other".utf8), message: Array("replaced\n".utf8))
        try git("update-ref", "refs/replace/\(old)", new, in: repository.path)
        let reader = HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: nil)
        let found = try reader.figures(of: [BranchQuestion(tip: try #require(ObjectID(hex: old)), base: nil, forkPoint: nil)])
        #expect(found[0].lastCommit?.subject == "replaced" && found[0].lastCommit?.author == "Other")
        #expect(try git("log", "-1", "--format=%s", in: repository.path) == "replaced")
    }
}
