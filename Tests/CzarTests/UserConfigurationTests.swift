import Foundation
import TestSupport
import Testing

/// Settings that git takes from elsewhere than the usual files.
@Suite struct UserConfigurationTests {
    @Test func whatCzarDoesNotReadIsSaid() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        let environment = ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "X"]
        let said = try project.expect(0, "doctor", environment: environment)
        #expect(said.output.contains("note: Czar does not read the settings that these variables give to git: GIT_CONFIG_COUNT"))
        try git("config", "includeIf.hasconfig:remote.*.url:https://example.org/**.path", project.outside + "/other", in: project.path)
        #expect(try project.expect(0, "doctor").output.contains("note: 'includeIf.hasconfig' is used, whose files Czar does not read"))
        #expect(try !project.expect(0, "doctor").output.contains("GIT_CONFIG_COUNT"))
    }

    @Test func whatIsStartedIsMadeWhereTheUserWantsWorktrees() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        let folder = project.outside + "/trees"
        try writeFile(project.outside + "/.gitconfig", "[czar]\n\tworktreeRoot = \(folder)\n")
        try prepare("mkdir", folder)
        try project.expect(0, "start", "a", "--trust", environment: ["GIT_CONFIG_GLOBAL": project.outside + "/.gitconfig"])
        #expect(try project.expect(0, "path", "a").output.hasPrefix(folder + "/"))
        #expect(!exists(project.worktree("a")))
    }

    /// A file in the place of the usual ones, with what it includes; each commit is the one that git would make.
    @Test func aNamedFileCountsInsteadOfTheUsualOnes() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        for key in ["user.name", "user.email"] { try git("config", "--unset", key, in: project.path) }
        let home = project.outside
        try writeFile(home + "/.gitconfig", "[user]\n\tname = Usual\n\temail = usual@example.org\n[core]\n\tautocrlf = true\n")
        try writeFile(home + "/.config/git/config", "[user]\n\tname = Other\n")
        try writeFile(home + "/included", "[user]\n\tname = Included\n")
        try writeFile(home + "/work.config", "[user]\n\temail = work@example.org\n[include]\n\tpath = ~/included\n")
        try writeFile(home + "/machine.config", "[core]\n\teol = crlf\n")
        var environment = ["HOME": home, "XDG_CONFIG_HOME": home + "/.config", "GIT_CONFIG_NOSYSTEM": ""]
        environment["GIT_CONFIG_GLOBAL"] = home + "/work.config"
        environment["GIT_CONFIG_SYSTEM"] = home + "/machine.config"
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] { environment[name] = "" }
        try project.repository.write(".gitattributes", "*.txt text\n")
        try project.repository.write("lines.txt", "one\ntwo\n")
        try writeFile(project.path + "/plain", "one\n")
        try project.repository.commitAll("lines")
        try project.expect(0, "create", "a", environment: environment)
        #expect(try String(contentsOfFile: project.worktree("a") + "/lines.txt", encoding: .utf8) == "one\r\ntwo\r\n")
        #expect(try String(contentsOfFile: project.worktree("a") + "/plain", encoding: .utf8) == "one\n")
        try writeFile(project.worktree("a") + "/work", "w\n")
        try project.expect(0, "commit", "-m", "work", "--worker", "a", environment: environment)
        #expect(try git("log", "-1", "--format=%an %ae %cn", in: project.worktree("a")) == "Included work@example.org Included")
        #expect(try !project.expect(0, "doctor", environment: environment).output.contains("GIT_CONFIG"))
        // What is no file is none.
        for place in [home, home + "/none"] { try project.expect(0, "status", environment: ["GIT_CONFIG_GLOBAL": place]) }
    }
}
