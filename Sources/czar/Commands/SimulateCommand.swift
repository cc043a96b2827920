import ArgumentParser
import CzarKit
import CzarPlanning

struct SimulateCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Carries out the plan in virtual time: how long it takes, and what holds it up.",
        discussion: """
            Each worker takes its planned_duration, else its budget of time, and succeeds. The scheduler is that of 'czar run'; nothing is \
            started or written.
            """)

    @Option(help: ArgumentHelp("Workers at one time, against the plan's max_active; 0 is no limit.", valueName: "n"))
    var maxActive: Int?

    @Option(name: .customLong("default"), help: ArgumentHelp("What a worker takes that has neither.", valueName: "duration"))
    var assumed = "1h"

    @Flag(help: "Show every worker, however many there are.")
    var all = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        if let maxActive, maxActive < 0 {
            throw Failure(message: "--max-active takes 0 or more", hint: "czar simulate --max-active 4", code: 64)
        }
        guard let assumed = DurationText.parse(assumed) else {
            throw Failure(message: "'\(assumed)' is no duration", hint: "czar simulate --default 2h", code: FailureKind.usage.exitCode)
        }
        let reading = try PlanSource(try ProjectLayout(around: common.path)).read()
        let options = ScheduleOptions(maxActive: maxActive)
        let run = VirtualRun(reading.plan, graph: reading.graph, options: options, assuming: assumed)
        let text = SimulationText(
            run: run, limit: maxActive ?? reading.plan.orchestration.maxActive, assumed: assumed, showsAll: all, style: common.style)
        try common.answer(text.json, text: text.text)
    }
}
