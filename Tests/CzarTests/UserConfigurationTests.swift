import Foundation
import TestSupport
import Testing

/// Settings that git takes from elsewhere than the usual files.
@Suite struct UserConfigurationTests {
    @Test func theFileThatGitConfigGlobalNamesCounts() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        for key in ["user.name", "user.email"] { try git("config", "--unset", key, in: project.path) }
        let file = project.outside + "/work.config"
        let settings = "[user]\n\tname = Work\n\temail = w@corp\n[core]\n\texcludesFile = \(project.outside)/ignored\n\tautocrlf = true\n"
        try settings.write(toFile: file, atomically: true, encoding: .utf8)
        try "*.secret\n".write(toFile: project.outside + "/ignored", atomically: true, encoding: .utf8)
        // What is not said to count is not looked at.
        try "[user]\n\tname = Home\n\temail = h@home\n".write(toFile: project.outside + "/.gitconfig", atomically: true, encoding: .utf8)
        var environment = ["GIT_CONFIG_GLOBAL": file, "HOME": project.outside]
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] { environment[name] = "" }
        try project.expect(0, "create", "a", environment: environment)
        for name in ["x.secret", "x.txt"] {
            try "words\n".write(toFile: project.worktree("a") + "/" + name, atomically: true, encoding: .utf8)
        }
        try project.expect(0, "commit", "--worker", "a", "-m", "work", environment: environment)
        #expect(try git("log", "-1", "--format=%an %ae", "--name-only", "cz1/feat/a", in: project.path) == "Work w@corp\n\nx.txt")
        try FileManager.default.removeItem(atPath: file)
        try "more\n".write(toFile: project.worktree("a") + "/x.txt", atomically: true, encoding: .utf8)
        let refused = try project.expect(65, "commit", "--worker", "a", "-m", "more", environment: environment)
        #expect(refused.errors.contains("user.name"))
    }

    @Test func whatCzarDoesNotReadIsSaid() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        let environment = ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "X"]
        let said = try project.expect(0, "doctor", environment: environment)
        #expect(said.output.contains("note: Czar does not read the settings that these variables give to git: GIT_CONFIG_COUNT"))
        try git("config", "includeIf.hasconfig:remote.*.url:https://example.org/**.path", project.outside + "/other", in: project.path)
        #expect(try project.expect(0, "doctor").output.contains("note: 'includeIf.hasconfig' is used, whose files Czar does not read"))
        #expect(try !project.expect(0, "doctor").output.contains("GIT_CONFIG_COUNT"))
    }
}
