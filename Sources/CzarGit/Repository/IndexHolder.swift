import SystemPackage

/// The process that works on a locked index, as far as one can be told: a lock of Czar's says it, and git works in the worktree's folder.
package struct IndexHolder: Hashable, Sendable, CustomStringConvertible {
    private enum Program: String { case czar, git }

    private let program: Program
    private let process: Int32

    /// The index lies in a git directory `folder`. Nil where nobody is found: the process may be out of sight, or gone.
    fileprivate init?(of lock: String, in folder: String, _ common: String) throws(GitError) {
        if let process = try stagedWork(in: common).first(where: { $0.place == lock })?.process {
            self.init(program: .czar, process: process)
        } else if let process = Self.git(in: folder) {
            self.init(program: .git, process: process)
        } else {
            return nil
        }
    }

    private init(program: Program, process: Int32) { (self.program, self.process) = (program, process) }

    /// `git (process 4711)`.
    package var description: String { "\(program) (process \(process))" }

    /// What may not be looked at counts as not found.
    /// - Complexity: O(processes of the machine).
    private static func git(in folder: String) -> Int32? {
        let own = realPath(folder) ?? folder
        let all: [ProcessStatus]
        do throws(FileError) { all = try ProcessStatus.all() } catch { return nil }
        return all.first { status in
            guard !status.hasEnded, ProcFile.line("/proc/\(status.pid)/comm") == Program.git.rawValue,
                let place = ProcFile.linkTarget("/proc/\(status.pid)/cwd"), FileKind(at: joinPath(place, ".git")) != nil
            else { return false }
            do throws(GitError) {
                let found = try gitDirectory(ofWorktree: place) ?? joinPath(place, ".git")
                return (realPath(found) ?? found) == own
            } catch {
                return false
            }
        }?.pid
    }
}

extension RepositoryLocation {
    /// Who works where a lock lies: `index.lock`, or another file in a worktree's git directory.
    package func holder(ofLock path: String) throws(GitError) -> IndexHolder? {
        try IndexHolder(of: path, in: splitPath(path).folder, commonDirectory)
    }
}

extension IndexPlace {
    func holder() throws(GitError) -> IndexHolder? { try IndexHolder(of: path + ".lock", in: splitPath(path).folder, common) }
}

extension GitError {
    /// How the message of a lock ends that nobody seems to hold.
    package static let holderUnknown = "the git process that made it is at work out of sight, or was killed"
}
