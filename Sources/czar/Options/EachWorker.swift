import CzarKit
import CzarPlanning

/// Does something to several workers: all are tried, one line each.
enum EachWorker {
    /// What became of one worker.
    struct Answer {
        /// For the person.
        var text: String
        /// What JSON has beside it.
        var fields: [(name: String, value: JSONValue?)] = []
        /// Why it is a negative answer all the same.
        var refusal: Failure?
    }

    /// `body` returns the line for the person. Throws ``ShownFailure`` with the code of what failed, after all were tried.
    static func run(_ choice: WorkerChoice, _ common: CommonOptions, _ body: (WorkerDefinition) async throws -> String) async throws {
        try await answer(choice, common) { Answer(text: try await body($0)) }
    }

    /// The same with more to say in JSON.
    static func answer(_ choice: WorkerChoice, _ common: CommonOptions, _ body: (WorkerDefinition) async throws -> Answer) async throws {
        try choice.refuseIfOnlyUnknown()
        Console.outliveReader()
        var failures: [Failure] = []
        var lines: [JSONValue] = []
        func note(_ name: String, _ failure: Failure) {
            failures.append(failure)
            if common.wantsJSON {
                lines.append(result(name, message: failure.message, code: Int(failure.code)))
            } else {
                failure.show(asJSON: false)
            }
        }
        for worker in choice.workers {
            do {
                let answer = try await body(worker)
                if common.wantsJSON {
                    let (message, code) = (answer.refusal?.message ?? answer.text, Int(answer.refusal?.code ?? 0))
                    lines.append(result(worker.id.rawValue, message: message, code: code, answer.fields))
                } else if !common.quiet {
                    Console.answer(answer.text)
                }
                guard let refusal = answer.refusal else { continue }
                failures.append(refusal)
                if !common.wantsJSON { refusal.show(asJSON: false) }
            } catch {
                note(worker.id.rawValue, choice.failure(error, of: worker))
            }
        }
        for unknown in choice.unknown { note(unknown.name, Failure(unknown.error)) }
        if common.wantsJSON {
            var object = JSONObject()
            object.set("schema", "czar.results/1")
            object.set("generated_at", currentTime().description)
            object.set("results", .array(lines))
            Console.answer(object.value.prettyText)
        }
        if let last = failures.last {
            throw ShownFailure(
                failure: failures.count == 1 ? last : Failure(message: "\(failures.count) workers failed", code: Failure.code(of: failures))
            )
        }
    }

    private static func result(
        _ worker: String, message: String, code: Int, _ fields: [(name: String, value: JSONValue?)] = []
    ) -> JSONValue {
        var object = JSONObject()
        object.set("worker", worker)
        object.set("message", message)
        object.set("code", code)
        for (name, value) in fields { object.set(name, value) }
        return object.value
    }
}

/// A failure that text output has shown already; with JSON it is still the last line of standard error.
struct ShownFailure: Error {
    let failure: Failure
}
