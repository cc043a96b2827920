import Dispatch

/// Runs what blocks on a thread of its own: a blocked thread of the shared pool would hold up every other task.
package func onOwnThread<Value: Sendable, Failure: Error>(
    _ name: String, _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        DispatchQueue(label: "czar." + name).async {
            continuation.resume(returning: Result(catching: body))
        }
    }
    return try result.get()
}
