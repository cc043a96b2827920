import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Files of attributes that libgit2 reads in another way than git: what is written must be git's, byte for byte.
@Suite struct CheckoutAttributesTests {
    /// Every file holds two lines; `attributes` are those of the root.
    private func check(_ attributes: String, files: [String], settings: [(String, String)] = [], converted: Int) throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        for (name, value) in [("core.safecrlf", "false")] + settings { try git("config", name, value, in: path) }
        try fixture.bytes(".gitattributes", attributes)
        for file in files { try fixture.bytes(file, "one \(file)\ntwo $Id$\n") }
        try fixture.repository.commitAll()
        let theirs = try fixture.oracle("o")
        let ours = try fixture.add("w").path
        #expect(try differences(ours, theirs) == "")
        #expect(try listing(of: ours) == listing(of: theirs))
        #expect(try indexListing(of: ours) == indexListing(of: theirs))
        let count = try run(["grep", "-rlP", "--exclude=.gitattributes", "\\r$", "."], in: theirs).output.split(separator: "\n").count
        #expect(count == converted)
    }

    @Test func patternsInQuotationMarks() throws {
        try check(
            "\"my file.txt\" text eol=crlf\n\"\\303\\251.txt\" text eol=crlf\n\"t\\tb*\" eol=crlf\n\"open.txt text eol=crlf\n",
            files: ["my file.txt", "my", "é.txt", "t\tbx", "open.txt", "\"open.txt"], converted: 4)
    }

    @Test func aByteOrderMarkIsPartOfTheFirstPattern() throws {
        try check("\u{FEFF}a.txt text eol=crlf\nb.txt text eol=crlf\n", files: ["a.txt", "b.txt"], converted: 1)
    }

    @Test func negativePatternsSayNothing() throws {
        try check("*.txt eol=crlf\n!a.txt -text\n\\!b.txt -text\n", files: ["a.txt", "!b.txt", "c.txt"], converted: 2)
    }

    @Test func caseIsFoldedUnderTheSetting() throws {
        let files = ["a.txt", "b.TXT", "Sub/c.Txt", "Sub/d"]
        try check("*.TXT eol=crlf\nsub/d eol=crlf\n", files: files, settings: [("core.ignorecase", "true")], converted: 4)
        try check("*.TXT eol=crlf\nsub/d eol=crlf\n", files: files, converted: 1)
    }

    @Test func linesThatAreTooLongSayNothing() throws {
        let blanks = String(repeating: " ", count: 2048)
        try check("a.txt eol=crlf\(blanks)\nb.txt eol=crlf\n", files: ["a.txt", "b.txt"], converted: 1)
    }

    @Test func binarySaysNothingOfTheOldName() throws {
        try check(
            "* text=auto eol=crlf\n*.txt binary\na.txt !text eol=crlf\nb.txt !text\n", files: ["a.txt", "b.txt", "c.txt", "d"], converted: 3
        )
        try check("*.txt crlf eol=crlf\n[attr]binary -diff\n*.txt binary\n", files: ["a.txt"], converted: 1)
    }

    @Test func theUsersFileIsWeakerThanTheTreesAndTheRepositorysIsStronger() throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        for folder in ["", "d/"] { for name in ["a", "b", "c", "e"] { try fixture.bytes("\(folder)\(name).txt", "one\ntwo\n") } }
        try fixture.bytes(".gitattributes", "[attr]mine -text\nb.txt mine\nc.txt eol=lf\n")
        try fixture.bytes("d/.gitattributes", "[attr]mine text\nc.txt !eol !text\ne.txt users\n")
        try fixture.repository.commitAll()
        try writeFile(fixture.repository.around + "/user", "\u{FEFF}*.txt text eol=crlf\n[attr]users -text\n")
        try git("config", "core.attributesfile", fixture.repository.around + "/user", in: path)
        try fixture.repository.write(".git/info/attributes", "\u{FEFF}/d/b.txt text eol=crlf\n[attr]users eol=lf\n")
        let theirs = try fixture.oracle("o")
        let ours = try fixture.add("w").path
        #expect(try differences(ours, theirs) == "")
        let count = try run(["grep", "-rlP", "\\r$", "--include=*.txt", "."], in: theirs).output.split(separator: "\n").sorted()
        #expect(count == ["./a.txt", "./d/a.txt", "./d/b.txt", "./e.txt"])
    }

    @Test func aLinksTextIsReadAndAFileInTheWorktreeIsNot() throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try fixture.bytes("l/a.txt", "one\ntwo\n")
        try fixture.bytes("r/b.txt", "one\ntwo\n")
        _ = try run(["ln", "-s", "*.txt eol=crlf", "l/.gitattributes"], in: path)
        try fixture.repository.commitAll()
        // Seen from the new worktree, where nothing is yet.
        try fixture.bytes("here", "*.txt eol=crlf\n")
        try git("config", "core.attributesfile", "here", in: path)
        try fixture.bytes("r/.gitattributes", "*.txt eol=crlf\n")
        let theirs = try fixture.oracle("o")
        let ours = try fixture.add("w").path
        #expect(try differences(ours, theirs) == "")
        #expect(try run(["grep", "-rlP", "\\r$", "."], in: theirs).output == "./l/a.txt\n")
    }

    @Test(arguments: [
        "mkdir .gitattributes", "ln -s .gitattributes .gitattributes", "ln -s . .gitattributes", "mkdir -p .git/info/attributes",
    ])
    func whatIsNoFileOfAttributesSaysNothing(_ script: String) throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try fixture.bytes("a", "one\n")
        try fixture.repository.commitAll()
        try prepare("sh", "-ec", script, in: path)
        #expect(try Preflight.limitations(of: fixture.location) == [])
        #expect(try git("status", "--porcelain", in: fixture.add("w").path) == "")
    }

    /// Git reads settings in the new worktree, with its branch and its git directory.
    @Test(arguments: ["onbranch:main", "onbranch:w*", "gitdir:**/worktrees/**", "gitdir:**/worktrees/w2"])
    func whatIsIncludedOnAConditionCountsWhereThatHolds(_ condition: String) throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try fixture.bytes("a.txt", "one\ntwo\n")
        try fixture.repository.commitAll()
        try writeFile(path + "/.git/more", "[core]\n\tautocrlf = true\n")
        try git("config", "includeIf.\(condition).path", "more", in: path)
        let made = try fixture.location.addWorktrees([try fixture.request("w1"), try fixture.request("w2")]).map { try $0.get() }
        let ours = try made.map { try String(contentsOfFile: $0.path + "/a.txt", encoding: .utf8) }
        for (name, tree) in zip(["w1", "w2"], made) {
            #expect(try git("status", "--porcelain", in: tree.path) == "")
            // git's own, of the same name, branch and place.
            try git("worktree", "remove", tree.path, in: path)
            try git("worktree", "add", "-q", tree.path, name, in: path)
        }
        #expect(try ours == made.map { try String(contentsOfFile: $0.path + "/a.txt", encoding: .utf8) })
    }

    /// Where git converts a blob piece by piece, and where as a whole; other rules, other results.
    @Test func keywordsThatFollowEachOtherAreExpandedAsGitDoes() throws {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try git("config", "core.safecrlf", "false", in: path)
        try fixture.bytes(
            ".gitattributes",
            "* ident\n*.whole text=auto\n*.ends text eol=crlf\n*.lf text=auto eol=lf\n*.wide working-tree-encoding=UTF-16\n")
        let pieces = ["$", "$Id", "$Id$", "$Id:", "$Id: ", "Id", ":", " ", "a", "\n", "\r\n", "\0", "x y"]
        for number in 0..<160 {
            let text = (0..<Int.random(in: 1...9)).map { _ in pieces.randomElement() ?? "" }.joined()
            let name = "f\(number)" + [".piece", ".whole", ".ends", ".lf", ".wide"][number % 5]
            let id = try git("hash-object", "-w", "--stdin", in: path, input: text)
            try git("update-index", "--add", "--cacheinfo", "100644,\(id),\(name)", in: path)
        }
        try git("add", ".gitattributes", in: path)
        try git("commit", "-qm", "keywords", in: path)
        let theirs = try fixture.oracle("o")
        #expect(try differences(try fixture.add("w").path, theirs) == "")
    }
}
