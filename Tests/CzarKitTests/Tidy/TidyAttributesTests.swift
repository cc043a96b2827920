import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Removals and their undoing under attributes: the files come back byte for byte, the index as git's own stash brings it.
@Suite struct TidyAttributesTests {
    private func fixture(_ attributes: String, _ files: [String: String], lineEnds: String = "false") throws -> TidyFixture {
        let fixture = try TidyFixture()
        try git("config", "core.safecrlf", "false", in: fixture.path)
        try git("config", "core.autocrlf", lineEnds, in: fixture.path)
        for (name, text) in files { try fixture.repository.write(name, text) }
        try fixture.repository.write(".gitattributes", attributes)
        try fixture.repository.commitAll("attributes")
        try fixture.create("api")
        try fixture.create("docs")
        return fixture
    }

    private func bytes(_ path: String) throws -> Data { try present(FileManager.default.contents(atPath: path)) }

    /// Without what Czar itself wrote there, which says whose it is.
    private func look(_ fixture: TidyFixture, _ id: String) throws -> [String: String] {
        try fixture.contents(id).filter { $0.key != "WORKER_IDENTITY.md" }
    }

    /// Does the same in two worktrees, and takes one away and back by Czar, the other's changes by git's stash.
    private func compare(_ fixture: TidyFixture, _ change: (String) throws -> Void) throws {
        for id in ["api", "docs"] { try change(fixture.tree(id)) }
        let before = try look(fixture, "api")
        #expect(try before == look(fixture, "docs"))
        try git("stash", "-q", "-u", in: fixture.tree("docs"))
        let popped = try run(["git", "stash", "pop", "-q", "--index"], in: fixture.tree("docs"))
        #expect(popped.status == 0, "\(popped.errors)")
        try fixture.remove("api", force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        let (after, ofGit) = (try look(fixture, "api"), try look(fixture, "docs"))
        #expect(after.filter { !$0.key.hasPrefix(" ") } == before.filter { !$0.key.hasPrefix(" ") })
        for key in [" head", " index"] { #expect(after[key] == ofGit[key]) }
    }

    /// To git those of the index count where the file is gone.
    @Test func stagedFilesKeepTheirBytesWhereTheirAttributesWereDeleted() throws {
        let fixture = try fixture("*.x text eol=crlf\n", ["c.x": "one\n"])
        try compare(fixture) { tree in
            try writeFile(tree + "/c.x", "two\r\n")
            try git("add", "c.x", in: tree)
            try FileManager.default.removeItem(atPath: tree + "/.gitattributes")
        }
    }

    @Test func aBinaryKeepsItsReturnsWhereAttributesWereEditedAndNotStaged() throws {
        let fixture = try fixture("* text\n", ["logo.png": "old\n"])
        let content = Data("\u{89}PNG\r\n\u{1A}\r\n".utf8)
        try compare(fixture) { tree in
            try writeFile(tree + "/.gitattributes", "*.c text\n")
            try writeFile(tree + "/logo.png", content)
            try writeFile(tree + "/new.png", content)
        }
        #expect(try bytes(fixture.tree() + "/logo.png") == content)
        #expect(try bytes(fixture.tree() + "/new.png") == content)
    }

    @Test func linesAreWrittenAsTheAttributesInTheWorktreeSay() throws {
        let fixture = try fixture("*.txt text eol=crlf\n", ["a.txt": "one\n", "b.txt": "one\n"])
        try compare(fixture) { tree in
            try writeFile(tree + "/a.txt", "one\r\ntwo\r\n")
            try writeFile(tree + "/\"q\".md", "one\r\n")
            try writeFile(tree + "/.gitattributes", "*.txt text eol=crlf\n\"\\\"q\\\".md\" text eol=crlf\n")
        }
    }

    @Test func keywordsThatWereEditedComeBackAsTheyWere() throws {
        let fixture = try fixture("*.i ident\n", ["k.i": "$Id$ $Id$\n"])
        try compare(fixture) { tree in try writeFile(tree + "/k.i", "$Id: one $ and $Id$ $Id: two $\n") }
        let before = try look(fixture, "api")
        try fixture.remove("api", force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        #expect(try look(fixture, "api") == before)
    }

    @Test(arguments: [true, false]) func returnsThatGitWouldTakeComeBack(isStaged: Bool) throws {
        let fixture = try fixture("*.dat text\n", ["mixed.c": "one\n"], lineEnds: "input")
        let content = Data("PNG\r\n\u{1A}\r\n".utf8)
        try writeFile(fixture.tree() + "/mixed.c", "dos\r\nunix\n")
        try writeFile(fixture.tree() + "/pic.dat", content)
        _ = try run(["chmod", "400", "pic.dat"], in: fixture.tree())
        if isStaged { try git("add", "-A", in: fixture.tree()) }
        let before = try look(fixture, "api")
        let recovery = try present(fixture.remove("api", force: true).recovery)
        // A person finds them too.
        let message = try git("log", "-1", "--format=%B", recovery, in: fixture.path)
        let extras = try present(message.split(separator: "\n").first { $0.hasPrefix("extras ") }).dropFirst("extras ".count)
        #expect(try run(["git", "cat-file", "-p", "\(extras):bytes/pic.dat"], in: fixture.path).output == "PNG\r\n\u{1A}\r\n")
        _ = try Undoer(fixture.coordinator()).undo()
        #expect(try look(fixture, "api") == before)
        #expect(try bytes(fixture.tree() + "/mixed.c") == Data("dos\r\nunix\n".utf8))
        #expect(try bytes(fixture.tree() + "/pic.dat") == content)
        #expect(try fixture.check().isEmpty)
    }

    @Test func filesThatGitWouldWriteOtherwiseComeBackAsTheyWere() throws {
        let fixture = try fixture("*.txt text eol=crlf\n*.i ident\n", ["a.txt": "one\n"])
        try writeFile(fixture.tree() + "/a.txt", "one\ntwo\n")
        try writeFile(fixture.tree() + "/new.i", "$Id$\n")
        let before = try look(fixture, "api")
        try fixture.remove("api", force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        #expect(try look(fixture, "api") == before)
    }

    @Test func untrackedAttributesSayNothingOfTrackedFiles() throws {
        let fixture = try TidyFixture()
        try git("config", "core.safecrlf", "false", in: fixture.path)
        for id in ["api", "docs"] { try fixture.create(id) }
        try compare(fixture) { tree in
            try writeFile(tree + "/.gitattributes", "* text eol=crlf\n")
            try writeFile(tree + "/src/file0", "one\ntwo\n")
            try writeFile(tree + "/new", "one\r\ntwo\r\n")
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func randomWorkComesBackByteForByte(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = ["a\n", "b\r\n", "c\r", "\n", "\r\n", "\0", "$Id$ i\n", "$Id: x y $ $Id$\n", "$Id: x\n", "text"]
        let patterns = ["*", "*.c", "*.txt", "a*", "\"b b.txt\"", "sub/*"]
        let words = ["text", "-text", "!text", "text=auto", "eol=crlf", "eol=lf", "ident", "-ident", "binary", "text=auto eol=crlf"]
        let names = ["a.txt", "a.c", "b b.txt", "sub/a.c", "sub/b.txt", "c"]
        func some(_ count: ClosedRange<Int>, _ make: () -> String) -> String {
            (0..<Int.random(in: count, using: &random)).map { _ in make() }.joined()
        }
        func content() -> String { some(0...5) { pieces.randomElement(using: &random) ?? "" } }
        func attributes() -> String {
            some(1...4) { "\(patterns.randomElement(using: &random) ?? "*") \(words.randomElement(using: &random) ?? "text")\n" }
        }
        for _ in 0..<3 {
            let committed = Dictionary(uniqueKeysWithValues: names.dropLast().map { ($0, content()) })
            let fixture = try fixture(attributes(), committed, lineEnds: Bool.random(using: &random) ? "true" : "false")
            var files: [(name: String, text: String, isStaged: Bool)] = [("new.c", content(), false), ("sub/new.txt", content(), false)]
            for name in names where Bool.random(using: &random) {
                files.append((name, content(), Int.random(in: 0..<4, using: &random) == 0))
            }
            if Bool.random(using: &random) { files.append((".gitattributes", attributes(), Bool.random(using: &random))) }
            try compare(fixture) { tree in
                for file in files {
                    try writeFile(tree + "/" + file.name, file.text)
                    if file.isStaged { try git("add", file.name, in: tree) }
                }
            }
        }
    }

    @Test func deletedAttributesSayNothing() throws {
        let fixture = try fixture("* text\n", ["a": "one\n"])
        for tree in [fixture.tree("api")] {
            _ = try run(["rm", ".gitattributes"], in: tree)
            try writeFile(tree + "/a", "two\r\n")
            try writeFile(tree + "/b", "two\r\n")
        }
        try fixture.remove("api", force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        for name in ["a", "b"] { #expect(try bytes(fixture.tree() + "/" + name) == Data("two\r\n".utf8)) }
        #expect(!exists(fixture.tree() + "/.gitattributes"))
    }

    @Test func filesInOtherEncodingsComeBackByteForByte() throws {
        let fixture = try fixture("*.le text working-tree-encoding=UTF-16LE-BOM eol=crlf\n*.u16 working-tree-encoding=UTF-16\n", [:])
        func text(_ line: String, _ mark: [UInt8]) -> Data { Data(mark + line.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) }
        for id in ["api", "docs"] {
            try writeFile(fixture.tree(id) + "/a.le", text("é\r\n", [0xFF, 0xFE]))
            try git("add", "a.le", in: fixture.tree(id))
            try git("commit", "-qm", "a", in: fixture.tree(id))
        }
        try compare(fixture) { tree in
            try writeFile(tree + "/a.le", text("ü\r\n", [0xFF, 0xFE]))
            try writeFile(tree + "/new.le", text("mixed\r\nlines\n", [0xFF, 0xFE]))
            // git writes the other order.
            try writeFile(tree + "/b.u16", text("é\n", [0xFF, 0xFE]))
        }
        // git refuses to store what is in another encoding: a stash fails. A removal keeps it as it is.
        try writeFile(fixture.tree() + "/c.u16", "no mark\n")
        let before = try look(fixture, "api")
        try fixture.remove("api", force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        #expect(try look(fixture, "api") == before)
    }

    @Test func whatCzarDoesNotConvertIsSaidByAnUndo() throws {
        let fixture = try fixture("*.up filter=up\n*.u16 working-tree-encoding=UTF-16\n", ["a.up": "a\n", "b.up": "b\n"])
        try git("config", "filter.up.smudge", "tr a-z A-Z", in: fixture.path)
        try git("config", "filter.up.clean", "tr A-Z a-z", in: fixture.path)
        try writeFile(fixture.tree() + "/b.up", "changed\n")
        try fixture.remove("api", force: true)
        let undone = try Undoer(fixture.coordinator()).undo()
        // What was changed is as it was.
        #expect(undone.sentence.hasSuffix("; 1 file holds the input of filter=up, which Czar does not run"), "\(undone.sentence)")
        #expect(try bytes(fixture.tree() + "/b.up") == Data("changed\n".utf8))
    }

    @Test func aLargeObjectOfTheLocalStoreComesBackWhole() throws {
        let fixture = try fixture("*.bin filter=lfs\n", [:])
        for command in ["smudge", "clean"] { try git("config", "filter.lfs.\(command)", "cat", in: fixture.path) }
        let content = "large object\n"
        let digest = try String(
            run(["sh", "-c", "printf 'large object\\n' | sha256sum"], in: fixture.path).output.prefix(64))
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(digest)\nsize \(content.utf8.count)\n"
        try writeFile(fixture.path + "/.git/lfs/objects/\(digest.prefix(2))/\(digest.dropFirst(2).prefix(2))/\(digest)", content)
        try writeFile(fixture.tree() + "/x.bin", pointer)
        try git("add", "x.bin", in: fixture.tree())
        try fixture.remove("api", force: true)
        let undone = try Undoer(fixture.coordinator()).undo()
        #expect(try bytes(fixture.tree() + "/x.bin") == Data(content.utf8))
        #expect(!undone.sentence.contains("Czar does not run"))
    }

    @Test func aSubmoduleOutsideASparseWorktreeStaysOutside() throws {
        let fixture = try TidyFixture.withSubmodule()
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"paths\":[\"src/**\"],\"sparse\":true}"
        try fixture.repository.write(
            ".czarina/config.json",
            "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        try fixture.repository.write("deep/x", "x\n")
        try git("mv", "sub", "deep/sub", in: fixture.path)
        try fixture.repository.commitAll("sparse")
        try fixture.create()
        try writeFile(fixture.tree() + "/src/file0", "changed\n")
        let before = try git("ls-files", "-t", in: fixture.tree())
        try #require(before.contains("S deep/sub"))
        try fixture.remove(force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        #expect(try git("ls-files", "-t", in: fixture.tree()) == before)
        #expect(!exists(fixture.tree() + "/deep"))
    }
}
