import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

struct TrustCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Allows what the plan runs on this machine, after showing it.",
        discussion: """
            Commands of a plan came with the repository, so they run only after their exact text was trusted once here. Of a changed plan \
            each new line ('+') is shown after those that it takes the place of ('-').
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        try ActingWorker.leaveToOperators("use 'czar trust'")
        let project = try ProjectLayout(around: common.path)
        let journal = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil).database
        // What is trusted now is what the next change is shown against, so it is written down where there is a journal.
        let plan =
            try FileKind(at: journal) == nil ? PlanSource(project).read().plan : Coordinator(around: common.path, actor: "cli").plan
        let trust = Trust(project)
        let difference = try trust.difference(plan)
        if difference.isEmpty { return try answer([]) }
        if !common.wantsJSON { for line in difference { Console.note("  " + DisplayText.safe(line)) } }
        if !common.yes, !common.wantsJSON, isatty(STDIN_FILENO) == 1, !Question.ask("Trust these on this machine?") {
            throw Failure(message: "nothing was trusted", hint: "czar trust --yes", code: FailureKind.refused.exitCode)
        }
        try answer(try trust.add(plan))
    }

    private func answer(_ lines: [String]) throws {
        var object = JSONObject()
        object.set("schema", "czar.trusted/1")
        object.set("generated_at", currentTime().description)
        object.set("trusted", .strings(lines))
        try common.answer(
            object.value,
            text: lines.isEmpty ? "everything that the plan runs is trusted" : "trusted \(Figures.plural(lines.count, "command"))")
    }
}

/// A question to a person at a terminal.
enum Question {
    static func ask(_ text: String) -> Bool {
        Console.note(text + " [y/N] ")
        let answer = readLine()?.lowercased() ?? ""
        return answer == "y" || answer == "yes"
    }
}

/// Asks for trust where a person is there to ask, before anything of the plan is run.
enum TrustCheck {
    /// `plan` is the part of the coordinator's plan that is to run; nil means all of it.
    static func pass(_ coordinator: Coordinator, _ common: CommonOptions, trusting: Bool, plan: Plan? = nil) throws {
        let trust = Trust(coordinator.project)
        let plan = plan ?? coordinator.plan
        let difference = try trust.difference(plan)
        guard !difference.isEmpty else { return }
        var allowed = trusting
        // With JSON standard error is for one error object alone.
        if !allowed, !common.wantsJSON, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 {
            Console.note("The plan runs commands that were never trusted on this machine:")
            for line in difference { Console.note("  " + DisplayText.safe(line)) }
            allowed = Question.ask("Trust them?")
        }
        guard allowed else { return try trust.require(plan) }
        try trust.add(plan)
    }
}
