import ArgumentParser
import CzarKit
import CzarPlanning

struct MetricsCommand: AsyncParsableCommand, CommonCommand {
    static let moreFormats = ["markdown", "csv", "prometheus", "openmetrics"]
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Shows every figure, per worker and in total.",
        discussion:
            "Formats: text, json, markdown, csv, prometheus, openmetrics. Figures come from Git and the journal; nothing is written.")

    @OptionGroup var moment: MomentOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.format(among: Self.moreFormats)
        let reader = try moment.reader(common)
        let inputs = try await onOwnThread("metrics") { try reader.inputs(for: .metrics, zone: .local) }
        common.debug(reader.diagnostics)
        for sentence in inputs.status.limitations { common.note("czar: note: \(sentence)") }
        switch format {
        case "json": Console.answer(inputs.json(.metrics).prettyText)
        case "markdown": Console.answer(inputs.document(.metrics).markdown)
        case "csv": Console.answer(inputs.metrics.csv)
        case "prometheus": Console.answer(inputs.metrics.exposition(.prometheus))
        case "openmetrics": Console.answer(inputs.metrics.exposition(.openMetrics))
        default: Console.answer(DocumentText(document: inputs.document(.metrics), style: common.style).text)
        }
        // As with status: a script must not take the old plan for the new one.
        if let problem = reader.planProblem { throw problem }
    }
}
