import CzarGit
import CzarPlanning
import Glibc

/// A folder that the user named.
package enum UserFolder {
    /// The absolute path without links, of a folder that exists.
    /// - Throws: ``ProjectError/unreadable(path:why:)`` when it does not.
    package static func absolute(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else {
            throw ProjectError.unreadable(path: path, why: String(cString: strerror(errno)))
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
