import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct CommitFilesTests {
    private let who = Signature(name: "W", email: "w@example.org", seconds: 1_790_000_001, offsetMinutes: 60)

    private func commit(_ path: String, patterns: [String] = [], skipSigning: Bool = false) throws -> ObjectID {
        try Repository(opening: path).commitFiles(
            CommitRequest(message: "all of it\n", excludedPatterns: patterns, author: who, committer: who, skipSigning: skipSigning))
    }

    /// A refused commit changes neither HEAD nor index nor files.
    private func expectRefusal(_ expected: CommitFilesError, in path: String) throws {
        let head = try git("rev-parse", "HEAD", in: path)
        let index = try Data(contentsOf: URL(fileURLWithPath: path + "/.git/index"))
        #expect(throws: expected) { try commit(path) }
        #expect(try git("rev-parse", "HEAD", in: path) == head)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/.git/index")) == index)
    }

    @Test func everythingIsCommittedAndStatusIsCleanAfterwards() throws {
        let repository = try GitRepository()
        for name in ["edited", "gone", "mode", "toFolder", "toLink", "was/one", "was/two"] { try repository.write(name, name + "\n") }
        try repository.write(".gitignore", "*.o\n")
        try repository.commitAll()
        let path = repository.path
        try repository.write("edited", "now\n")
        try FileManager.default.removeItem(atPath: path + "/gone")
        chmod(path + "/mode", 0o755)
        try FileManager.default.removeItem(atPath: path + "/toFolder")
        try repository.write("toFolder/in/side", "x")
        try FileManager.default.removeItem(atPath: path + "/was")
        try repository.write("was", "a file now")
        try FileManager.default.removeItem(atPath: path + "/toLink")
        try FileManager.default.createSymbolicLink(atPath: path + "/toLink", withDestinationPath: "edited")
        try repository.write("new/\u{E9} and\nline", "x")
        try repository.write("built.o", "x")
        try repository.write("scratch.tmp", "x")
        for tool in ["WORKER_IDENTITY.md", ".czar/outbox/1", ".WORKER_COMPLETE"] { try repository.write(tool, "x") }
        // A tool file that somebody staged by force stays out of the commit too.
        try git("add", "-f", "WORKER_IDENTITY.md", in: path)
        let id = try commit(path, patterns: ["*.tmp"])
        #expect(try git("rev-parse", "refs/heads/main", in: path) == id.hex)
        #expect(try git("reflog", "-1", "--format=%gs", in: path) == "commit: all of it")
        #expect(
            try git("status", "--porcelain", in: path).split(separator: "\n").sorted()
                == ["?? .WORKER_COMPLETE", "?? .czar/", "?? WORKER_IDENTITY.md", "?? scratch.tmp"])
        #expect(try git("fsck", "--strict", in: path).isEmpty)
        #expect(
            try git("show", "--format=", "--name-status", "--no-renames", "-z", in: path).replacingOccurrences(of: "\0", with: "|")
                == "M|edited|D|gone|M|mode|A|new/\u{E9} and\nline|D|toFolder|A|toFolder/in/side|T|toLink|A|was|D|was/one|D|was/two|")
        // The tree is the one that git itself would write.
        try git("reset", "-q", "HEAD~1", in: path)
        try writeFile(path + "/.git/info/exclude", "*.tmp\n/WORKER_IDENTITY.md\n/.czar/\n/.WORKER_COMPLETE\n")
        try git("add", "-A", in: path)
        #expect(try git("write-tree", in: path) == git("rev-parse", "\(id)^{tree}", in: path))
    }

    @Test func theFirstCommitOfAnUnbornBranchAndALinkedWorktree() throws {
        let repository = try GitRepository(commit: false)
        try repository.write("a", "x")
        let first = try commit(repository.path)
        #expect(try git("rev-parse", "main", in: repository.path) == first.hex)
        #expect(try git("status", "--porcelain", in: repository.path).isEmpty)
        try git("worktree", "add", "-q", "-b", "side", repository.around + "/linked", in: repository.path)
        try writeFile(repository.around + "/linked/b", "y")
        let id = try commit(repository.around + "/linked")
        #expect(try git("rev-parse", "side", in: repository.path) == id.hex)
        #expect(try git("status", "--porcelain", in: repository.around + "/linked").isEmpty)
    }

    @Test func filesAreStoredAsTheirAttributesSayToGit() throws {
        let repository = try GitRepository()
        let path = repository.path
        try repository.write(".gitattributes", "* text\n\"my logo.png\" binary\n*.i ident\nstay.txt text=auto\n")
        try git("config", "core.safecrlf", "false", in: path)
        try repository.write("crlf.txt", "one\n")
        try repository.write("gone.txt", "one\n")
        try repository.commitAll()
        let files = [
            "my logo.png": "\u{89}PNG\r\n\u{1A}\n", "k.i": "$Id$ $Id: two $\r\n", "crlf.txt": "one\r\ntwo\r\n", "run me": "#!/bin/sh\r\n",
        ]
        for (name, text) in files { try repository.write(name, text) }
        chmod(path + "/run me", 0o755)
        let id = try commit(path)
        #expect(try git("status", "--porcelain", in: path).isEmpty)
        for name in files.keys { #expect(try git("rev-parse", "\(id):\(name)", in: path) == git("hash-object", name, in: path)) }
        #expect(try git("ls-files", "-s", "run me", in: path).hasPrefix("100755"))
        // A file that only libgit2 takes for unchanged is committed too.
        try repository.write("my logo.png", "\u{89}PNG\n\u{1A}\n")
        let next = try commit(path)
        #expect(try git("rev-parse", "\(next):my logo.png", in: path) == git("hash-object", "--no-filters", "my logo.png", in: path))
        // As git, with this setting.
        try git("config", "core.safecrlf", "true", in: path)
        try repository.write("crlf.txt", "three\r\n")
        #expect(try run(["git", "add", "crlf.txt"], in: path).status != 0)
        #expect(throws: CommitFilesError.self) { try commit(path) }
    }

    @Test func aNewFileOfAFolderInAnotherCaseIsCalledAsGitCallsIt() throws {
        let repository = try GitRepository()
        let path = repository.path
        try repository.write("Sub/Deep/old", "x")
        try repository.commitAll()
        try git("config", "core.ignorecase", "true", in: path)
        try repository.write("sub/deep/new", "x")
        let id = try commit(path)
        #expect(try git("ls-tree", "-r", "--name-only", id.hex, in: path) == "README\nSub/Deep/new\nSub/Deep/old")
    }

    @Test func whatCannotBeCommittedRightlyIsRefused() throws {
        let repository = try GitRepository()
        let path = repository.path
        try expectRefusal(.noChanges, in: path)
        try repository.write("WORKER_IDENTITY.md", "x")
        try expectRefusal(.noChanges, in: path)

        try git("init", "-q", path + "/nested", in: path)
        try writeFile(path + "/nested/f", "x")
        try expectRefusal(.nestedRepository(RepositoryPath("nested")), in: path)
        try FileManager.default.removeItem(atPath: path + "/nested")

        try git("config", "filter.up.clean", "tr a-z A-Z", in: path)
        try git("config", "filter.crypt.required", "true", in: path)
        try repository.write(
            ".gitattributes",
            "*.up filter=up\n*.lfs filter=lfs\n*.utf working-tree-encoding=UTF-99\n*.secret filter=crypt\n\"b c\" filter=up\n!no.up !filter\n"
        )
        try repository.write("d/.gitattributes", "\"b c\" filter=lfs\n")
        let filtered = [
            ("a.up", "up"), ("a.lfs", "lfs"), ("a.utf", "working-tree-encoding=UTF-99"), ("b c", "up"), ("no.up", "up"), ("d/b c", "lfs"),
            ("a.secret", "crypt"),
        ]
        for (file, filter) in filtered {
            try repository.write(file, "x")
            try expectRefusal(.filtered(path: RepositoryPath(file), filter: filter), in: path)
            try FileManager.default.removeItem(atPath: path + "/" + file)
        }

        try git("config", "commit.gpgsign", "true", in: path)
        try expectRefusal(.signingRequired, in: path)
        let id = try commit(path, skipSigning: true)
        try git("config", "commit.gpgsign", "false", in: path)

        try git("checkout", "-q", "--detach", in: path)
        try repository.write("b", "x")
        try expectRefusal(.detachedHead(id), in: path)
    }

    @Test func operationsInProgressAreRefused() throws {
        let repository = try GitRepository()
        let path = repository.path
        try git("branch", "other", in: path)
        try repository.write("README", "main\n")
        try repository.commitAll()
        try git("checkout", "-q", "other", in: path)
        try repository.write("README", "other\n")
        try repository.commitAll()
        #expect(try run(["git", "merge", "main"], in: path).status != 0)
        try expectRefusal(.unmerged([RepositoryPath("README")]), in: path)
        try repository.write("README", "both\n")
        try git("add", "README", in: path)
        try expectRefusal(.operationInProgress(.merge), in: path)
    }

    @Test func aLostRacePutsTheIndexBack() throws {
        let repository = try GitRepository()
        let path = repository.path
        try repository.write("a", "x")
        try writeFile(path + "/.git/refs/heads/main.lock", "")
        try expectRefusal(
            .reference(.locked(reference: "refs/heads/main")), in: path)
        try FileManager.default.removeItem(atPath: path + "/.git/refs/heads/main.lock")
        #expect(try git("status", "--porcelain", in: path) == "?? a")
        _ = try commit(path)
    }

    @Test func theIdentityFollowsGitsOrderAndIsNeverGuessed() throws {
        let repository = try GitRepository()
        let handle = try Repository(opening: repository.path)
        let error = #expect(throws: IdentityError.self) { try handle.identity(.author, environment: [:]) }
        #expect(error?.missing == ["user.name", "user.email"])
        #expect("\(error!)".contains("user.name") && "\(error!)".contains("user.email"))
        try git("config", "user.name", "Configured", in: repository.path)
        #expect(throws: IdentityError(missing: ["user.email"])) { try handle.identity(.author, environment: [:]) }
        #expect(try handle.identity(.author, environment: ["EMAIL": "e@x"]).email == "e@x")
        try git("config", "user.email", "c@x", in: repository.path)
        let environment = ["GIT_AUTHOR_NAME": "Env", "GIT_AUTHOR_DATE": "@1700000000 +0130", "EMAIL": "e@x"]
        let author = try handle.identity(.author, environment: environment)
        #expect(author == Signature(name: "Env", email: "c@x", seconds: 1_700_000_000, offsetMinutes: 90))
        #expect(try handle.identity(.committer, environment: environment, now: 5).name == "Configured")
        try git("config", "committer.email", "role@x", in: repository.path)
        #expect(try handle.identity(.committer, environment: [:]).email == "role@x")
    }
}
