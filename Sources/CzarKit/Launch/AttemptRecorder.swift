import CzarGit
import CzarPlanning

/// Where a supervisor writes what becomes of its attempt. The journal is one; tests have another.
package protocol AttemptRecorder: Sendable {
    /// Takes the attempt for this supervisor, by compare-and-swap: of all that ask, one is told `.claimed`.
    /// Nothing of the attempt may start before.
    func claim(_ attempt: AttemptID, supervisor: ProcessIdentity) async throws -> AttemptClaim

    /// The command runs, or the set-up before it. It leads a process group of its own.
    /// `terminal`: where it has one of its own.
    func started(_ attempt: AttemptID, command: ProcessIdentity, terminal: TerminalPlace?) async throws

    /// What prepares the worktree has ended, well or not.
    func prepared(_ attempt: AttemptID, _ setup: SetupRequest, _ result: SetupResult) async throws

    /// The command has ended, or never ran. Durable when this returns.
    func ended(_ attempt: AttemptID, _ ending: AttemptEnding) async throws
}

/// The answer to a claim.
package enum AttemptClaim: Hashable, Sendable {
    case claimed
    /// Someone else has the attempt, or the worker may not start any more; `reason` says which.
    case lost(reason: String)
}

/// One run of a worker's command.
package struct AttemptID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let phase: String
    package let worker: String
    /// From 1.
    package let number: Int

    package init(_ worker: WorkerKey, number: Int) {
        (phase, self.worker, self.number) = (worker.phase.rawValue, worker.id.rawValue, number)
    }

    /// Nil when the text that was read is no worker id.
    package var key: WorkerKey? {
        WorkerID(rawValue: worker).map { WorkerKey(phase: PhaseID(rawValue: phase), id: $0) }
    }

    package var description: String { "\(worker).\(number)" }
}

/// How a command ended.
package enum AttemptEnding: Hashable, Sendable, Codable {
    case exited(Int32)
    case signalled(Int32)
    /// It never ran. `status` is what a shell would have given: 127 not found, 126 found but not runnable.
    case notStarted(status: Int32, reason: String)
    /// What prepares the worktree did not succeed, so the command never ran.
    case notPrepared(reason: String)

    /// What a shell would show: the exit status, or 128 and the signal.
    package var status: Int32 {
        switch self {
        case .exited(let status), .notStarted(let status, _): status
        case .signalled(let signal): 128 + signal
        case .notPrepared: 126
        }
    }

    /// The journal's form: `exit`, `signal`, or `exit` and `reason`.
    package var fields: [String: String] {
        switch self {
        case .exited(let status): ["exit": String(status)]
        case .signalled(let signal): ["signal": String(signal)]
        case .notStarted(let status, let reason): ["exit": String(status), "not_started": reason]
        case .notPrepared(let reason): ["not_prepared": reason]
        }
    }

    /// Nil when the fields are of something else.
    package init?(fields: [String: String]) {
        if let signal = fields["signal"].flatMap({ Int32($0) }) {
            self = .signalled(signal)
        } else if let reason = fields["not_prepared"] {
            self = .notPrepared(reason: reason)
        } else if let status = fields["exit"].flatMap({ Int32($0) }) {
            self = fields["not_started"].map { .notStarted(status: status, reason: $0) } ?? .exited(status)
        } else {
            return nil
        }
    }
}
