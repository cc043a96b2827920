import ArgumentParser
import CzarKit
import CzarPlanning

struct DoctorCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks everything that Czar relies on and names each problem with its remedy.",
        discussion: "Ends with 1 while there is a problem. Without an option it changes nothing but mirrors and plan acceptance.")

    @Flag(help: "Take over the journal of a repository that was copied or moved here.")
    var adopt = false

    @Flag(help: "Mend what can be mended without losing anything: links, leftovers, a damaged journal.")
    var repair = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        if adopt || repair { try ActingWorker.leaveToOperators("mend with 'czar doctor'") }
        let (path, options) = (common.path, Doctor.Options(adopt: adopt, repair: repair))
        let findings = try await onOwnThread("doctor") {
            var doctor = try Doctor(around: path, options: options)
            return try doctor.examine()
        }
        let isHealthy = !findings.contains { $0.severity == .problem }
        var object = JSONObject()
        object.set("schema", "czar.doctor/1")
        object.set("generated_at", currentTime().description)
        object.set("healthy", isHealthy)
        object.set("findings", .array(findings.map(\.json)))
        try common.answer(object.value, text: text(findings, isHealthy))
        guard isHealthy else {
            let problems = findings.count { $0.severity == .problem }
            throw ShownFailure(
                failure: Failure(message: "found \(Figures.plural(problems, "problem"))", code: FailureKind.negative.exitCode))
        }
    }

    private func text(_ findings: [DoctorFinding], _ isHealthy: Bool) -> String {
        let style = common.style
        let lines = findings.flatMap { finding -> [String] in
            let tone: Style.Tone = finding.severity == .problem ? .red : finding.severity == .repaired ? .green : .faint
            let sentence = finding.sentence.split(separator: "\n").map { DisplayText.safe(String($0)) }.joined(separator: "\n  ")
            return [style.paint(finding.severity.rawValue, tone) + ": " + sentence]
                + (finding.remedy.map { ["  try: " + DisplayText.safe($0)] } ?? [])
        }
        return (lines + [isHealthy ? "no problem found" : "there are problems"]).joined(separator: "\n")
    }
}

extension DoctorFinding {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("name", name)
        object.set("severity", severity.rawValue)
        object.set("message", sentence)
        object.setOrNull("hint", remedy.map { .string($0) })
        return object.value
    }
}
