import ArgumentParser
import CzarKit
import CzarPlanning

/// Which phase and which moment a report is of.
struct MomentOptions: ParsableArguments {
    @Option(help: ArgumentHelp("As the journal had it then: a time, a duration ago (2h), yesterday, or #seq.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("Another phase than the plan's.", valueName: "phase"))
    var phase: String?

    func reader(_ common: CommonOptions) throws -> ReportReader {
        let moment = try at.map { try Self.moment($0, option: "--at") }
        if let at, case .time(let time)? = moment, time > currentTime() {
            throw Failure(message: "--at \(at) has not come yet: nothing is recorded of it", hint: "czar events", code: 64)
        }
        let reader = try ReportReader(around: common.path, phase: phase.map { PhaseID(rawValue: $0) }, at: moment)
        if let warning = reader.warning { common.note("czar: \(warning)") }
        return reader
    }

    /// - Throws: ``Failure`` (64) for what is no time.
    static func moment(_ text: String, option: String) throws -> Moment {
        guard let moment = Moment(text, now: currentTime(), zone: .local) else {
            throw Failure(
                message: "'\(text)' is no time for \(option): 2h, yesterday, 2026-01-31, '2026-01-31 14:03' and #41 are",
                hint: OldVerbs.command(with: text, as: "2h"), code: 64)
        }
        return moment
    }
}
