import CzarGit
import CzarKit

/// Who works where neither the command line nor a plan says it.
enum AgentChoice {
    /// `czar.agent` of Git's user configuration, else the first agent whose program is on this machine; nil when there is none.
    static func found() throws -> String? {
        try userConfigValue("czar.agent") ?? AgentProfile.firstInstalled(environment: processEnvironment())
    }

    /// What is said where none is found.
    static let none = "no agent was found in PATH: \(AgentProfile.choices.joined(separator: ", "))"
}
