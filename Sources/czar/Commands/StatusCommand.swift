import ArgumentParser
import CzarKit
import CzarPlanning

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows every worker, or one whole, and what needs you.",
        discussion: "Reads only: it works without a journal, on read-only checkouts and in a Czarina folder that Czar never touched.")

    @Argument(help: ArgumentHelp("One worker, with its tasks and latest events.", valueName: "worker"))
    var worker: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let common = common
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
