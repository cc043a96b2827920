import CzarGit
import CzarPlanning
import Logging

/// The set-up of a worktree as a child of the supervisor, with a time limit.
struct SupervisedSetup: Sendable {
    let request: AttemptRequest
    let setup: SetupRequest
    let supervisor: ProcessIdentity
    let logger: Logger

    /// Runs it to its end. `started` is called when it runs.
    func run(stops: StopRequests, started: @escaping @Sendable (ProcessIdentity) async -> Void) async -> SetupResult {
        let command = SupervisedCommand(
            request: request,
            command: ResolvedCommand(
                arguments: setup.arguments, environment: request.command.environment, folder: request.command.folder),
            isSetup: true, supervisor: supervisor, logger: logger)
        let begin = ContinuousClock.now
        let (ends, end) = AsyncStream<Void>.makeStream()
        let relay = Task { for await _ in stops.stream() { end.yield() } }
        let result = await withTaskGroup(of: Step.self) { group in
            group.addTask { .ended(await command.run(stops: ends, started: started)) }
            group.addTask {
                do { try await Task.sleep(for: .seconds(setup.timeout)) } catch { return .cancelled }
                return .late
            }
            var tookTooLong = false
            while let step = await group.next() {
                switch step {
                case .ended(let ending):
                    group.cancelAll()
                    return (ending, tookTooLong)
                case .late:
                    tookTooLong = true
                    end.yield()
                case .cancelled: break
                }
            }
            return (AttemptEnding.notStarted(status: 126, reason: "it was never started"), tookTooLong)
        }
        relay.cancel()
        let time = ContinuousClock.now - begin
        return SetupResult(ending: result.0, tookTooLong: result.1, seconds: time / .seconds(1))
    }

    private enum Step {
        case ended(AttemptEnding)
        case late
        case cancelled
    }

    /// Why the command cannot start; nil when the worktree is prepared.
    func failure(_ result: SetupResult) -> String? {
        let log = request.setupLogName
        let name = "its set-up '\(setup.arguments.joined(separator: " "))'"
        if result.tookTooLong {
            return "\(name) took longer than \(DurationText.format(.seconds(Int64(setup.timeout)))); see .czarina/logs/\(log)"
        }
        switch result.ending {
        case .exited(0): return nil
        case .exited(let status): return "\(name) ended with \(status); see .czarina/logs/\(log)"
        case .signalled(let signal): return "\(name) was ended by signal \(signal); see .czarina/logs/\(log)"
        case .notStarted(_, let reason), .notPrepared(let reason): return "\(name) could not be started: \(reason)"
        }
    }
}
