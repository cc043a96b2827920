import CzarGit
import Glibc
import SystemPackage

/// An attempt that the journal says is running: what an operator does to it, with or without a daemon.
///
/// All of it blocks the calling thread; call it on a thread of its own.
package struct RunningAttempt: Sendable {
    package let supervisor: ProcessIdentity

    package init(supervisor: ProcessIdentity) { self.supervisor = supervisor }

    package var processes: SessionProcesses { SessionProcesses(supervisor: supervisor) }

    /// Stops the command's processes; the supervisor goes on waiting.
    @discardableResult
    package func pause() throws(LaunchError) -> Int { try processes.pause() }

    @discardableResult
    package func resume() throws(LaunchError) -> Int { try processes.resume() }

    /// Asks the supervisor to end the command, which it does within its grace, and returns at once.
    ///
    /// A supervisor that is gone is not asked: its attempt is orphaned, and whoever settles that ends the processes.
    package func requestStop() throws(LaunchError) {
        guard let handle = try ProcessHandle.of(supervisor) else { return }
        _ = try handle.send(SIGTERM)
    }

    /// Ends the attempt: asks the supervisor, which ends the command, records how it ended and settles. Where the supervisor
    /// is gone, or not done after `grace` and `patience`, the processes are ended from here; then nothing has recorded it.
    ///
    /// Returns whether the supervisor did it, that is, whether the ending is recorded.
    @discardableResult
    package func stop(grace: Duration, patience: Duration = .seconds(30)) throws(LaunchError) -> Bool {
        if let handle = try ProcessHandle.of(supervisor) {
            if try handle.send(SIGTERM), try handle.waitForEnd(until: Deadline(after: grace + patience)) {
                try processes.terminate(grace: .zero)
                return true
            }
        }
        try processes.terminate(grace: grace)
        return false
    }
}
