import Dispatch

/// Runs what blocks on a thread of its own: a blocked thread of the shared pool would hold up every other task.
func onOwnThread<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws(LaunchError) -> Value
) async throws(LaunchError) -> Value {
    let result: Result<Value, LaunchError> = await withCheckedContinuation { continuation in
        DispatchQueue(label: "czar." + name).async {
            continuation.resume(returning: Result(catching: body))
        }
    }
    return try result.get()
}
