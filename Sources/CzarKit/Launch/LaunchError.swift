import CzarGit
import CzarPlanning
import SystemPackage

/// Why a worker's command could not be prepared, started or ended. Each case says what failed, on what, why, and what to do.
package enum LaunchError: FileFailure, Hashable, Sendable, CustomStringConvertible {
    /// An operation on a file of Czar's own failed; a symbolic link or something else that is no plain file or folder is not followed.
    case file(FileError)
    /// Another system call failed: on a process, a pipe, a device.
    case system(operation: String, subject: String, errno: Errno)
    /// Another supervisor holds the attempt's lifeline.
    case attemptIsRunning(worker: WorkerKey, attempt: Int)
    /// The plan names an agent that is neither built in nor defined by it.
    case unknownAgent(name: String, known: [String])
    /// A command whose elements cannot be used as they are.
    case badCommand(worker: WorkerID, reason: String)
    /// A program that is to be run now is missing or may not be run.
    case badProgram(name: String, reason: String)
    /// A command can be given no terminal of its own.
    case noTerminal(reason: String)
    /// A person works there: nothing can be started.
    case noCommand(worker: WorkerID)
    /// What the spawner handed to the supervisor, or got back from it, cannot be read.
    case unreadable(what: String, reason: String)
    /// The supervisor itself could not be started.
    case supervisorNotStarted(executable: String, reason: String)
    /// A program of Czar's own could not be started.
    case programNotStarted(executable: String, reason: String)
    /// Processes that outlived SIGKILL for the whole time limit: they hang in the kernel.
    case processesRemain(pids: [Int32])
    /// This process is in a sandbox where the pid is not that process's.
    case outOfSight(pid: Int32)

    package init(_ error: FileError) { self = .file(error) }

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .system(let operation, let subject, let errno):
            "cannot \(operation) '\(subject)': \(errno)"
        case .attemptIsRunning(let worker, let attempt):
            "attempt \(attempt) of \(worker) already has a supervisor"
        case .unknownAgent(let name, let known):
            "no agent is named '\(name)': the plan's agents and the built-in ones are \(known.joined(separator: ", "))"
        case .badCommand(let worker, let reason):
            "the command of '\(worker)' cannot be used: \(reason)"
        case .badProgram(_, let reason): reason
        case .noTerminal(let reason): "no window can be opened for the command: \(reason); 'launcher: local' in the plan needs no tmux"
        case .noCommand(let worker):
            "'\(worker)' has no command: a person works there"
        case .unreadable(let what, let reason):
            "cannot read \(what): \(reason)"
        case .programNotStarted(let executable, let reason): "cannot start '\(executable)': \(reason)"
        case .supervisorNotStarted(let executable, let reason):
            "cannot start the supervisor '\(executable)': \(reason)"
        case .processesRemain(let pids):
            "processes \(pids.map(String.init).joined(separator: ", ")) did not end after SIGKILL: they wait in the kernel, "
                + "often for a file system that does not answer"
        case .outOfSight(let pid): "process \(pid) is out of sight from inside this sandbox, which numbers its processes itself"
        }
    }
}
