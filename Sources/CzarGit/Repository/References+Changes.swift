import CLibgit2
import Glibc

/// Reference changes: each is one compare-and-swap, retried while another process holds the lock.
///
/// libgit2 never waits for a lock (-14) and reports a lost comparison as -15, sometimes only because the other side was in the middle of
/// its write. So each attempt reads the value first, and only a value that really differs ends the retries.
extension Repository {
    /// Creates a reference that must not exist yet.
    ///
    /// - Throws: ``ReferenceError``: `exists`, `nameCollision` (a reference stands where a folder is needed or the reverse), `locked`, `invalidName`.
    package func createReference(_ reference: String, at target: ObjectID, message: String) throws(ReferenceError) {
        try requireValidName(reference)
        try retryingLocks(reference) { () throws(ReferenceError) in
            if try lookupExists(reference) { throw .exists(reference: reference) }
            if let other = try collision(with: reference) { throw .nameCollision(reference: reference, with: other) }
            return try attempt(reference) { () throws(GitError) in
                var raw = target.raw
                let made = try make("create the reference", reference) { git_reference_create(&$0, handle, reference, &raw, 0, message) }
                git_reference_free(made)
            }
        }
    }

    /// Creates a local branch (name without `refs/heads/`); HEAD and worktrees stay as they are.
    package func createBranch(_ branch: String, at target: ObjectID) throws(ReferenceError) {
        guard !branch.isEmpty, !branch.hasPrefix("-"), branch != "HEAD" else { throw .invalidName(branch) }
        try createReference("refs/heads/" + branch, at: target, message: "branch: Created from \(target.hex)")
    }

    /// Moves a reference from `expected` to `target`, atomically; with `expected` ``ObjectID/zero`` it is created.
    ///
    /// - Throws: ``ReferenceError``: `moved` when the value is another, `symbolic`, `locked`.
    package func updateReference(
        _ reference: String, from expected: ObjectID, to target: ObjectID, message: String
    ) throws(ReferenceError) {
        if expected == .zero { return try createReference(reference, at: target, message: message) }
        try requireValidName(reference)
        try retryingLocks(reference) { () throws(ReferenceError) in
            try requireValue(expected, of: reference)
            return try attempt(reference) { () throws(GitError) in
                var new = target.raw
                var old = expected.raw
                let made = try make("move the reference", reference) {
                    git_reference_create_matching(&$0, handle, reference, &new, 1, &old, message)
                }
                git_reference_free(made)
            }
        }
    }

    /// Deletes a reference that still has the value `expected`.
    ///
    /// A `git pack-refs` that runs at the same time can write the deleted reference back (LIBGIT2 section 4): so a packing that is
    /// under way is waited for, and what came back is removed again.
    package func deleteReference(_ reference: String, expecting expected: ObjectID) throws(ReferenceError) {
        try requireValidName(reference)
        for _ in 0..<5 {
            try retryingLocks(reference) { () throws(ReferenceError) in
                try requireValue(expected, of: reference)
                guard let found = try lookup(reference) else { return true }
                defer { git_reference_free(found) }
                return try attempt(reference) { () throws(GitError) in
                    // The handle carries the value it was read with, and the deletion compares with that.
                    try check("delete the reference", reference) { git_reference_delete(found) }
                }
            }
            try awaitPacking()
            guard let back = try referenceTarget(reference) else { return }
            guard back == expected else { throw .moved(reference: reference, expected: expected, found: back) }
        }
        throw .resurrected(reference: reference)
    }

    /// Removes the lock file that a creation of `reference` at `commit` left when its process was killed.
    ///
    /// Only a lock that has not been touched for seconds, beside no such reference, and that holds what such a creation writes: nothing
    /// yet, or the commit. Should a git process sleep for that long in the middle of creating the same branch, it fails; nothing is lost.
    /// - Returns: whether there was one.
    package func removeAbandonedLock(of reference: String, for commit: ObjectID) throws(ReferenceError) -> Bool {
        guard try referenceTarget(reference) == nil else { return false }
        let (relative, name) = splitPath(reference)
        do throws(FileError) {
            let folder = try Folder(opening: commonDirectory).subfolder(relative)
            var info = stat()
            guard fstatat(folder.descriptor, name + ".lock", &info, AT_SYMLINK_NOFOLLOW) == 0, time(nil) - info.st_mtim.tv_sec >= 2 else {
                return false
            }
            guard let bytes = try folder.read(name + ".lock"), bytes.isEmpty || bytes == Array((commit.hex + "\n").utf8) else {
                return false
            }
            return try folder.removeFile(name + ".lock")
        } catch {
            throw .git(GitError(error))
        }
    }

    /// Waits until no packing is under way that may have read references before now: it holds its lock from reading to renaming, and one
    /// that starts later no longer sees what was deleted.
    private func awaitPacking() throws(ReferenceError) {
        var backoff = Backoff(limit: .seconds(2))
        while FileKind(at: joinPath(commonDirectory, "packed-refs.lock")) != nil {
            guard backoff.pause() else { throw .locked(reference: "packed-refs") }
        }
    }

    private func requireValidName(_ reference: String) throws(ReferenceError) {
        var valid: Int32 = 0
        do throws(GitError) {
            try check("read the name", reference) { git_reference_name_is_valid(&valid, reference) }
        } catch {
            throw .git(error)
        }
        guard valid == 1, !reference.utf8.contains(0) else { throw .invalidName(reference) }
    }

    private func requireValue(_ expected: ObjectID, of reference: String) throws(ReferenceError) {
        if let target = try symbolicTarget(reference) { throw .symbolic(reference: reference, target: target) }
        let found = try referenceTarget(reference)
        guard found == expected else { throw .moved(reference: reference, expected: expected, found: found) }
    }

    private func lookupExists(_ reference: String) throws(ReferenceError) -> Bool {
        guard let found = try lookup(reference) else { return false }
        git_reference_free(found)
        return true
    }

    /// The reference that makes `reference` impossible: one of its parents, or one below it.
    private func collision(with reference: String) throws(ReferenceError) -> String? {
        var parent = splitPath(reference).folder
        while parent.contains("/") {
            if try lookupExists(parent) { return parent }
            parent = splitPath(parent).folder
        }
        // Wildcards cannot be in a valid name, so the name is its own literal glob.
        return try references(matching: reference + "/*").first?.name
    }

    /// One attempt: true when done, false when it is worth another one.
    private func attempt(_ reference: String, _ body: () throws(GitError) -> Void) throws(ReferenceError) -> Bool {
        do throws(GitError) {
            try body()
            return true
        } catch {
            if error.code == .locked || error.code == .modified || error.code == .exists { return false }
            // The loose file may vanish between libgit2's look and its read while references are being packed.
            if error.code == .notFound { return false }
            throw ReferenceError(error, reference)
        }
    }

    private func retryingLocks(_ reference: String, _ attempt: () throws(ReferenceError) -> Bool) throws(ReferenceError) {
        var backoff = Backoff(limit: .seconds(2))
        while try !attempt() {
            guard backoff.pause() else { throw .locked(reference: reference) }
        }
    }
}
