import CzarKit
import CzarPlanning

/// Does something to several workers: all are tried, one line each.
enum EachWorker {
    /// `body` returns the line for the person. Throws ``ShownFailure`` with the code of what failed, after all were tried.
    static func run(_ choice: WorkerChoice, _ common: CommonOptions, _ body: (WorkerDefinition) async throws -> String) async throws {
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
                let line = try await body(worker)
                if common.wantsJSON {
                    lines.append(result(worker.id.rawValue, message: line, code: 0))
                } else if !common.quiet {
                    Console.answer(line)
                }
            } catch {
                note(worker.id.rawValue, Failure(error))
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

    private static func result(_ worker: String, message: String, code: Int) -> JSONValue {
        var object = JSONObject()
        object.set("worker", worker)
        object.set("message", message)
        object.set("code", code)
        return object.value
    }
}

/// A failure that text output has shown already; with JSON it is still the last line of standard error.
struct ShownFailure: Error {
    let failure: Failure
}
