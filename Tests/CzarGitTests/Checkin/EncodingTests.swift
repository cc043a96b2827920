import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// The attribute `working-tree-encoding` in both directions; git is the oracle.
@Suite struct EncodingTests {
    private static let names = [
        "UTF-16", "utf16", "UTF-16LE", "UTF-16BE", "UTF-16LE-BOM", "utf-16le-bom", "UTF-32", "UTF-32LE", "SHIFT-JIS", "ISO-8859-1",
        "latin-1", "windows-1252", "ISO-2022-JP", "UTF-7", "utf8", "EUC-JP",
    ]
    private static let contents: [String: [UInt8]] = [
        "ascii": Array("one\ntwo $Id$\n".utf8), "accents": Array("é\nü\r\nß\n".utf8), "japanese": Array("日本\n語".utf8),
        "marked": Array("\u{FEFF}é\n".utf8), "beyond": Array("\u{1F600}\n".utf8), "empty": [], "invalid": [0x61, 0xE9, 0x0A],
        "end": [0x61, 0xC3],
    ]
    private static let more = ["", " text", " text=auto", " eol=crlf", " text=auto eol=crlf", " ident", " ident text eol=crlf"]

    private func fixture(_ encodings: [String]) throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try git("config", "core.safecrlf", "false", in: path)
        var lines = ""
        for (number, name) in encodings.enumerated() {
            for (kind, words) in Self.more.enumerated() { lines += "*.\(number)-\(kind) working-tree-encoding=\(name)\(words)\n" }
        }
        try fixture.bytes(".gitattributes", lines)
        try git("add", "-A", in: path)
        return fixture
    }

    /// Adds blobs as they are, whatever git would store.
    private func add(_ blobs: [String: [UInt8]], _ fixture: CheckoutFixture) throws {
        let path = fixture.repository.path
        var input = ""
        for (name, content) in blobs.sorted(by: { $0.key < $1.key }) {
            let aside = fixture.repository.around + "/aside"
            try writeFile(aside, Data(content))
            input += "100644 \(try git("hash-object", "-w", "--no-filters", aside, in: path))\t\(name)\n"
        }
        #expect(try run(["git", "update-index", "--add", "--index-info"], in: path, input: input).status == 0)
        try git("commit", "-qm", "first", in: path)
    }

    private func statusLines(_ path: String) throws -> [String] {
        try Repository(opening: path).status().entries.map { "\($0.staged)\($0.unstaged) \($0.path)" }.sorted()
    }

    private func gitLines(_ path: String) throws -> [String] {
        try run(["git", "status", "--porcelain"], in: path).output.split(separator: "\n").map(String.init).sorted()
    }

    @Test func aCheckoutWritesTheBytesThatGitWrites() throws {
        let names = Self.names + ["UTF-99", "UTF-16BE-BOM"]
        let fixture = try fixture(names)
        var blobs: [String: [UInt8]] = [:]
        for number in names.indices {
            for kind in Self.more.indices {
                for (name, content) in Self.contents { blobs["\(name).\(number)-\(kind)"] = content }
            }
        }
        blobs["large.0-0"] = Array(String(repeating: "é one\n", count: 300_000).utf8)
        try add(blobs, fixture)
        let oracle = try fixture.oracle("o")
        let made = try fixture.add("w")
        // git reads UTF-16BE-BOM nowhere, so files that it writes count as changed as soon as it looks: they are left as they are.
        let unknown = "[.]\(names.count - 1)-"
        let found = try differences(made.path, oracle).split(separator: "\n").filter {
            $0.range(of: unknown, options: .regularExpression) == nil
        }
        #expect(found.filter { $0.hasPrefix("Binary") || $0.hasPrefix("Only") || $0.hasPrefix("diff") } == [])
        #expect(try listing(of: made.path) == listing(of: oracle))
        // Some come back otherwise, which git says of those that are as young as the index, in whole seconds.
        #expect(try Set(statusLines(made.path)).subtracting(gitLines(made.path)).sorted().prefix(5) == [])
        let left = made.report.unfiltered
        #expect(left["working-tree-encoding=UTF-99"] == Self.contents.count * Self.more.count)
        // What the encoding lacks, and what is no UTF-8.
        #expect(left["working-tree-encoding=ISO-8859-1"] == 5 * Self.more.count)
        #expect(left["working-tree-encoding=UTF-16"] == 2 * Self.more.count)
        #expect(left["working-tree-encoding=utf8"] == nil)
        // Looked at again, they are what they were to git too; except that it may read the blob's own bytes in the encoding.
        for tree in [made.path, oracle] {
            _ = try run(["sh", "-c", "find . -name .git -prune -o -type f -exec touch -d '5 seconds ago' {} +"], in: tree)
        }
        let others = try Set(gitLines(made.path)).symmetricDifference(gitLines(oracle))
        #expect(others.filter { $0.range(of: unknown, options: .regularExpression) == nil }.sorted().prefix(5) == [])
        #expect(try Set(statusLines(made.path)).symmetricDifference(gitLines(made.path)).sorted().prefix(5) == [])
    }

    /// It is the blob byte for byte, and in its encoding another text.
    @Test func aFileThatHoldsTheBlobsOwnBytesIsChanged() throws {
        let fixture = try fixture(["ISO-8859-1"])
        try add(["a.0-0": Array("é\n".utf8), "b.0-0": Array("plain\n".utf8)], fixture)
        let path = try fixture.add("w").path
        for (name, text) in [("a.0-0", "é\n"), ("b.0-0", "plain\n")] { try writeFile(path + "/" + name, text) }
        // As after an undo: the index knows no sizes.
        try git("read-tree", "HEAD", in: path)
        #expect(try statusLines(path) == gitLines(path) && statusLines(path) == [" M a.0-0"])
        #expect(try Repository(opening: path).work().tracked.map(\.path.description) == ["a.0-0"])
    }

    /// Bytes that are right and wrong in each encoding.
    private static let files: [String: [UInt8]] = [
        "le": [0x61, 0, 0xE9, 0, 0x0D, 0, 0x0A, 0], "be": [0, 0x61, 0, 0xE9, 0, 0x0D, 0, 0x0A],
        "le-mark": [0xFF, 0xFE, 0x61, 0, 0x0D, 0, 0x0A, 0], "be-mark": [0xFE, 0xFF, 0, 0x61, 0, 0x0D, 0, 0x0A],
        "le-32": [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0, 0x0A, 0, 0, 0], "be-32": [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61], "half": [0xFF, 0xFE, 0x61],
        "surrogate": [0xFF, 0xFE, 0x3D, 0xD8, 0x0A, 0], "plain": Array("one\r\ntwo $Id: x $\n".utf8), "utf8": Array("é日本\r\n".utf8),
        "sjis": [0x93, 0xFA, 0x96, 0x7B, 0x0A], "sjis-trip": [0x81, 0x5C, 0x81, 0xCA, 0x5C, 0x7E, 0x0A], "latin": [0xE9, 0x0D, 0x0A],
        "iso-jp": [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42, 0x0A], "empty": [],
    ]

    @Test(arguments: [nil, "", "UTF-16, SHIFT-JIS", "xSHIFT-JIS SHIFT-JIS"])
    func filesAreStoredAsGitStoresThem(checked: String?) throws {
        let fixture = try fixture(Self.names)
        let path = fixture.repository.path
        if let checked { try git("config", "core.checkRoundtripEncoding", checked, in: path) }
        let kinds = [0, 2, 6]
        var names: [String] = []
        for number in Self.names.indices {
            for kind in kinds {
                for (name, content) in Self.files {
                    names.append("\(name).\(number)-\(kind)")
                    try writeFile(path + "/" + names[names.count - 1], Data(content))
                }
            }
        }
        let opened = try Repository(opening: path)
        let checkin = try Checkin(of: opened, concerning: names.map { RepositoryPath($0) }) { _ in nil }
        // As `git status` asks, which goes on, and as `git add` does, which refuses.
        let script = "while read -r f; do git hash-object \"$f\" 2> /dev/null; git hash-object -w \"$f\" 2> /dev/null || echo refused; done"
        let answers = try run(["sh", "-c", script], in: path, input: names.map { $0 + "\n" }.joined()).output.split(separator: "\n")
        try #require(answers.count == names.count * 2)
        var (wrong, refused): ([String], Int) = ([], 0)
        for (number, name) in names.enumerated() {
            let file = RepositoryPath(name)
            let id = try checkin.id(of: file, known: nil, in: opened).hex
            if id != answers[number * 2] { wrong.append("\(name): \(id), not \(answers[number * 2])") }
            let stored = (try? checkin.store(file, known: nil, in: opened).hex) ?? "refused"
            if stored != answers[number * 2 + 1] { wrong.append("\(name) stored: \(stored), not \(answers[number * 2 + 1])") }
            if stored == "refused" { refused += 1 }
            // A removal keeps also what git refuses.
            _ = try checkin.store(file, known: nil, in: opened, anyway: true)
        }
        #expect(wrong.prefix(5) == [])
        #expect(refused > 50 && refused < names.count)
    }

    @Test func whatIsChangedInSuchAFileIsCommittedAsByGit() throws {
        let fixture = try fixture(["UTF-16LE-BOM", "ISO-8859-1"])
        try add(["a.0-4": Array("é\nü\n".utf8), "b.0-0": Array("same\n".utf8), "c.1-1": Array("é\n".utf8)], fixture)
        let mine = try fixture.add("w").path
        let theirs = try fixture.oracle("o")
        for (name, value) in [("user.name", "W"), ("user.email", "w@example.org")] { try git("config", name, value, in: mine) }
        func text(_ line: String) -> Data { Data([0xFF, 0xFE] + line.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) }
        for tree in [mine, theirs] {
            // Of the same size, so that the content has to be looked at.
            try writeFile(tree + "/a.0-4", text("é\r\nö\r\n"))
            try writeFile(tree + "/b.0-0", text("same\n"))
            try writeFile(tree + "/c.1-1", Data([0xE8, 0x0A]))
            try writeFile(tree + "/new.0-0", text("日本\n"))
        }
        #expect(try statusLines(mine) == gitLines(theirs) && statusLines(mine) == [" M a.0-4", " M c.1-1", "?? new.0-0"])
        #expect(try Set(Repository(opening: mine).work().tracked.map(\.path.description)) == ["a.0-4", "c.1-1"])
        _ = try Repository(opening: mine).commitFiles(CommitRequest(message: "work"))
        try git("add", "-A", in: theirs)
        #expect(try git("rev-parse", "HEAD^{tree}", in: mine) == git("write-tree", in: theirs))
        #expect(try gitLines(mine) == [] && statusLines(mine) == [])
        #expect(try git("cat-file", "-p", "HEAD:a.0-4", in: mine) == "é\nö")
        // In another encoding than its own it is refused, and nothing is stored.
        try writeFile(mine + "/b.0-0", "é\n")
        try writeFile(mine + "/d.0-0", text("x") + Data([0]))
        let error = #expect(throws: CommitFilesError.self) { try Repository(opening: mine).commitFiles(CommitRequest(message: "more")) }
        guard case .git(let failure)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(failure.code == .cannotStore)
    }
}
