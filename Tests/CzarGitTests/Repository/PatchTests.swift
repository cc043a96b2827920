import CzarGit
import Foundation
import TestSupport
import Testing

/// Patches are git's, byte by byte.
@Suite struct PatchTests {
    private func patch(_ repository: GitRepository, _ old: String, _ new: String) throws -> String {
        let opened = try Repository(opening: repository.path)
        let changes = try opened.changes(from: try opened.tree(of: opened.resolve(old)), to: try opened.tree(of: opened.resolve(new)))
        var bytes: [UInt8] = []
        try opened.patch(of: changes) { bytes += $0.bytes }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func expectGits(_ repository: GitRepository, _ old: String, _ new: String) throws {
        let wanted = try run(["git", "diff", "-M", old, new], in: repository.path).output
        #expect(try patch(repository, old, new) == wanted)
        #expect(!wanted.isEmpty)
    }

    @Test func everyKindOfChangeReadsAsGitWritesIt() throws {
        let repository = try GitRepository()
        let long = (1...60).map { "func line\($0)() {\n    return \($0)\n}\n" }.joined(separator: "\n")
        try repository.write("long.swift", long)
        try repository.write("moved/here.txt", (1...40).map { "\($0)\n" }.joined())
        try repository.write("same.txt", (1...9).map { "same \($0)\n" }.joined())
        try repository.write("gone.txt", "gone\n")
        try repository.write("no end", "without end")
        try repository.write("tool.sh", "#!/bin/sh\n")
        try repository.write("becomes-link", "text\n")
        try repository.write("crlf.txt", "a\r\nb\r\n")
        try writeFile(repository.path + "/data.bin", Data([0, 1, 2, 3]))
        try repository.commitAll("old")
        try repository.write(
            "long.swift", long.replacingOccurrences(of: "return 30", with: "return 31").replacingOccurrences(of: "line60", with: "last"))
        try repository.write("moved/there.txt", (1...40).map { $0 == 20 ? "twenty\n" : "\($0)\n" }.joined())
        try repository.write("other/same.txt", (1...9).map { "same \($0)\n" }.joined())
        for name in ["moved/here.txt", "same.txt", "gone.txt", "becomes-link"] {
            try FileManager.default.removeItem(atPath: repository.path + "/" + name)
        }
        try FileManager.default.createSymbolicLink(atPath: repository.path + "/becomes-link", withDestinationPath: "tool.sh")
        try repository.write("no end", "without end, still")
        try repository.write("empty", "")
        try repository.write("name with space", "x\n")
        try repository.write("schön.txt", "ö\n")
        try repository.write("quo\"te", "q\n")
        try repository.write("crlf.txt", "a\r\nc\r\n")
        try writeFile(repository.path + "/data.bin", Data([0, 1, 2, 4]))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: repository.path + "/tool.sh")
        try repository.commitAll("new")
        try expectGits(repository, "HEAD~1", "HEAD")
        try expectGits(repository, "HEAD", "HEAD~1")
        try git("config", "core.quotePath", "false", in: repository.path)
        try git("config", "core.abbrev", "12", in: repository.path)
        try expectGits(repository, "HEAD~1", "HEAD")
    }

    @Test func edgesOfFilesAndSubmodulesReadAsGitWritesThem() throws {
        let repository = try GitRepository()
        let id = try git("rev-parse", "HEAD", in: repository.path)
        try git("update-index", "--add", "--cacheinfo", "160000,\(id),sub", in: repository.path)
        try repository.write("a", "one\n")
        try git("add", "a", in: repository.path)
        try git("commit", "-qm", "old", in: repository.path)
        let next = try git("rev-parse", "HEAD", in: repository.path)
        try git("update-index", "--cacheinfo", "160000,\(next),sub", in: repository.path)
        try repository.write("a", "one")
        try repository.write("b", "\n\n\n")
        try git("add", "a", "b", in: repository.path)
        try git("commit", "-qm", "new", in: repository.path)
        try expectGits(repository, "HEAD~1", "HEAD")
    }

    @Test func randomEditsReadAsGitWritesThem() throws {
        let repository = try GitRepository()
        var random = SeededGenerator(seed: 5)
        var lines = (0..<200).map { _ in
            ["{", "}", "", "    call()", "func \(UInt8.random(in: 0...9, using: &random))()"].randomElement(using: &random)!
        }
        for round in 0..<6 {
            for _ in 0..<12 {
                let place = Int.random(in: 0..<lines.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: lines.remove(at: place)
                case 1: lines.insert("    new \(round)", at: place)
                default: lines[place] += " // \(round)"
                }
            }
            try repository.write("file.c", lines.joined(separator: "\n") + "\n")
            try repository.commitAll("round \(round)")
            if round > 0 { try expectGits(repository, "HEAD~1", "HEAD") }
        }
    }
}
