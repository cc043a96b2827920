import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct InitCommand: CommonCommand {
    static let configuration = CommandConfiguration(commandName: "init", abstract: "Writes a starter plan that validates and runs.")

    @Argument(help: ArgumentHelp("A plan to start from instead.", valueName: "plan"), completion: .file())
    var plan: String?

    @Option(name: .customLong("from"), help: ArgumentHelp("The same as PLAN.", valueName: "plan"), completion: .file())
    var source: String?

    @Flag(help: "The plan that was accepted last, where its file is lost.")
    var accepted = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try ActingWorker.leaveToOperators("use 'czar init'")
        let project = try ProjectLayout(around: common.path)
        guard !accepted || (plan ?? source) == nil else {
            throw Failure(message: "--accepted is a plan already, and another one is named too", hint: "czar init --accepted", code: 64)
        }
        let from: PlanInitializer.Source = accepted ? .accepted : (plan ?? source).map { .file($0) } ?? .starter
        let agent = from == .starter ? try AgentChoice.found() : nil
        let file = try PlanInitializer(project).write(from: from, agent: agent)
        var object = JSONObject()
        object.set("schema", "czar.initialized/1")
        object.set("generated_at", currentTime().description)
        object.set("plan", file)
        object.set("agent", agent)
        var lines = ["wrote \(file)"]
        if from == .starter { lines.append(agent.map { "its workers are \($0)'s" } ?? "\(AgentChoice.none); its workers are people's") }
        lines.append("next: edit it, then 'czar validate' and 'czar run'")
        try common.answer(object.value, text: lines.joined(separator: "\n"))
    }
}
