import CzarGit
import CzarPlanning
import Glibc

/// A disk that takes no writes.
enum ReadOnlyDisk {
    /// The command that shows how it is mounted: permissions say nothing of it.
    static func remedy(for path: String) -> String { ShellText.line(["findmnt", "-T", existingPath(nearestTo: path)]) }
}

/// Room on the disk that a path lies on.
enum DiskSpace {
    /// The command that shows what is used up. What there was no room for has been taken back.
    static func remedy(for path: String) -> String {
        let place = existingPath(nearestTo: path)
        guard let figures = figures(of: place) else { return "df -h '\(place)'" }
        return figures.f_files > 0 && figures.f_favail == 0 ? "df -i '\(place)'" : "df -h '\(place)'"
    }

    /// Whether there is too little room for anything: SQLite tells of some of its writes without the reason.
    static func isUsedUp(at path: String) -> Bool {
        guard let figures = figures(of: existingPath(nearestTo: path)) else { return false }
        let isWithoutFiles = figures.f_files > 0 && figures.f_favail == 0
        // The index of the journal's log alone takes 32 KiB.
        return isWithoutFiles || UInt64(figures.f_bavail) * UInt64(figures.f_frsize) < 64 * 1024
    }

    private static func figures(of path: String) -> statvfs? {
        var figures = statvfs()
        return statvfs(path, &figures) == 0 ? figures : nil
    }
}

/// How many files a process may have open at one time.
enum OpenFiles {
    /// What the system says when it has too many.
    static let reason = String(cString: strerror(EMFILE))

    /// Whether there is room for none now: SQLite does not say why it could not open a file.
    static var areUsedUp: Bool {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if file >= 0 { close(file) }
        return file < 0 && errno == EMFILE
    }

    /// The command that lets the shell's programs open more.
    static var remedy: String {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
            return "sudo prlimit --pid $$ --nofile=\(enough)"
        }
        return "ulimit -S -n \(min(limit.rlim_max, enough))"
    }

    private static let enough: rlim_t = 4096
}
