import ArgumentParser
import CzarKit
import CzarPlanning

struct ValidateCommand: CommonCommand {
    static let configuration = CommandConfiguration(commandName: "validate", abstract: "Reports every problem of the plan with its line.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let project = try ProjectLayout(around: common.path)
        let source = PlanSource(project)
        var problems = try source.problems()
        if !problems.contains(where: { $0.severity == .error }), let problem = try StartingPoint(project).problem(of: source.read()) {
            problems.insert(problem, at: 0)
        }
        let isValid = !problems.contains { $0.severity == .error }
        try common.answer(json(problems, isValid), text: text(problems, isValid))
        guard isValid else {
            throw ShownFailure(failure: Failure(message: verdict(problems), code: FailureKind.invalid.exitCode))
        }
    }

    private func text(_ problems: [Problem], _ isValid: Bool) -> String {
        (problems.map { DisplayText.safe($0.description) } + [isValid ? "the plan is valid" : verdict(problems)]).joined(separator: "\n")
    }

    private func verdict(_ problems: [Problem]) -> String {
        "the plan has " + Figures.plural(problems.count { $0.severity == .error }, "error")
    }

    private func json(_ problems: [Problem], _ isValid: Bool) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.validation/1")
        object.set("generated_at", currentTime().description)
        object.set("valid", isValid)
        object.set(
            "problems",
            .array(
                problems.map { problem in
                    var item = JSONObject()
                    item.set("severity", problem.severity.rawValue)
                    item.set("file", problem.file)
                    item.set("line", problem.line)
                    item.set("column", problem.column)
                    item.set("field", problem.field)
                    item.set("message", problem.message)
                    return item.value
                }))
        return object.value
    }
}
