/// A point between two steps of an addition or a removal: where tests end the process.
package enum WorktreeStep: String, CaseIterable, Codable, Sendable {
    // Addition, in this order.
    case staged, folderMade, linked, registered, checkedOut, unlocked
    // Removal, in this order.
    case removalRecorded, treeAside, entryAside, treeRemoved
}

/// A worktree that was made.
package struct AddedWorktree: Hashable, Sendable {
    /// Its name in `<common>/worktrees`: the wanted one, or that with a number.
    package let name: String
    /// Absolute, without symbolic links.
    package let path: String
    package let gitDirectory: String
    /// What was written.
    package let report: CheckoutReport
}

/// What to add.
package struct WorktreeRequest: Hashable, Sendable {
    /// The wanted name of the entry; a number is added when it is taken, as git does.
    package let name: String
    /// Where, absolute or seen from ``root``.
    package let path: String
    /// An existing folder that the caller trusts; below it no symbolic link is followed.
    package let root: String
    /// An existing local branch (without `refs/heads/`) that is checked out nowhere; nil for a detached HEAD.
    package let branch: String?
    /// The commit that the branch must be at, or HEAD.
    package let commit: ObjectID
    /// The folders (or files, for the folders around them) of a sparse worktree; nil for all files. Then the repository must use
    /// per-worktree configuration: ``RepositoryLocation/enableWorktreeConfiguration()``.
    package let sparsePaths: [RepositoryPath]?

    package init(
        name: String, path: String, root: String, branch: String?, commit: ObjectID, sparsePaths: [RepositoryPath]? = nil
    ) {
        (self.name, self.path, self.root, self.branch, self.commit) = (name, path, root, branch, commit)
        self.sparsePaths = sparsePaths
    }

    /// For sentences.
    var source: String { branch.map { "the branch '\($0)'" } ?? "the commit \(commit.short)" }
}

/// Adding a worktree: no reader ever sees a half-made entry, and no branch gets into two worktrees.
///
/// The order, and what a crash after each step leaves for ``RepositoryLocation/recoverStaging(step:)``:
/// 1. `staged`: record and admin files lie in `<common>/czar/staging/<id>`. → removed.
/// 2. `folderMade`: the worktree's folder and missing parents exist, empty. → removed.
/// 3. `linked`: under the lock the branch was found free; the folder's `.git` names an entry that does not exist. → removed.
/// 4. `registered`: `rename(2)` put the entry into place, locked as "initializing". → checked out again, unlocked.
/// 5. `checkedOut`: files and index are there. → unlocked.
/// 6. `unlocked`: only the record is left. → removed.
///
/// The lock is `flock` on `<common>/czar/locks/worktrees.lock`, held for steps 3 and 4 only: the check of the branch and the rename that
/// makes it taken are one step for every Czar process, and checkouts run side by side.
extension RepositoryLocation {
    /// Makes a worktree that has an existing branch checked out.
    ///
    /// - Throws: ``WorktreeError``; then all that was made is removed again.
    /// - Complexity: O(files of the commit + worktrees).
    @discardableResult
    package func addWorktree(
        _ request: WorktreeRequest, options: CheckoutOptions = CheckoutOptions(), step: (WorktreeStep) -> Void = { _ in }
    ) throws(WorktreeError) -> AddedWorktree {
        let addition = try Addition(request, in: self).begin(step)
        var options = options
        if options.donors.isEmpty { options.donors = checkoutDonors() }
        do throws(WorktreeError) {
            for result in checkOut([addition.target], options: options) { try addition.accept(result) }
            step(.checkedOut)
            return try addition.end(step)
        } catch {
            throw addition.undone(after: error)
        }
    }

    /// Makes several worktrees, with one checkout for all of them; each fails alone, and then nothing of it is left.
    ///
    /// - Returns: one result a request, in their order.
    /// - Complexity: as ``checkOut(_:options:)``.
    package func addWorktrees(
        _ requests: [WorktreeRequest], options: CheckoutOptions? = nil
    ) -> [Result<AddedWorktree, WorktreeError>] {
        var begun: [(number: Int, addition: BegunAddition)] = []
        var results = [Result<AddedWorktree, WorktreeError>?](repeating: nil, count: requests.count)
        var options = options ?? CheckoutOptions()
        if options.donors.isEmpty { options.donors = checkoutDonors() }
        for (number, request) in requests.enumerated() {
            do throws(WorktreeError) {
                begun.append((number, try Addition(request, in: self).begin { _ in }))
            } catch {
                results[number] = .failure(error)
            }
        }
        let filled = checkOut(begun.map(\.addition.target), options: options)
        for ((number, addition), result) in zip(begun, filled) {
            do throws(WorktreeError) {
                try addition.accept(result)
                results[number] = .success(try addition.end { _ in })
            } catch {
                results[number] = .failure(addition.undone(after: error))
            }
        }
        return results.compactMap { $0 }
    }

    /// The worktrees to copy content from: the main one first, then others, a few.
    private func checkoutDonors() -> [CheckoutDonor] {
        var donors = mainWorktree.map { [CheckoutDonor(path: $0, gitDirectory: commonDirectory)] } ?? []
        do throws(GitError) {
            for entry in try worktrees() where entry.name != nil && entry.problem == nil && donors.count < 4 {
                donors.append(CheckoutDonor(path: entry.path, gitDirectory: entry.gitDirectory))
            }
        } catch {
            // Donors only save time; what is wrong with the list is said where it is needed, at the registration.
            return donors
        }
        return donors
    }
}

/// Whether the text can be one component of a path.
func isFolderName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 < 0x20 || $0 == 0x7F }
}
