import CLibgit2
import Glibc
import SystemPackage

/// Writes one loose reference by git's files protocol: lock, compare, reflog, rename.
///
/// libgit2 could do it, but a process that is killed in it leaves a lock that nobody may remove (``ReferenceLock``).
extension Repository {
    /// Makes the reference `new`, or deletes it where that is nil; `verify` runs under the lock and throws when the reference is not what
    /// the caller expects.
    ///
    /// Returns false when another process holds a lock: worth another attempt.
    func write(
        _ reference: String, _ new: ObjectID?, from old: ObjectID?, message: String, verify: () throws(ReferenceError) -> Void
    ) throws(ReferenceError) -> Bool {
        let content = Array(((new ?? .zero).hex + "\n").utf8)
        let own = try ReferenceError.onGit { () throws(GitError) in try ownFiles() }
        let taken = try ReferenceError.onFiles { () throws(FileError) in
            try ReferenceLock.take(reference, content: content, below: commonDirectory, own)
        }
        guard let lock = taken else { return false }
        do throws(ReferenceError) {
            try verify()
            guard let new else { return try delete(reference, lock, own) }
            try ReferenceError.onGit { () throws(GitError) in try appendToReflogs(of: reference, from: old ?? .zero, to: new, message) }
        } catch {
            try ReferenceError.onFiles { () throws(FileError) in try lock.release() }
            throw error
        }
        try ReferenceError.onFiles { () throws(FileError) in try lock.commit() }
        return true
    }

    /// Who may open what Czar keeps for itself in this repository.
    func ownFiles() throws(GitError) -> OwnFiles { OwnFiles(sharedRepository: try configValue("core.sharedRepository")) }

    /// First from `packed-refs`, then the loose file: until that is gone the reference is what it was.
    private func delete(_ reference: String, _ lock: borrowing ReferenceLock, _ own: OwnFiles) throws(ReferenceError) -> Bool {
        try ReferenceError.onFiles { () throws(FileError) in
            guard try dropPacked(reference, own) else {
                try lock.release()
                return false
            }
            let common = try Folder(opening: commonDirectory)
            try remove("logs/" + reference, in: common)
            try lock.removeLocked()
            try removeEmptyParents(of: reference, in: common)
            try removeEmptyParents(of: "logs/" + reference, in: common)
            return true
        }
    }

    /// False while another process holds the lock, or has just written.
    private func dropPacked(_ reference: String, _ own: OwnFiles) throws(FileError) -> Bool {
        let path = joinPath(commonDirectory, "packed-refs")
        let old = try fileContent(path) ?? []
        guard let new = withoutPacked(reference, old) else { return true }
        guard let lock = try ReferenceLock.take("packed-refs", content: new, below: commonDirectory, own) else { return false }
        guard try fileContent(path) ?? [] == old else {
            try lock.release()
            return false
        }
        try lock.commit()
        return true
    }

    private func remove(_ path: String, in common: borrowing Folder) throws(FileError) {
        let (parent, name) = splitPath(path)
        do throws(FileError) { try common.subfolder(parent).removeFile(name) } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    /// Up to git's own folders, as git does.
    private func removeEmptyParents(of path: String, in common: borrowing Folder) throws(FileError) {
        var parent = splitPath(path).folder
        while parent.split(separator: "/").count > (path.hasPrefix("logs/") ? 3 : 2) {
            let (above, name) = splitPath(parent)
            do throws(FileError) {
                guard try common.subfolder(above).removeEmptyFolder(name) else { return }
            } catch {
                if error.errno != .noSuchFileOrDirectory { throw error }
            }
            parent = above
        }
    }

    // MARK: - Reflogs

    /// The reference's own, and HEAD's of this worktree where HEAD is on it.
    private func appendToReflogs(of reference: String, from old: ObjectID, to new: ObjectID, _ message: String) throws(GitError) {
        let text = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        let line = Array("\(old.hex) \(new.hex) \(try reflogSignature().line)\t\(text)\n".utf8)
        try appendToReflog(reference, in: commonDirectory, line)
        // HEAD names no other kind, and what it says may be damaged where a recovery is kept.
        guard reference.hasPrefix("refs/heads/") else { return }
        let head: String?
        do throws(ReferenceError) { head = try symbolicTarget("HEAD") } catch { throw error.gitError }
        if head == reference { try appendToReflog("HEAD", in: gitDirectory, line) }
    }

    private func appendToReflog(_ reference: String, in directory: String, _ line: [UInt8]) throws(GitError) {
        let path = joinPath(directory, "logs/" + reference)
        if FileKind(at: path) != .file, try !makesReflog(for: reference) { return }
        try onFiles { () throws(FileError) in
            let (parent, name) = splitPath("logs/" + reference)
            let folder = try Folder(opening: directory).subfolder(parent, creating: 0o777)
            if folder.kind(of: name) == .folder { _ = try removeEmptyFolders(name, in: folder) }
            try folder.append(line, to: name, mode: 0o666)
        }
    }

    /// `core.logAllRefUpdates`.
    private func makesReflog(for reference: String) throws(GitError) -> Bool {
        let settings = try configuration()
        let value = try settings.text("core.logallrefupdates")
        if value?.lowercased() == "always" { return true }
        if value != nil, try settings.flag("core.logallrefupdates") == false { return false }
        if value == nil, git_repository_is_bare(handle) == 1 { return false }
        return reference == "HEAD" || ["refs/heads/", "refs/remotes/", "refs/notes/"].contains { reference.hasPrefix($0) }
    }
}

/// `packed-refs` without one reference and the line that peels it; nil when it is not in there.
private func withoutPacked(_ reference: String, _ content: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var isFound = false
    var isDropping = false
    for line in content.split(separator: 0x0A, omittingEmptySubsequences: true) {
        // A peeled line belongs to the one before it.
        if line.first != 0x5E { isDropping = line.count > 41 && line.first != 0x23 && line.dropFirst(41).elementsEqual(reference.utf8) }
        if isDropping { isFound = true } else { result += line + [0x0A] }
    }
    return isFound ? result : nil
}

extension ReferenceError: FileFailure {
    /// A file operation on references that failed.
    package init(_ error: FileError) { self = .git(GitError(error)) }

    fileprivate static func onGit<Value>(_ body: () throws(GitError) -> Value) throws(ReferenceError) -> Value {
        do throws(GitError) { return try body() } catch { throw .git(error) }
    }
}
