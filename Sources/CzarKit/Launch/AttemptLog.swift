import CzarGit
import Glibc
import SystemPackage

/// The file that takes the output of one attempt: `.czarina/logs/<worker>.<attempt>.log`, with `<worker>.log` as a link to
/// the latest.
enum AttemptLog {
    /// Opens it for appending, 0600. Nothing below `.czarina` is reached through a symlink.
    static func open(_ attempt: AttemptID, czarinaFolder: String) throws(LaunchError) -> FileDescriptor {
        try LaunchError.onFiles { () throws(FileError) in
            try logs(czarinaFolder).descriptor(of: attempt.logName, O_WRONLY | O_APPEND | O_CREAT)
        }
    }

    /// The log of a worktree's set-up.
    static func setupName(_ attempt: AttemptID) -> String { "\(attempt.worker).setup.log" }

    /// Opens the set-up's log for appending.
    static func openSetup(_ attempt: AttemptID, czarinaFolder: String) throws(LaunchError) -> FileDescriptor {
        try LaunchError.onFiles { () throws(FileError) in
            try logs(czarinaFolder).descriptor(of: setupName(attempt), O_WRONLY | O_APPEND | O_CREAT)
        }
    }

    /// Lets `<worker>.log` name this attempt's log. What stands there and is no symlink is kept: an attempt of a worker
    /// whose id ends in a number has a log of that name.
    static func nameLatest(_ attempt: AttemptID, czarinaFolder: String) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in
            try logs(czarinaFolder).replaceLink("\(attempt.worker).log", to: attempt.logName)
        }
    }

    private static func logs(_ czarinaFolder: String) throws(FileError) -> Folder {
        try Folder(opening: czarinaFolder).subfolder("logs", creating: 0o700)
    }
}
