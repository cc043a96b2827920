import CzarGit
import Glibc
import Logging
import SystemPackage

/// The process that stands between Czar and a worker's command, so that the daemon may die at any time.
///
/// It leads a session. It claims the start before anything runs, starts the command inside its session, waits, records how
/// it ended, ends what the command left behind and settles. It holds the attempt's lifeline from before the claim until
/// after settling. Whatever kills it leaves processes that ``SessionProcesses`` finds by its identity, which the claim has
/// recorded; nothing that it has not claimed ever runs.
package struct Supervisor: Sendable {
    /// How it went, as an exit code of the supervisor process.
    package enum Outcome: Int32, Sendable {
        /// The command ran, or could not be started, and that is recorded.
        case recorded = 0
        /// Someone else had the start.
        case lost = 75
        /// Not claimed, or claimed and not recorded: then an ``UnrecordedEnding`` lies beside the lifeline.
        case failed = 70
    }

    let request: AttemptRequest
    let logger: Logger
    let terminal: WindowTerminal?
    let leftoverGrace = Duration.seconds(2)

    package init(_ request: AttemptRequest, logger: Logger) { self.init(request, logger: logger, terminal: nil) }

    /// `terminal`: the window that this process runs in.
    init(_ request: AttemptRequest, logger: Logger, terminal: WindowTerminal?) {
        (self.request, self.logger, self.terminal) = (request, logger, terminal)
    }

    /// Supervises one attempt from claim to settlement. Call it first thing in a process of its own.
    ///
    /// `spawner` takes the handshake and is closed then. `settle` runs when the ending is recorded and nothing of the attempt
    /// lives any more: auto-commit, proof, next state.
    package func run(
        recorder: some AttemptRecorder, spawner: FileDescriptor,
        settle: @Sendable (AttemptRequest, AttemptEnding) async throws -> Void
    ) async -> Outcome {
        let stops = SupervisorSignals.catchStops(hangsUp: terminal != nil)
        let supervisor: ProcessIdentity
        let lifeline: Lifeline
        do throws(LaunchError) {
            supervisor = try leadSession()
            lifeline = try Lifeline(request.attempt, stateFolder: request.stateFolder)
        } catch .attemptIsRunning(let worker, let attempt) {
            return say(.taken(reason: "\(LaunchError.attemptIsRunning(worker: worker, attempt: attempt))"), to: spawner)
        } catch {
            return say(.failed(reason: "\(error)"), to: spawner)
        }
        do {
            if case .lost(let reason) = try await recorder.claim(request.attempt, supervisor: supervisor) {
                return say(.lost(reason: reason), to: spawner)
            }
        } catch {
            return say(.failed(reason: "\(error)"), to: spawner)
        }
        do throws(LaunchError) { try AttemptReserve.reserve(request.attempt, in: request.stateFolder) } catch {
            // The claim was recorded a moment ago, so there is some space; an ending will find it too.
            logger.error("cannot reserve space for the ending of \(request.attempt): \(error)")
        }
        Handshake.claimed(supervisor).say(to: spawner)
        let outcome = await supervise(supervisor, recorder, stops, settle)
        _ = consume lifeline
        return outcome
    }

    private func supervise(
        _ supervisor: ProcessIdentity, _ recorder: some AttemptRecorder, _ stops: AsyncStream<Void>,
        _ settle: @Sendable (AttemptRequest, AttemptEnding) async throws -> Void
    ) async -> Outcome {
        let command = SupervisedCommand(
            request: request, command: request.command, terminal: terminal, supervisor: supervisor, logger: logger)
        let stops = StopRequests(stops)
        @Sendable func started(_ process: ProcessIdentity) async {
            do {
                try await recorder.started(request.attempt, command: process, terminal: terminal?.place)
            } catch {
                // The command runs and is claimed: ending it now would lose work, and its end will be recorded.
                logger.error("cannot record that \(request.attempt) started: \(error)")
            }
        }
        let ending: AttemptEnding
        if let reason = await prepare(supervisor, recorder, stops, started) {
            ending = .notPrepared(reason: reason)
        } else {
            ending = await command.run(stops: stops.stream(), started: started)
        }
        let recorded = await record(ending, recorder)
        await command.endSession(grace: leftoverGrace)
        guard recorded else { return .failed }
        do {
            try await settle(request, ending)
        } catch {
            logger.error("cannot settle \(request.attempt): \(error)")
            return .failed
        }
        return .recorded
    }

    /// Runs the set-up, if there is one to run.
    /// - Returns: why the command cannot start.
    private func prepare(
        _ supervisor: ProcessIdentity, _ recorder: some AttemptRecorder, _ stops: StopRequests,
        _ started: @escaping @Sendable (ProcessIdentity) async -> Void
    ) async -> String? {
        guard let setup = request.setup else { return nil }
        let run = SupervisedSetup(request: request, setup: setup, supervisor: supervisor, logger: logger)
        let result = await run.run(stops: stops, started: started)
        do {
            try await recorder.prepared(request.attempt, setup, result)
        } catch {
            // It will be prepared once more; that is all that is lost.
            logger.error("cannot record the set-up of \(request.attempt): \(error)")
        }
        if stops.wasAsked { return "it was stopped during its set-up" }
        return run.failure(result)
    }

    /// In the journal; else in a file beside it, for the next command to take in.
    private func record(_ ending: AttemptEnding, _ recorder: some AttemptRecorder) async -> Bool {
        do {
            try await recorder.ended(request.attempt, ending)
            giveBackReserve()
            return true
        } catch {
            logger.error("cannot record how \(request.attempt) ended: \(error)")
        }
        do throws(LaunchError) {
            try UnrecordedEnding(attempt: request.attempt, ending: ending).keep(in: request.stateFolder)
        } catch {
            logger.critical("cannot keep how \(request.attempt) ended (\(ending)): \(error)")
        }
        return false
    }

    private func giveBackReserve() {
        do throws(LaunchError) { try AttemptReserve.giveBack(request.attempt, in: request.stateFolder) } catch {
            // The next daemon removes it.
            logger.error("cannot give back the space for the ending of \(request.attempt): \(error)")
        }
    }

    /// Everything of an attempt is found by its session, so the supervisor must lead one.
    private func leadSession() throws(LaunchError) -> ProcessIdentity {
        if getsid(0) != getpid() && setsid() < 0 {
            throw .system(operation: "make a session for", subject: "the supervisor", errno: Errno(rawValue: errno))
        }
        return try LaunchError.onFiles { () throws(FileError) in try ProcessIdentity.current() }
    }

    private func say(_ handshake: Handshake, to spawner: FileDescriptor) -> Outcome {
        handshake.say(to: spawner)
        switch handshake {
        case .lost, .taken: return .lost
        case .claimed, .failed: return .failed
        }
    }
}
