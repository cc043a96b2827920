import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Commits, trees and blobs that `git replace` stands others in for; `git worktree add` is the oracle.
@Suite struct ReplacedObjectsTests {
    private func fixture() throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        for name in ["a", "d/b", "d/c", "d/e/f", "e/f"] { try fixture.bytes(name, name + "\n") }
        try fixture.bytes("large", String(repeating: "0123456789abcdef\n", count: 200_000))
        try fixture.bytes("d/.gitattributes", "* ident\n*.crlf eol=crlf\n*.auto text=auto eol=crlf\n")
        for name in ["d/id", "d/id.crlf", "d/id.auto"] { try fixture.bytes(name, "$Id$\n") }
        try FileManager.default.createSymbolicLink(atPath: fixture.repository.path + "/link", withDestinationPath: "a")
        try fixture.repository.commitAll()
        return fixture
    }

    /// Another commit than HEAD's, on no branch.
    private func other(_ fixture: CheckoutFixture) throws -> String {
        let path = fixture.repository.path
        let head = try git("rev-parse", "HEAD", in: path)
        try fixture.bytes("a", "another\n")
        try fixture.bytes("d/new", "$Id$\n")
        try fixture.bytes("large", String(repeating: "another line\n", count: 300_000))
        try fixture.bytes("d/.gitattributes", "* ident\n*.x eol=crlf\n")
        for name in ["d/id", "d/id.crlf", "d/id.auto"] { try fixture.bytes(name, "other $Id$\n") }
        try fixture.bytes("d/b.x", "one\n")
        _ = try run(["ln", "-sfn", "large", "link"], in: path)
        let commit = try fixture.repository.commitAll()
        try git("reset", "-q", "--hard", head, in: path)
        return commit
    }

    private enum Kind: String, CaseIterable { case commit, tree, folder, blob, largeBlob, attributes, keyword, link, chain }

    private func replace(_ kind: Kind, by other: String, _ path: String) throws {
        func replace(_ name: String) throws { try git("replace", "HEAD" + name, other + name, in: path) }
        switch kind {
        case .commit: try replace("")
        case .tree: try replace("^{tree}")
        case .folder: try replace(":d")
        case .blob: try replace(":a")
        case .largeBlob: try replace(":large")
        case .attributes: try replace(":d/.gitattributes")
        // One blob.
        case .keyword: try replace(":d/id")
        case .link: try replace(":link")
        case .chain:
            try git("replace", "HEAD:a", "HEAD:e/f", in: path)
            try git("replace", "HEAD:e/f", "HEAD:large", in: path)
        }
    }

    /// Git itself takes a file that is as young as the index for changed where its blob is replaced; Czar's is older than that.
    private func expectAgreement(_ path: String, _ oracle: String) throws {
        #expect(try differences(path, oracle) == "")
        #expect(try listing(of: path) == listing(of: oracle))
        #expect(try indexListing(of: path) == indexListing(of: oracle))
        #expect(try git("status", "--porcelain", "--ignored", in: path) == "")
        #expect(try git("write-tree", in: path) == git("write-tree", in: oracle))
        let repository = try Repository(opening: path)
        #expect(try repository.status().entries == [])
        #expect(try repository.work().tracked == [])
    }

    @Test(arguments: Kind.allCases.map(\.rawValue), [false, true])
    func aCheckoutHoldsWhatGitWouldWrite(_ name: String, packed: Bool) throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        let other = try other(fixture)
        try replace(try #require(Kind(rawValue: name)), by: other, path)
        if packed { try git("pack-refs", "--all", "--prune", in: path) }
        let theirs = try fixture.oracle("o")
        let made = try fixture.add("w")
        try expectAgreement(made.path, theirs)
        #expect(try git("rev-parse", "HEAD", in: made.path) == git("rev-parse", "HEAD", in: path))
        // A file that is changed counts as one.
        try writeFile(made.path + "/d/c", "changed\n")
        if name != "folder" && name != "tree" {
            #expect(try Repository(opening: made.path).status().entries.map(\.path.description) == ["d/c"])
        }
    }

    @Test func switchedOffTheyDoNotCount() throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        try replace(.commit, by: try other(fixture), path)
        try git("config", "core.useReplaceRefs", "false", in: path)
        let theirs = try fixture.oracle("o")
        let mine = try fixture.add("w").path
        try expectAgreement(mine, theirs)
        #expect(try String(contentsOfFile: mine + "/a", encoding: .utf8) == "a\n")
    }

    @Test func aFolderThatIsReplacedByOneAroundItIsRefused() throws {
        let fixture = try fixture()
        try git("replace", "HEAD:d/e", "HEAD:d", in: fixture.repository.path)
        let request = try fixture.request("w")
        let error = #expect(throws: WorktreeError.self) { try fixture.location.addWorktree(request) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("too long"))
        #expect(!exists(fixture.repository.around + "/trees/w"))
    }

    /// A reference is found among many packed ones, before and behind its place too.
    @Test(arguments: ["", "refs/a", "refs/z"]) func amongManyPackedReferencesTheyAreFound(_ beside: String) throws {
        let fixture = try fixture()
        let path = fixture.repository.path
        let head = try git("rev-parse", "HEAD", in: path)
        let names = beside.isEmpty ? [] : (0..<40).map { "\(beside)/\($0)" }
        let input = names.map { "create \($0) \(head)\n" }.joined()
        #expect(try run(["git", "update-ref", "--stdin"], in: path, input: input).status == 0)
        for number in 0..<5 { try git("tag", "-a", "-m", "x", "t\(number)", in: path) }
        try git("pack-refs", "--all", "--prune", in: path)
        #expect(try Replacements(of: Repository(opening: path)).isEmpty)
        try replace(.blob, by: try other(fixture), path)
        try git("pack-refs", "--all", "--prune", in: path)
        #expect(!exists(path + "/.git/refs/replace/" + (try git("rev-parse", "HEAD:a", in: path))))
        try? FileManager.default.removeItem(atPath: path + "/.git/refs/replace")
        #expect(try !Replacements(of: Repository(opening: path)).isEmpty)
        // Older programs do not say that the file is sorted.
        let file = path + "/.git/packed-refs"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try writeFile(file, text.replacingOccurrences(of: " sorted", with: ""))
        #expect(try !Replacements(of: Repository(opening: path)).isEmpty)
    }
}
