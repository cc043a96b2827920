import ArgumentParser
import CzarKit
import CzarPlanning

/// An error as the program shows it: sentence, hint, exit code.
struct Failure: Error {
    let message: String
    let hint: String?
    let code: Int32

    init(message: String, hint: String? = nil, code: Int32) { (self.message, self.hint, self.code) = (message, hint, code) }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case WorkspaceError.missingBase(_, let base, .mistyped(let near)) where OldVerbs.isWord(base):
            self.init(message: "\(error)", hint: OldVerbs.command(with: base, as: near), code: FailureKind.missing.exitCode)
        case let error as ProjectError: self.init(message: "\(error)", hint: Self.repaired(error), code: error.kind.exitCode)
        case let error as any Explained:
            self.init(message: "\(error)", hint: error.remedy ?? error.kind.usualRemedy, code: error.kind.exitCode)
        default: self.init(message: "\(error)", hint: FailureKind.internal.usualRemedy, code: 70)
        }
    }

    /// The command as it was probably meant, where only a worker's name was wrong or missing.
    private static func repaired(_ error: ProjectError) -> String? {
        switch error {
        case .noSuchWorker(let name, let suggestion?, _): OldVerbs.command(with: name, as: suggestion)
        case .workerNeeded(let known): OldVerbs.command(for: known.first, of: known) ?? error.remedy
        default: error.remedy ?? error.kind.usualRemedy
        }
    }

    /// `czar: …`, then `try: …` where there is something to try.
    var text: String { "czar: \(message)" + (hint.map { "\ntry: \($0)" } ?? "") }

    var json: JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.error/1")
        object.set("generated_at", currentTime().description)
        object.set("code", Int(code))
        object.set("message", message)
        object.set("hint", hint)
        return object.value
    }

    func show(asJSON: Bool) {
        Console.note(
            asJSON
                ? json.text
                : text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.safe(String($0)) }.joined(separator: "\n")
        )
    }

    /// The code for several workers: the common one if all failures share one, else the highest.
    static func code(of failures: [Failure]) -> Int32 { failures.map(\.code).max() ?? 0 }
}

extension FailureKind {
    /// The command that helps where the error itself names none.
    var usualRemedy: String {
        switch self {
        case .usage: "czar --help"
        case .invalid: "czar validate"
        case .missing, .negative, .busy, .refused, .timedOut, .interrupted: "czar status"
        case .unavailable, .internal, .cannotCreate: "czar doctor"
        }
    }

    /// SPEC section 6.
    var exitCode: Int32 {
        switch self {
        case .negative: 1
        case .usage: 64
        case .invalid: 65
        case .missing: 66
        case .unavailable: 69
        case .internal: 70
        case .cannotCreate: 73
        case .busy: 75
        case .refused: 77
        case .timedOut: 124
        case .interrupted: 130
        }
    }
}
