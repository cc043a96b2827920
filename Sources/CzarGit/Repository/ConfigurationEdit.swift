import Glibc
import SystemPackage

extension RepositoryLocation {
    /// Changes settings of a file in the common directory, all at once and under git's lock.
    ///
    /// libgit2 takes `config.lock` by itself, and a process that is killed then leaves a lock of which nobody can say whose it is; no git
    /// command writes a setting any more. So libgit2 works on a copy (``StagingIndex`` does as much for indexes), where it sees no file that
    /// is included by a relative path: git changes the file's own lines, too.
    ///
    /// - Throws: ``GitError``, with ``GitError/Code/locked`` when another process holds the lock for longer than two seconds.
    func editConfiguration(_ name: String, _ change: (borrowing ConfigurationFile) throws(GitError) -> Void) throws(GitError) {
        let path = joinPath(commonDirectory, name)
        // Git follows a link, and so replaces the file that is meant and not the link.
        guard FileKind(at: path) != .symlink else { return try change(ConfigurationFile(onDisk: path)) }
        let lock = try lockConfiguration(name, path)
        do throws(GitError) {
            try onFiles { () throws(FileError) in try lock.ownFolder().create(name, fileContent(path) ?? []) }
            let copy = try onFiles { () throws(FileError) in try lock.ownFolder().join(name) }
            try change(ConfigurationFile(onDisk: copy))
            try onFiles { () throws(FileError) in try lock.refill(fileContent(copy) ?? [], as: path) }
        } catch {
            try onFiles { () throws(FileError) in try lock.release() }
            throw error
        }
        try onFiles { () throws(FileError) in try lock.commit() }
    }

    private func lockConfiguration(_ name: String, _ path: String) throws(GitError) -> ReferenceLock {
        var backoff = Backoff(limit: .seconds(2))
        while true {
            if let lock = try onFiles({ () throws(FileError) in
                try ReferenceLock.take(name, content: [], below: commonDirectory, ownFiles)
            }) {
                return lock
            }
            guard backoff.pause() else {
                throw GitError(
                    code: .locked, operation: "write the settings in", subject: path,
                    message: "'\(path).lock' is there: \(GitError.holderUnknown)")
            }
        }
    }
}
