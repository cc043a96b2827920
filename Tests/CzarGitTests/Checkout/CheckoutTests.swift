import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// A repository, and worktrees of one of its revisions made by git and by Czar.
struct CheckoutFixture {
    let repository: GitRepository
    var location: RepositoryLocation { get throws { try .discover(from: repository.path) } }

    init() throws { repository = try GitRepository(commit: false) }

    func bytes(_ name: String, _ content: String, executable: Bool = false) throws {
        try repository.write(name, content)
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: repository.path + "/" + name) }
    }

    /// Adds a worktree on a new branch at `revision`, Czar's way.
    func add(_ name: String, at revision: String = "HEAD") throws -> AddedWorktree {
        try location.addWorktree(request(name, at: revision))
    }

    func request(_ name: String, at revision: String = "HEAD") throws -> WorktreeRequest {
        try git("branch", name, revision, in: repository.path)
        let commit = try Repository(opening: repository.path).resolve(name)
        return WorktreeRequest(name: name, path: "trees/" + name, root: repository.around, branch: name, commit: commit)
    }

    /// The same by git.
    func oracle(_ name: String, at revision: String = "HEAD") throws -> String {
        let path = repository.around + "/oracle/" + name
        try git("worktree", "add", "-q", "--detach", path, revision, in: repository.path)
        return path
    }

    /// Everything in which a worktree must agree with git's.
    func expectAgreement(_ path: String, _ oracle: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try differences(path, oracle) == "", sourceLocation: sourceLocation)
        #expect(try listing(of: path) == listing(of: oracle), sourceLocation: sourceLocation)
        #expect(try indexListing(of: path) == indexListing(of: oracle), sourceLocation: sourceLocation)
        #expect(try git("status", "--porcelain", "--ignored", in: path) == "", sourceLocation: sourceLocation)
        #expect(try git("write-tree", in: path) == git("rev-parse", "HEAD^{tree}", in: path), sourceLocation: sourceLocation)
        let check = try run(["git", "fsck", "--strict"], in: path)
        #expect(check.status == 0 && check.errors == "", sourceLocation: sourceLocation)
    }

    /// Checks out HEAD both ways, twice by Czar: from the object database, and with the main worktree to copy from.
    func expectAgreement(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let theirs = try oracle("o")
        try expectAgreement(try add("copied").path, theirs, sourceLocation: sourceLocation)
        let request = try request("inflated")
        let bare = repository.around + "/bare.git"
        try git("clone", "-q", "--bare", repository.path, bare, in: repository.around)
        try git("config", "--file", bare + "/config", "include.path", repository.path + "/.git/config", in: repository.around)
        try git("config", "--file", bare + "/config", "core.bare", "true", in: repository.around)
        let inflated = try RepositoryLocation.discover(from: bare).addWorktree(request)
        try expectAgreement(inflated.path, theirs, sourceLocation: sourceLocation)
    }
}

@Suite struct CheckoutTests {
    @Test func filesLinksAndModesAreThoseOfGit() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("plain", "hello\n")
        try fixture.bytes("empty", "")
        try fixture.bytes("tool", "#!/bin/sh\n", executable: true)
        try fixture.bytes("a/b/c/d/e/f/g/deep", "deep\n")
        try fixture.bytes("a.b/beside", "sorts between a and a/\n")
        try fixture.bytes("a-b", "sorts before a.b\n")
        try fixture.bytes("with space/new\nline \"quoted\" \\ back", "odd\n")
        try fixture.bytes("ünïcode/日本", "names\n")
        try fixture.bytes(Array(repeating: "long-folder-name", count: 20).joined(separator: "/") + "/file", "340 characters\n")
        try fixture.bytes(String(repeating: "n", count: 255), "longest name\n")
        try fixture.bytes("big", String(repeating: "0123456789abcdef", count: 200_000))
        for (name, target) in [("link", "plain"), ("a/dangling", "../nowhere"), ("folder link", "a/b"), ("absolute", "/etc")] {
            try FileManager.default.createSymbolicLink(atPath: fixture.repository.path + "/" + name, withDestinationPath: target)
        }
        for index in 0..<300 { try fixture.bytes("many/file\(index)", "content \(index % 7)\n") }
        // A name that is no UTF-8, which Foundation cannot write.
        _ = try run(["bash", "-c", "printf x > $'latin-\\xe9'"], in: fixture.repository.path)
        try fixture.repository.commitAll()
        try fixture.expectAgreement()
    }

    @Test func submodulesAreEmptyFolders() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("file", "x\n")
        try fixture.bytes(".gitmodules", "[submodule \"inner\"]\n\tpath = lib/inner\n\turl = ../inner\n")
        try git("add", "-A", in: fixture.repository.path)
        let commit = String(repeating: "1234", count: 10)
        try git("update-index", "--add", "--cacheinfo", "160000,\(commit),lib/inner", in: fixture.repository.path)
        try git("commit", "-qm", "module", in: fixture.repository.path)
        let theirs = try fixture.oracle("o")
        let path = try fixture.add("w").path
        #expect(try differences(path, theirs) == "")
        #expect(try listing(of: path) == listing(of: theirs))
        #expect(try indexListing(of: path) == indexListing(of: theirs))
        #expect(try git("status", "--porcelain", in: path) == "")
        #expect(exists(path + "/lib/inner"))
    }

    @Test(arguments: [[], ["core.autocrlf", "true"], ["core.autocrlf", "input"], ["core.eol", "crlf"], ["core.symlinks", "false"]])
    func attributesAndSettingsHaveGitsEffects(setting: [String]) throws {
        let fixture = try CheckoutFixture()
        let contents = [
            "lf": "one\ntwo\n", "crlf": "one\r\ntwo\r\n", "mixed": "one\r\ntwo\nthree\n", "lonecr": "one\rtwo\nthree\n",
            "nul": "one\0\ntwo\n",
            "control": "a\u{1}\u{2}\u{3}\nb\n", "eof": "text\n\u{1a}", "none": "no end",
            "ident": "$Id$ and $Id: 123456 $ and $Id: a b c $\n$Id:x\n$ $Id: $$Id$ $Id\n", "empty": "",
        ]
        for (name, content) in contents {
            for folder in [
                "plain", "text", "auto", "crlf", "autocrlf", "lf", "minus", "binary", "ident", "both", "old", "macro", "sub/deep",
            ] {
                try fixture.bytes("\(folder)/\(name).txt", content)
            }
        }
        try fixture.bytes(
            ".gitattributes",
            """
            # nothing here counts: *.txt eol=crlf
            text/** text
            auto/*.txt text=auto
            crlf/*.txt eol=crlf
            autocrlf/*.txt text=auto eol=crlf
            lf/*.txt eol=lf
            minus/*.txt -text eol=crlf
            binary/* binary
            ident/*.txt ident
            both/*.txt ident eol=crlf
            old/*.txt crlf
            [attr]windows text eol=crlf
            macro/*.txt windows
            "sub/deep/e*.txt" ident

            """)
        try fixture.bytes("sub/.gitattributes", "*.txt eol=crlf\n/deep/lf.txt !eol\n")
        try fixture.bytes("sub/deep/.gitattributes", "mixed.txt -text\n")
        try FileManager.default.createSymbolicLink(atPath: fixture.repository.path + "/crlf/link.txt", withDestinationPath: "lf.txt")
        let path = fixture.repository.path
        // The blobs hold exactly these bytes, whatever the attributes would have made of them.
        try git("config", "core.safecrlf", "false", in: path)
        for file in try git("ls-files", "-o", in: path).split(separator: "\n").map(String.init) {
            let isLink = file.hasSuffix("link.txt")
            let id =
                isLink
                ? try git("hash-object", "-w", "--stdin", in: path, input: "lf.txt")
                : try git("hash-object", "-w", "--no-filters", file, in: path)
            try git("update-index", "--add", "--cacheinfo", "\(isLink ? "120000" : "100644"),\(id),\(file)", in: path)
        }
        try git("commit", "-qm", "attributes", in: path)
        if setting.count == 2 { try git("config", setting[0], setting[1], in: path) }
        let theirs = try fixture.oracle("o")
        let ours = try fixture.add("w").path
        #expect(try differences(ours, theirs) == "")
        #expect(try listing(of: ours) == listing(of: theirs))
        #expect(try indexListing(of: ours) == indexListing(of: theirs))
        // Some of these files are modified for git as well, when it looks: their blobs hold what git would not have stored.
        for worktree in [ours, theirs] { _ = try run(["find", ".", "-type", "f", "-exec", "touch", "-h", "{}", "+"], in: worktree) }
        #expect(try git("status", "--porcelain", in: ours) == git("status", "--porcelain", in: theirs))
    }

    @Test func attributesComeFromTheTreeThatIsCheckedOut() throws {
        let fixture = try CheckoutFixture()
        try fixture.bytes("a.txt", "one\ntwo\n")
        try fixture.bytes("b.txt", "three\n")
        try fixture.repository.commitAll()
        try git("branch", "without", in: fixture.repository.path)
        try fixture.bytes(".gitattributes", "*.txt eol=crlf\n")
        try git("add", ".gitattributes", in: fixture.repository.path)
        try git("commit", "-qm", "attributes", in: fixture.repository.path)
        let requests = [try fixture.request("w1", at: "without"), try fixture.request("w2", at: "main"), try fixture.request("w3")]
        let made = try fixture.location.addWorktrees(requests).map { try $0.get() }
        try fixture.expectAgreement(made[0].path, try fixture.oracle("o1", at: "without"))
        try fixture.expectAgreement(made[1].path, try fixture.oracle("o2", at: "main"))
        try fixture.expectAgreement(made[2].path, try fixture.oracle("o3", at: "main"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: made[0].path + "/a.txt")) == Data("one\ntwo\n".utf8))
        #expect(try Data(contentsOf: URL(fileURLWithPath: made[1].path + "/a.txt")) == Data("one\r\ntwo\r\n".utf8))
    }

    @Test func differentBasesShareWhatTheirTreesShare() throws {
        let fixture = try CheckoutFixture()
        for index in 0..<120 { try fixture.bytes("f\(index % 5)/g\(index % 3)/file\(index)", "content \(index)\n") }
        try fixture.repository.commitAll()
        // A file becomes a folder, modes and contents change, folders appear and vanish.
        let scripts = [
            "chmod +x f0/g0/file0; echo x >> f1/g1/file1; rm -r f2",
            "rm f0/g0/file0; mkdir f0/g0/file0; echo y > f0/g0/file0/in; mkdir new; echo z > new/z",
            "git mv f3 f3.moved; ln -s f1 link; rm f4/g1/*", "git rm -rq .; echo only > only",
        ]
        for (index, script) in scripts.enumerated() {
            try git("checkout", "-qb", "base\(index)", "main", in: fixture.repository.path)
            #expect(try run(["bash", "-ec", script], in: fixture.repository.path).status == 0)
            try fixture.repository.commitAll()
        }
        let bases = ["main", "base0", "base1", "base2", "base3", "base1"]
        let requests = try bases.enumerated().map { try fixture.request("w\($0)", at: $1) }
        let made = try fixture.location.addWorktrees(requests).map { try $0.get() }
        for (index, base) in bases.enumerated() {
            try fixture.expectAgreement(made[index].path, try fixture.oracle("o\(index)", at: base))
        }
    }

    @Test func indexesThatTakeTooMuchMemoryTogetherAreMadeInTurn() throws {
        let fixture = try CheckoutFixture()
        for number in 0..<40 { try fixture.bytes("d\(number % 4)/f\(number)", "\(number)\n") }
        for number in 0..<5 {
            try fixture.bytes("d0/changing", "\(number)\n")
            try fixture.repository.commitAll("\(number)")
        }
        let requests = try (0..<7).map { try fixture.request("w\($0)", at: "HEAD~\($0 % 5)") }
        let theirs = try (0..<5).map { try fixture.oracle("o\($0)", at: "HEAD~\($0)") }
        let seen = Mutex<Set<Int>>([])
        var options = CheckoutOptions()
        options.progress = { progress in seen.withLock { _ = $0.insert(progress.totalFiles) } }
        // One index has about 3,000 bytes.
        options.indexes = 8000
        for (number, result) in try fixture.location.addWorktrees(requests, options: options).enumerated() {
            try fixture.expectAgreement(try result.get().path, theirs[number % 5])
        }
        #expect(seen.withLock { $0 } == [82, 41])
    }
}
