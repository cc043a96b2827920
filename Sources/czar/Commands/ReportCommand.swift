import ArgumentParser
import CzarKit
import CzarPlanning

extension ReportKind: ExpressibleByArgument {}

struct ReportCommand: AsyncParsableCommand, CommonCommand {
    static let moreFormats = ["markdown", "html"]
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes a report for people: status, metrics, standup, weekly or closeout.",
        discussion: """
            Formats: text, markdown, json, html (one page without scripts; weekly and closeout have drawings). Everything in it comes from \
            the plan, the journal and Git, and the same inputs give the same bytes. Times are those of TZ, in JSON UTC.
            """)

    @Argument(help: ArgumentHelp("status, metrics, standup, weekly or closeout.", valueName: "report"))
    var kind: ReportKind = .status

    @Option(help: ArgumentHelp("Where standup and weekly begin; without it the last working day, or seven days ago.", valueName: "time"))
    var since: String?

    @OptionGroup var moment: MomentOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.format(among: Self.moreFormats)
        let reader = try moment.reader(common)
        let since = try beginning(before: reader.moment)
        let inputs = try await onOwnThread("report") { try reader.inputs(for: kind, zone: .local, since: since) }
        common.debug(reader.diagnostics)
        for sentence in inputs.status.limitations { common.note("czar: note: \(sentence)") }
        switch format {
        case "json": Console.answer(inputs.json(kind).prettyText)
        case "markdown": Console.answer(inputs.document(kind).markdown)
        case "html": Console.answer(inputs.document(kind).html)
        default: Console.answer(DocumentText(document: inputs.document(kind), style: common.style).text)
        }
        // As with status: a script must not take the old plan for the new one.
        if let problem = reader.planProblem { throw problem }
    }

    private func beginning(before end: Timestamp) throws -> Timestamp? {
        guard let since else { return nil }
        guard kind == .standup || kind == .weekly else {
            throw Failure(message: "--since is for standup and weekly", hint: "czar report \(kind.rawValue) --at \(since)", code: 64)
        }
        let time =
            switch try MomentOptions.moment(since, option: "--since") {
            case .time(let time): time
            case .sequence(let sequence): try EventReader(around: common.path).time(of: sequence)
            }
        guard time <= end else {
            throw Failure(
                message: "--since \(since) is later than \(moment.at.map { "--at \($0)" } ?? "now")", hint: "czar report \(kind.rawValue)",
                code: 64)
        }
        return time
    }
}
