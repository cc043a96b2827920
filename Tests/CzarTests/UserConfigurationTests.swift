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
        let global = try project.expect(0, "doctor", environment: ["GIT_CONFIG_GLOBAL": project.outside + "/work.config"])
        #expect(global.output.contains("these variables give to git: GIT_CONFIG_GLOBAL\n"))
        try git("config", "includeIf.hasconfig:remote.*.url:https://example.org/**.path", project.outside + "/other", in: project.path)
        #expect(try project.expect(0, "doctor").output.contains("note: 'includeIf.hasconfig' is used, whose files Czar does not read"))
        #expect(try !project.expect(0, "doctor").output.contains("GIT_CONFIG_COUNT"))
    }
}
