import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

struct AttachCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Enters the terminal of a worker's command (launcher: tmux).",
        discussion: """
            Detaching (Ctrl-b d) leaves it running; called inside of tmux, Ctrl-b L (switch-client -l) goes back to where you were. A command \
            without a terminal can be taken over: --take-over stops it and opens its agent's session, or a shell, in its worktree for you; \
            'czar start' goes on afterwards.
            """)
    @Argument(help: ArgumentHelp("The worker.", valueName: "worker"), completion: .workers)
    var worker: String
    @Flag(help: "Stop its command and open its agent's session, or a shell, for you.")
    var takeOver = false
    @Flag(help: "Show the command instead of running it.")
    var dryRun = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard try common.format() == "text" else {
            throw Failure(message: "'czar attach' has no answer in JSON", hint: "czar status \(ShellText.word(worker)) --json", code: 64)
        }
        let coordinator = try common.coordinatorOfAnyPlan()
        let found = try ActingWorker.find(worker, in: coordinator.roster(), try coordinator.ledger.refresh(), at: common.path)
        // Its agents are those of the plan that it stands in.
        let own = try coordinator.about(found.key)
        try OthersWorktree.refuse(own.ledger.refresh()[found.key], own.project)
        let attachment = Attachment(own)
        if takeOver {
            // Before anything is stopped for it.
            if !dryRun { try requireTerminal() }
            try TrustCheck.pass(coordinator, common, trusting: false, plan: own.plan.started([found]))
            if !dryRun {
                // Held before anything is stopped for it, so that nobody starts anything in between.
                try PersonSession.begin(found, coordinator.project)
                if try attachment.stop(found) {
                    common.note("\(found.id) is stopped. Its session is yours now; afterwards: czar start \(found.id)")
                }
            }
            return try become(try attachment.session(of: found, czarExecutable: OwnExecutable.path()))
        }
        try become(try attachment.terminal(of: found))
    }

    private func become(_ command: ResolvedCommand) throws {
        if dryRun { return Console.answer(ShellText.line(command.arguments)) }
        try requireTerminal()
        try BecomeProgram.run(command)
    }

    private func requireTerminal() throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw Failure(message: "'czar attach' needs a terminal", hint: "czar logs \(worker) -f", code: 64)
        }
    }
}
