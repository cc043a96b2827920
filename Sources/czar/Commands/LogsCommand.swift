import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logs", abstract: "Shows the output of a worker's command.")

    @Argument(help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker")) var worker: String?

    @Option(name: .customShort("n"), help: ArgumentHelp("Only the last lines.", valueName: "n"))
    var lines: Int?

    @Option(help: ArgumentHelp("An earlier attempt.", valueName: "n"))
    var attempt: Int?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let reader = try StatusReader(around: common.path)
        let found = try ActingWorker.find(worker, in: reader.reading.plan, reader.state, at: common.path)
        let project = try ProjectLayout(around: common.path)
        let name = attempt.map { "\(found.id).\($0).log" } ?? "\(found.id).log"
        guard let bytes = try fileContent(project.logsFolder + "/" + name) else {
            throw Failure(message: "worker '\(found.id)' has no log '\(name)'", hint: "czar status \(found.id)", code: 66)
        }
        var text = String(decoding: bytes, as: UTF8.self)
        if let lines {
            text = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0).suffix(
                max(0, lines)
            ).joined(separator: "\n")
        }
        if !text.isEmpty { Console.answer(text) }
    }
}
