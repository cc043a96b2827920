import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Content that is copied from the main worktree's files instead of being inflated.
@Suite struct DonorTests {
    /// Lets git write a file of the main worktree, whose index then trusts it.
    private func writeByGit(_ name: String, in path: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + name)
        try git("checkout", "-q", "--", name, in: path)
        try git("status", in: path)
        _ = try run(["touch", "-d", "+1 minute", ".git/index"], in: path)
    }

    /// Two commits with the same files; only the first, which main stays at, has the attributes.
    private func fixture(_ attributes: String, _ files: [String: String]) throws -> CheckoutFixture {
        let fixture = try CheckoutFixture()
        for (name, content) in files { try fixture.bytes(name, content) }
        try fixture.bytes(".gitattributes", attributes)
        try fixture.repository.commitAll()
        let path = fixture.repository.path
        try git("checkout", "-q", "-b", "plain", in: path)
        try git("rm", "-q", ".gitattributes", in: path)
        try git("commit", "-qm", "no attributes", in: path)
        try git("checkout", "-q", "main", in: path)
        return fixture
    }

    private func content(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test(arguments: [12, 3 << 20]) func whatAFilterMadeThereIsNotTheBlob(_ length: Int) throws {
        let text = String(repeating: "hello world\n", count: length / 12)
        let fixture = try fixture("*.txt filter=up\n", ["a.txt": text])
        let path = fixture.repository.path
        try git("config", "filter.up.smudge", "tr a-z A-Z", in: path)
        try git("config", "filter.up.clean", "tr A-Z a-z", in: path)
        try writeByGit("a.txt", in: path)
        #expect(try content(path + "/a.txt") == text.uppercased())
        // Neither the branch's attributes nor the configuration know of it by now.
        try git("config", "--remove-section", "filter.up", in: path)
        #expect(try content(fixture.add("w", at: "plain").path + "/a.txt") == text)
        // As where the main worktree itself has lost them: git leaves its file alone.
        try git("rm", "-q", "--cached", ".gitattributes", in: path)
        #expect(try content(fixture.add("v", at: "plain").path + "/a.txt") == text)
    }

    @Test func textThatLargeFileStorageWroteIsNotItsPointer() throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "ab", count: 32))\nsize 9\n"
        let fixture = try fixture("*.csv filter=lfs -text\n", ["a.csv": pointer])
        let path = fixture.repository.path
        try git("config", "filter.lfs.smudge", "sed -n 's/^oid.*/a,b\\n1,2/p'", in: path)
        try writeByGit("a.csv", in: path)
        #expect(try content(path + "/a.csv") == "a,b\n1,2\n")
        let added = try fixture.add("w", at: "plain")
        #expect(try content(added.path + "/a.csv") == pointer)
        #expect(added.report.unfiltered == [:])
    }

    /// Also where attributes name the file and change nothing in it.
    @Test(arguments: [12, 3 << 20], ["", "*.txt filter=unknown\n", "*.txt working-tree-encoding=UTF-8 text eol=lf\n"])
    func aCleanFileIsCopiedAlsoWhereAFilterIsConfigured(_ length: Int, _ attributes: String) throws {
        let text = String(repeating: "hello world\n", count: length / 12)
        let fixture = try CheckoutFixture()
        let path = fixture.repository.path
        try fixture.bytes(".gitattributes", attributes)
        try git("config", "filter.up.smudge", "tr a-z A-Z", in: path)
        try fixture.bytes("a.txt", text)
        try fixture.repository.commitAll()
        try git("status", in: path)
        _ = try run(["touch", "-d", "+1 minute", ".git/index"], in: path)
        let request = try fixture.request("w")
        // The object cannot be read, so the content can only be the file's.
        let id = try git("rev-parse", "HEAD:a.txt", in: path)
        let object = path + "/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))"
        let length = try Data(contentsOf: URL(fileURLWithPath: object)).count
        _ = try run(["chmod", "u+w", object], in: path)
        if length < 1 << 20, text.utf8.count < 1 << 20 { try writeFile(object, Data(repeating: 0x55, count: length)) }
        #expect(try content(fixture.location.addWorktree(request).path + "/a.txt") == text)
    }
}
