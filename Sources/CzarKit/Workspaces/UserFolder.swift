import CzarGit
import CzarPlanning
import Glibc

/// A folder that the user named.
package enum UserFolder {
    /// The absolute path without links, of a folder that exists. A leading `~/` is this user's home, as in any path that Git reads from
    /// its configuration.
    /// `toRead`: nothing is to be made there.
    /// - Throws: ``ProjectError/noFolder(path:why:)`` when it does not; ``ProjectError/unreadable(path:why:)`` where it was to be read.
    package static func absolute(_ path: String, toRead: Bool = false) throws -> String {
        var path = path
        if path.hasPrefix("~/"), let home = processEnvironment()["HOME"] { path = home + path.dropFirst() }
        guard let resolved = realpath(path, nil) else {
            let why = String(cString: strerror(errno))
            throw toRead ? ProjectError.unreadable(path: path, why: why) : ProjectError.noFolder(path: path, why: why)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
