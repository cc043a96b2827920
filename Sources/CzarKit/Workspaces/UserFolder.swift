import CzarGit
import CzarPlanning
import Glibc

/// A folder that the user named.
package enum UserFolder {
    /// The absolute path without links, of a folder that exists. A leading `~/` is this user's home, as in any path that Git reads from
    /// its configuration.
    /// - Throws: ``ProjectError/noFolder(path:why:)`` when it does not.
    package static func absolute(_ path: String) throws -> String {
        var path = path
        if path.hasPrefix("~/"), let home = processEnvironment()["HOME"] { path = home + path.dropFirst() }
        guard let resolved = realpath(path, nil) else {
            let why = String(cString: strerror(errno))
            throw ProjectError.noFolder(path: path, why: why)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
