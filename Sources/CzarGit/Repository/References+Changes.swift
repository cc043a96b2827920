import CLibgit2
import Glibc

/// Reference changes: each is one compare-and-swap, retried while another process holds the lock.
///
/// The value is compared under git's own lock, so that only a value that really differs ends the retries.
extension Repository {
    /// Creates a reference that must not exist yet.
    ///
    /// - Throws: ``ReferenceError``: `exists`, `nameCollision` (a reference stands where a folder is needed or the reverse), `locked`, `invalidName`.
    package func createReference(_ reference: String, at target: ObjectID, message: String) throws(ReferenceError) {
        try requireValidName(reference)
        try retryingLocks(reference) { () throws(ReferenceError) in
            // Before the lock too: it may need a folder where another reference stands.
            try requireFree(reference)
            return try write(reference, target, from: nil, message: message) { () throws(ReferenceError) in try requireFree(reference) }
        }
    }

    private func requireFree(_ reference: String) throws(ReferenceError) {
        if try lookupExists(reference) { throw .exists(reference: reference) }
        if let other = try collision(with: reference) { throw .nameCollision(reference: reference, with: other) }
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
            try write(reference, target, from: expected, message: message) { () throws(ReferenceError) in
                try requireValue(expected, of: reference)
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
                try write(reference, nil, from: expected, message: "") { () throws(ReferenceError) in
                    try requireValue(expected, of: reference)
                }
            }
            try awaitPacking()
            guard let back = try referenceTarget(reference) else { return }
            guard back == expected else { throw .moved(reference: reference, expected: expected, found: back) }
        }
        throw .resurrected(reference: reference)
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
    package func collision(with reference: String) throws(ReferenceError) -> String? {
        var parent = splitPath(reference).folder
        while parent.contains("/") {
            if try lookupExists(parent) { return parent }
            parent = splitPath(parent).folder
        }
        // Wildcards cannot be in a valid name, so the name is its own literal glob.
        return try references(matching: reference + "/*").first?.name
    }

    private func retryingLocks(_ reference: String, _ attempt: () throws(ReferenceError) -> Bool) throws(ReferenceError) {
        var backoff = Backoff(limit: .seconds(2))
        while try !attempt() {
            guard backoff.pause() else { throw .locked(reference: reference) }
        }
    }
}
