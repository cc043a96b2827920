import CzarGit
import CzarPlanning
import Glibc
import SystemPackage

/// The file that takes the output of one attempt: `.czarina/logs/<worker>.<attempt>.log`, with `<worker>.log` as a link to
/// the latest; of a worker whose id another phase has used here, `<worker>@<phase>.<attempt>.log`.
enum AttemptLog {
    /// Opens a log for appending, 0600. Nothing below `.czarina` is reached through a symlink.
    static func open(_ name: String, czarinaFolder: String) throws(LaunchError) -> FileDescriptor {
        try LaunchError.onFiles { () throws(FileError) in
            try logs(czarinaFolder).descriptor(of: name, O_WRONLY | O_APPEND | O_CREAT)
        }
    }

    /// Lets `<worker>.log` name this log. What stands there and is no symlink is kept: an attempt of a worker
    /// whose id ends in a number has a log of that name.
    static func nameLatest(_ name: String, of worker: String, czarinaFolder: String) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in try logs(czarinaFolder).replaceLink("\(worker).log", to: name) }
    }

    /// What the logs of a worker's attempts begin with. Two phases may have a worker of one id, and each keeps its own logs; no id
    /// holds an `@`.
    static func stem(of worker: WorkerKey, in state: ProjectState) -> String {
        let isShared = state.workers.values.contains { record in
            record.key.id == worker.id && record.key.phase != worker.phase && record.attempts.count > 0
        }
        return isShared ? "\(worker.id)@\(AttemptID(worker, number: 0).safePhase)" : worker.id.rawValue
    }

    private static func logs(_ czarinaFolder: String) throws(FileError) -> Folder {
        try Folder(opening: czarinaFolder).subfolder("logs", creating: 0o700)
    }
}
