import ArgumentParser
import CzarKit
import CzarPlanning

extension WaitGoal: ExpressibleByArgument {}

struct WaitCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Waits until workers are complete, integrated or idle, or need you.",
        discussion: """
            Without a worker: all of the plan. Ends with 0 when they are, with 1 when they will not be before you do something, with 124 \
            when the time is up.
            """)

    @OptionGroup var selection: WorkerSelection

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("complete, integrated, idle (none runs or will start) or attention.", valueName: "goal"))
    var goal: WaitGoal = .complete

    @Option(help: ArgumentHelp("Give up after this time.", valueName: "duration"))
    var timeout: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let limit = try timeout.map(Self.duration)
        let started = ContinuousClock.now
        let wait = try WorkerWait(around: common.path, for: goal)
        let signals = StopSignals { wait.stop() }
        let ending = try await onOwnThread("wait") { [self] in
            try wait.wait(
                timeout: limit, choose: choose,
                begin: { hasDaemon in
                    if !hasDaemon, goal != .attention {
                        common.note("czar: note: no 'czar run' is active, so nothing is started meanwhile")
                    }
                }, warn: common.notePlanProblem)
        }
        signals.cancel()
        try answer(WaitAnswer(goal: goal, ending: ending, seconds: (.now - started) / .seconds(1)))
    }

    private func choose(_ plan: Plan, _ state: ProjectState) throws -> [WorkerDefinition]? {
        selection.isEmpty || selection.isAllAlone ? nil : try selection.workers(of: plan, state, isActing: false)
    }

    private func answer(_ answer: WaitAnswer) throws {
        let failure = answer.failure
        if common.wantsJSON {
            Console.answer(answer.json.prettyText)
        } else if failure == nil, !common.quiet {
            Console.answer(answer.text)
        }
        guard let failure else { return }
        // In text the sentence is all there is to say.
        guard common.wantsJSON else { throw failure }
        throw ShownFailure(failure: failure)
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = DurationText.parse(text) else {
            throw Failure(
                message: "'\(text)' is no duration", hint: OldVerbs.command(with: text, as: "30m"), code: FailureKind.usage.exitCode)
        }
        return duration
    }
}
