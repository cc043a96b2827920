import CzarPlanning
import Subprocess
import SystemPackage

/// Which agents this machine has.
package enum AgentSurvey {
    /// One agent as it would be started here.
    package struct Entry: Hashable, Sendable {
        package let profile: AgentProfile
        /// Whether the plan sets keys of it, or describes it altogether.
        package let isPlans: Bool
        /// The program's path; nil when there is none.
        package let program: String?
        /// Why there is none.
        package let problem: String?
        /// The first line of what the program says to `--version`. Nil where it says nothing, and for a command of the plan's: asking
        /// would run it.
        package let version: String?
    }

    private static let patience = Duration.seconds(10)

    /// Looks for every built-in agent and every one of the plan's, by name.
    package static func entries(_ agents: [String: AgentOverride], environment: [String: String]) async throws -> [Entry] {
        let plans = Set(agents.keys.map(AgentNames.canonical))
        let names = Set(AgentProfile.builtIn.keys).union(agents.keys.filter { AgentProfile.builtIn[AgentNames.canonical($0)] == nil })
        return try await withThrowingTaskGroup(of: Entry.self) { group in
            for name in names {
                let written = agents.keys.first { AgentNames.canonical($0) == name } ?? name
                let profile = try AgentProfile.named(written, in: agents)
                let isOwn = agents[written]?.command != nil || name == "shell"
                group.addTask { await entry(profile, isPlans: plans.contains(name), asksVersion: !isOwn, environment) }
            }
            var entries: [Entry] = []
            for try await entry in group { entries.append(entry) }
            return entries.sorted { $0.profile.name < $1.profile.name }
        }
    }

    private static func entry(
        _ profile: AgentProfile, isPlans: Bool, asksVersion: Bool, _ environment: [String: String]
    ) async -> Entry {
        let name = profile.variant.command[0]
        do throws(Program.Missing) {
            let path = try Program.path(of: name, in: "/", searchPath: environment["PATH"])
            let version = asksVersion ? await version(of: path) : nil
            return Entry(profile: profile, isPlans: isPlans, program: path, problem: nil, version: version)
        } catch {
            return Entry(profile: profile, isPlans: isPlans, program: nil, problem: error.reason, version: nil)
        }
    }

    /// Nil when the program says nothing within ten seconds, or ends with a failure.
    private static func version(of path: String) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        .path(FilePath(path)), arguments: ["--version"], input: .none, output: .string(limit: 4096), error: .discarded)
                    guard case .exited(0) = result.terminationStatus else { return nil }
                    return result.standardOutput.split(whereSeparator: \.isNewline).first.map(String.init)
                } catch {
                    // A program that cannot say its version may still work; that it lies there is what was asked.
                    return nil
                }
            }
            group.addTask {
                do { try await Task.sleep(for: patience) } catch { return nil }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
