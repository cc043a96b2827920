import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct AgentsCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Lists the agents: found or not, version, the command that would run.",
        discussion: "A plan's 'agents' override the built-in profiles key by key. Works outside of a repository too.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let entries = try await AgentSurvey.entries(try planAgents(), environment: processEnvironment())
        try common.answer(json(entries), text: text(entries))
    }

    /// Without a repository or a plan there are the built-in agents.
    private func planAgents() throws -> [String: AgentOverride] {
        do {
            return try PlanSource(try ProjectLayout(around: common.path)).read(evenEmpty: true).plan.agents
        } catch let error as any Explained where error.kind == .missing {
            return [:]
        }
    }

    private func text(_ entries: [AgentSurvey.Entry]) -> String {
        let style = common.style
        var lines: [String] = []
        for entry in entries {
            let found = entry.program != nil
            let mark = found ? style.paint(style.symbol("✓", ascii: "+"), .green) : style.paint(style.symbol("·", ascii: "-"), .faint)
            let version = entry.version ?? (found ? "found" : "not found")
            lines.append(
                "\(mark) \(style.paint(entry.profile.name, .bold))  \(DisplayText.safe(version))"
                    + style.paint("  \(autonomy(entry.profile))" + (entry.isPlans ? ", as the plan says" : ""), .faint))
            lines.append("    " + DisplayText.safe(ShellText.line(command(entry))))
            if let source = entry.profile.source { lines.append(style.paint("    \(source)", .faint)) }
        }
        return lines.joined(separator: "\n")
    }

    private func autonomy(_ profile: AgentProfile) -> String {
        profile.knowsSandbox || profile.autonomy != .sandboxed ? profile.autonomy.rawValue : "it knows no sandbox"
    }

    /// With the program's path in the place of its name.
    private func command(_ entry: AgentSurvey.Entry) -> [String] {
        [entry.program ?? entry.profile.variant.command[0]] + entry.profile.variant.command.dropFirst()
    }

    private func json(_ entries: [AgentSurvey.Entry]) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.agents/1")
        object.set("generated_at", currentTime().description)
        object.set("agents", .array(entries.map(json)))
        return object.value
    }

    private func json(_ entry: AgentSurvey.Entry) -> JSONValue {
        let profile = entry.profile
        var object = JSONObject()
        object.set("name", profile.name)
        object.set("found", entry.program != nil)
        object.set("program", entry.program)
        object.set("problem", entry.problem)
        object.set("version", entry.version)
        object.set("from_plan", entry.isPlans)
        object.set("autonomy", profile.autonomy.rawValue)
        object.set("sandbox", profile.knowsSandbox)
        object.set("command", .strings(command(entry)))
        object.set("resume", profile.variant.resume.map { .strings($0) })
        object.set("take_over", profile.takeOver.map { .strings($0) })
        object.set("prompt", profile.prompt.rawValue)
        object.set("exclude", .strings(profile.exclude))
        object.set("source", profile.source)
        return object.value
    }
}
