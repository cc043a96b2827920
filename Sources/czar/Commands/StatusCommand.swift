import ArgumentParser
import CzarKit
import CzarPlanning
import Glibc

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows every worker, or one whole, and what needs you.",
        discussion: "Reads only: it works without a journal, on read-only checkouts and in a Czarina folder that Czar never touched.")

    @Argument(help: ArgumentHelp("One worker, with its tasks and latest events.", valueName: "worker"))
    var worker: String?

    @Flag(help: "Show it again whenever something changes.")
    var watch = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard watch else { return try show() }
        guard try common.format() == "text" else {
            throw Failure(message: "--watch shows text", hint: "czar events --follow --json", code: 64)
        }
        let reader = try EventReader(around: common.path)
        while true {
            // Home and clear: the newest picture stands where the last one stood.
            if isatty(STDOUT_FILENO) == 1 { Console.answer("\u{1B}[H\u{1B}[2J") }
            try show()
            try await onOwnThread("watch") { try reader.waitForChange(atMost: .seconds(5)) }
        }
    }

    private func show() throws {
        let format = try common.format()
        let reader: StatusReader
        do {
            reader = try StatusReader(around: common.path)
        } catch ProjectError.noPlan where worker == nil && format == "text" {
            return Console.answer(FirstMinute.text)
        }
        if let warning = reader.warning { common.note("czar: \(warning)") }
        var report = try reader.report()
        if let worker {
            guard let found = report.workers.first(where: { $0.definition.id.rawValue == worker || $0.definition.displayName == worker })
            else {
                throw reader.reading.plan.noSuchWorker(worker)
            }
            report.workers = [found]
            report.attention.removeAll { $0.worker != found.definition.id }
            return try common.answer(
                report.json(detailed: true), text: WorkerText(worker: found, report: report, style: common.style).text)
        }
        try common.answer(report.json(), text: StatusText(report: report, style: common.style).overview())
    }
}

/// What bare `czar` says where there is no plan yet.
enum FirstMinute {
    static let text = """
        There is no plan here yet. In three steps:
          czar init        writes a starter plan to .czarina/config.yaml
          czar validate    checks it after you have edited it
          czar run         creates branches and worktrees, starts the workers, watches them
        'czar --help' lists everything.
        """
}
