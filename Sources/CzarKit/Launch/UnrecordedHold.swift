import CzarPlanning
import FoundationEssentials

/// Why a running command is ended on purpose, kept in a file because the journal would not take it.
///
/// Without it the end would count as a failure, and a retry would start again what somebody has ended. It goes into the journal together
/// with the end, whoever records that.
struct UnrecordedHold: Hashable, Sendable, Codable {
    let attempt: AttemptID
    /// The cause's raw value; nil where the worker has failed for good.
    private let pausing: String?
    let reason: String

    /// The worker is paused by `cause`.
    static func paused(_ attempt: AttemptID, by cause: Cause, reason: String) -> UnrecordedHold {
        UnrecordedHold(attempt: attempt, pausing: cause.rawValue, reason: reason)
    }

    /// The worker has failed, as an operator says.
    static func failed(_ attempt: AttemptID, reason: String) -> UnrecordedHold {
        UnrecordedHold(attempt: attempt, pausing: nil, reason: reason)
    }

    /// What the journal would have been told; nothing where the worker cannot be held like that any more.
    func events(_ record: WorkerRecord, _ event: Event) -> [Event] {
        guard let pausing else {
            guard record.state.canMove(to: .failed) else { return [] }
            return [event.stateChanged(from: record.state, StateMove(to: .failed, causes: [.operator], reason: reason))]
        }
        guard record.state == .paused || record.state.canMove(to: .paused) else { return [] }
        return event.paused(record, by: Cause(rawValue: pausing), reason: reason, ends: true)
    }

    /// Writes it down for whoever records the end. False where that failed too, most likely for the journal's reason.
    func wasKept(in stateFolder: String) -> Bool {
        do throws(LaunchError) {
            try AttemptReserve(.held, in: stateFolder).keep(self, of: attempt)
            return true
        } catch {
            return false
        }
    }

    /// That of one attempt; nil when none was kept.
    static func of(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) -> UnrecordedHold? {
        guard let file = try AttemptReserve(.held, in: stateFolder).content(of: attempt) else { return nil }
        do { return try JSONDecoder().decode(Self.self, from: Data(file.bytes)) } catch {
            // Whoever was killed while writing it had not ended anything yet.
            return nil
        }
    }
}
