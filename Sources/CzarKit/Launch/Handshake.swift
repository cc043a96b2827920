import CzarGit
import CzarPlanning
import Glibc
import SystemPackage

/// The one line that a supervisor says to its spawner: whether the start is its own.
package enum Handshake: Hashable, Sendable {
    /// The start is claimed, by this process; the command follows. What becomes of it stands in the journal.
    case claimed(ProcessIdentity)
    /// Somebody else has it, or it may not be had any more; nothing was started.
    case lost(reason: String)
    /// Another supervisor is about to claim it, or has claimed it; nothing was started.
    case taken(reason: String)
    /// Neither: nothing was claimed and nothing was started.
    case failed(reason: String)

    /// `claimed`, `lost`, `taken` or `failed`, a space, and JSON.
    var line: String {
        switch self {
        case .claimed(let supervisor): "claimed \(JSONText.object(supervisor.fields))\n"
        case .lost(let reason): "lost \(JSONText.object(["reason": reason]))\n"
        case .taken(let reason): "taken \(JSONText.object(["reason": reason]))\n"
        case .failed(let reason): "failed \(JSONText.object(["reason": reason]))\n"
        }
    }

    /// - Throws: ``LaunchError/unreadable(what:reason:)``; an empty line means that the supervisor ended without a word.
    init(line: String) throws(LaunchError) {
        let what = "the supervisor's answer"
        guard !line.isEmpty else { throw .unreadable(what: what, reason: "it ended before it gave one") }
        let parts = line.split(separator: " ", maxSplits: 1)
        let fields: [String: String]
        do throws(EventLineProblem) { fields = try JSONText.fields(of: String(parts.last ?? "")) } catch {
            throw .unreadable(what: what, reason: "'\(line.prefix(200))'")
        }
        switch (parts.first, ProcessIdentity(fields: fields), fields["reason"]) {
        case ("claimed", let supervisor?, _): self = .claimed(supervisor)
        case ("lost", _, let reason?): self = .lost(reason: reason)
        case ("taken", _, let reason?): self = .taken(reason: reason)
        case ("failed", _, let reason?): self = .failed(reason: reason)
        default: throw .unreadable(what: what, reason: "'\(line.prefix(200))'")
        }
    }

    /// Says it and hangs up. A spawner that is gone already is no reason to stop: the journal has the truth.
    func say(to spawner: FileDescriptor) {
        do {
            try spawner.closeAfter { _ = try spawner.writeAll(line.utf8) }
        } catch {
            return
        }
    }
}
