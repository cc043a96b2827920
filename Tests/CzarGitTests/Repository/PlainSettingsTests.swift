import TestSupport
import Testing

@testable import CzarGit

/// The small reader against git: where it answers, git gives the same; where git's file can mean more, it gives no answer.
@Suite struct PlainSettingsTests {
    @Test func whatGitInitWritesIsReadAsGitReadsIt() throws {
        for arguments in [[], ["--bare"]] {
            let folder = try TemporaryFolder("czar-settings")
            try #require(try run(["git", "init", "-q"] + arguments + [folder.path], in: "/").status == 0)
            let file = folder.path + (arguments.isEmpty ? "/.git/config" : "/config")
            let settings = try #require(try PlainSettings(file: file))
            for key in ["core.bare", "core.filemode", "core.repositoryformatversion"] {
                #expect(try settings[key] == git("config", "--file", file, "--get", key, in: folder.path))
            }
        }
    }

    @Test func theLastOfTwoValuesAndOtherSectionsCountAsInGit() throws {
        let text = "[core]\n\tbare = false\n[remote \"a\"]\n\turl = x\n[Core]\n  Bare = true\n# bare = maybe\n"
        let settings = try #require(PlainSettings(Array(text.utf8)))
        #expect(settings["core.bare"] == "true")
        #expect(settings["remote.url"] == nil)
    }

    @Test(arguments: [
        "bare = true\n", "[core]\n\tbare = \"true\"\n", "[core]\n\tbare = tr\\\nue\n", "[include]\n\tpath = x\n",
        "[includeIf \"gitdir:x\"]\n",
        "[core\n", "[core] bare = true\n", "[core]\n\tworktree = a # b\n",
    ])
    func whatNeedsARealReaderIsLeftToOne(text: String) {
        #expect(PlainSettings(Array(text.utf8)) == nil, "\(text)")
    }

    @Test func aMissingFileIsEmpty() throws {
        #expect(try PlainSettings(file: "/nonexistent/config")?["core.bare"] == nil)
        #expect(try PlainSettings(file: "/nonexistent/config") != nil)
    }
}
