import CzarKit
import CzarPlanning

/// Does something to several workers: all are tried, one line each.
enum EachWorker {
    /// `body` returns the line for the person. Throws ``ShownFailure`` with the code of what failed, after all were tried.
    static func run(_ workers: [WorkerDefinition], _ common: CommonOptions, _ body: (WorkerDefinition) async throws -> String) async throws
    {
        Console.outliveReader()
        var failures: [Failure] = []
        var lines: [JSONValue] = []
        for worker in workers {
            do {
                let line = try await body(worker)
                if common.wantsJSON {
                    lines.append(result(worker, message: line, code: 0))
                } else if !common.quiet {
                    Console.answer(line)
                }
            } catch {
                let failure = Failure(error)
                failures.append(failure)
                if common.wantsJSON {
                    lines.append(result(worker, message: failure.message, code: Int(failure.code)))
                } else {
                    failure.show(asJSON: false)
                }
            }
        }
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

    private static func result(_ worker: WorkerDefinition, message: String, code: Int) -> JSONValue {
        var object = JSONObject()
        object.set("worker", worker.id.rawValue)
        object.set("message", message)
        object.set("code", code)
        return object.value
    }
}

/// A failure that text output has shown already; with JSON it is still the last line of standard error.
struct ShownFailure: Error {
    let failure: Failure
}
