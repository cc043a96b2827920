import ArgumentParser
import CzarKit
import CzarPlanning
import Glibc

/// The program: every command by group, as `--help` shows them.
struct CzarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "czar",
        abstract: "Coordinates a team of parallel coding workers on one Git repository.",
        discussion: "In a worker's worktree most commands need no worker id. 'czar COMMAND --help' tells more.",
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Start",
                subcommands: [
                    InitCommand.self, ImportCommand.self, AddCommand.self, ValidateCommand.self, GraphCommand.self,
                    SimulateCommand.self,
                    CreateCommand.self, RunCommand.self,
                    StartCommand.self,
                ]),
            CommandGroup(
                name: "Watch",
                subcommands: [
                    StatusCommand.self, LogsCommand.self, DiffCommand.self, LogCommand.self, ShowCommand.self, EventsCommand.self,
                    MetricsCommand.self, ReportCommand.self, WaitCommand.self,
                ]),
            CommandGroup(
                name: "Steer",
                subcommands: [
                    ApproveCommand.self, PauseCommand.self, ResumeCommand.self, StopCommand.self, RetryCommand.self, ReopenCommand.self,
                    FailCommand.self,
                ]),
            CommandGroup(
                name: "Get in",
                subcommands: [
                    PathCommand.self, ShellCommand.self, ExecCommand.self, AttachCommand.self, ShellInitCommand.self,
                ]),
            CommandGroup(
                name: "For workers",
                subcommands: [
                    EventCommand.self, CompleteCommand.self, BlockCommand.self, UnblockCommand.self, TaskCommand.self, BriefCommand.self,
                    WhoamiCommand.self, CommitCommand.self,
                ]),
            CommandGroup(name: "Tidy", subcommands: [RemoveCommand.self, PruneCommand.self, UndoCommand.self, CloseoutCommand.self]),
            CommandGroup(
                name: "Machine",
                subcommands: [AgentsCommand.self, DoctorCommand.self, TrustCommand.self, SchemaCommand.self, CompletionsCommand.self]),
        ],
        defaultSubcommand: StatusCommand.self)
}

/// The version of this build.
enum Version {
    static let text = "0.1.0"
}

@main
enum Program {
    static func main() {
        // A reader that closes its end is told by EPIPE, not by a signal that ends the program.
        signal(SIGPIPE, SIG_IGN)
        Console.keepStandardStreams()
        do {
            // Called all the time: no task and no thread is needed for it.
            if try answersAtOnce(Invocation.arguments) { return }
        } catch {
            fail(error)
        }
        TaskThreads.run { await perform() }
    }

    /// Answers what scripts, installers and workers ask all the time, without the tree of commands; false for all else.
    private static func answersAtOnce(_ arguments: [String]) throws -> Bool {
        if arguments == ["--version"] {
            Console.answer(Version.text)
            return true
        }
        return try EventCommand.answeredDirectly(arguments)
    }

    private static func perform() async {
        let arguments = Invocation.arguments
        if arguments.first == "__supervise" { exit(await SupervisorCommand.run(Array(arguments.dropFirst()))) }
        if let help = HelpScreen.asked(arguments) { return Console.answer(help) }
        if OldVerbs.withoutCommonOptions(arguments).isEmpty, !Invocation.wantsJSON, FirstMinute.isBeforeRepository {
            return Console.answer(FirstMinute.beforeRepository)
        }
        do {
            var command = try CzarCommand.parseAsRoot(OldVerbs.checked(arguments))
            // Before anything is done that could not be answered.
            if let command = command as? any CommonCommand { _ = try command.common.format(among: type(of: command).moreFormats) }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            if let failure = Console.failure { throw failure }
        } catch {
            fail(error)
        }
    }

    private static func fail(_ error: any Error) -> Never {
        if let shown = error as? ShownFailure {
            if Invocation.wantsJSON { shown.failure.show(asJSON: true) }
            exit(shown.failure.code)
        }
        if let code = error as? ExitCode { exit(code.rawValue) }
        if CzarCommand.isParserMessage(error) { showParserMessage(error, asJSON: Invocation.wantsJSON) }
        let failure = Failure(error)
        failure.show(asJSON: Invocation.wantsJSON)
        exit(failure.code)
    }

    /// Help and version on standard output, a mistake on the command line on standard error.
    private static func showParserMessage(_ error: any Error, asJSON: Bool) -> Never {
        let code = CzarCommand.exitCode(for: error)
        let textApart = TextArguments.hint
        if code == .success, let textApart, let text = TextArguments.taken {
            Failure(message: "'\(text)' begins as an option does", hint: textApart, code: FailureKind.usage.exitCode).show(asJSON: asJSON)
            exit(FailureKind.usage.exitCode)
        }
        if code == .success {
            Console.answer(HelpScreen.shortened(CzarCommand.fullMessage(for: error, columns: Style.columns())))
            exit(0)
        }
        let command = OldVerbs.command(in: CommandLine.arguments.dropFirst())
        let hint = OldVerbs.completed(command) ?? textApart ?? "czar \(command.map { $0 + " " } ?? "")--help"
        Failure(message: CzarCommand.message(for: error), hint: hint, code: code.rawValue).show(asJSON: asJSON)
        exit(code.rawValue)
    }
}

extension CzarCommand {
    /// Whether the error is the argument parser's own.
    static func isParserMessage(_ error: any Error) -> Bool {
        !(error is Failure) && !(error is any Explained) && (exitCode(for: error) == .validationFailure || exitCode(for: error) == .success)
    }
}
