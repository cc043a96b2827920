import CLibgit2
import Glibc
import SystemPackage

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
    fileprivate var source: String { branch.map { "the branch '\($0)'" } ?? "the commit \(commit.short)" }
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

/// One addition: the paths that were settled before anything was made.
private struct Addition {
    let location: RepositoryLocation
    let request: WorktreeRequest
    let root: String
    /// From ``root`` to the worktree.
    let relative: String
    let path: String
    private let links: WorktreeLinks

    init(_ request: WorktreeRequest, in location: RepositoryLocation) throws(WorktreeError) {
        guard isFolderName(request.name) else { throw .invalidName(request.name) }
        guard let root = realPath(request.root) else {
            throw WorktreeError("find the folder for the worktree", FileError("open the folder", request.root, .noSuchFileOrDirectory))
        }
        // The caller's path may be spelled through the root as given, or through the real one.
        var wanted = normalizedPath(request.path, from: root)
        let given = normalizedPath(request.root, from: "/")
        if given != root, wanted.hasPrefix(given + "/") { wanted = root + wanted.dropFirst(given.count) }
        let prefix = root == "/" ? "/" : root + "/"
        guard wanted.hasPrefix(prefix), wanted.count > prefix.count else {
            throw .outsideRoot(path: wanted, root: root)
        }
        // `gitdir` files hold one line.
        guard !wanted.utf8.contains(0x0A) else { throw .invalidName(wanted) }
        (self.location, self.request, self.root) = (location, request, root)
        (relative, path) = (String(wanted.dropFirst(prefix.count)), wanted)
        do throws(GitError) { links = try location.worktreeLinks() } catch {
            throw WorktreeError("prepare the worktree '\(wanted)'", error)
        }
    }

    /// Does all up to the registration; the worktree's files are missing then.
    func begin(_ step: (WorktreeStep) -> Void) throws(WorktreeError) -> BegunAddition {
        let (reflog, content) = try checkBranch()
        let staging: Staging
        do throws(FileError) { staging = try stage(reflog, try settingsToCopy(), content.cone) } catch {
            throw WorktreeError("prepare the worktree '\(path)'", error)
        }
        var undo = Undo()
        undo.append(FileTask.staging(staging.id))
        do throws(WorktreeError) {
            step(.staged)
            try makeFolders(&undo)
            step(.folderMade)
            let name = try register(staging, &undo, step)
            step(.registered)
            return BegunAddition(self, staging, undo, name: name, content: content)
        } catch {
            throw undo.rollBack(root: root, common: location.commonDirectory, after: error)
        }
    }

    /// The branch, where there is one, must be at the commit. Returns the lines that start the worktree's reflog, and what the worktree is to hold.
    private func checkBranch() throws(WorktreeError) -> (reflog: String, content: CheckoutContent) {
        var tip: ObjectID? = request.commit
        let content: CheckoutContent
        let who: Signature
        do throws(GitError) {
            let repository = try Repository(opening: location.commonDirectory)
            if let branch = request.branch {
                do throws(ReferenceError) { tip = try repository.branchTip(branch) } catch { throw error.gitError }
            }
            who = try repository.reflogSignature()
            let tree = try repository.tree(of: request.commit)
            let cone = try request.sparsePaths.map { (paths) throws(GitError) in try repository.cone(of: paths, in: tree) }
            content = CheckoutContent(tree: tree, cone: cone)
        } catch {
            throw WorktreeError("read \(request.source)", error)
        }
        let branch = request.branch ?? ""
        guard let tip else { throw .branchMissing(branch) }
        guard tip == request.commit else { throw .branchMoved(branch: branch, expected: request.commit, found: tip) }
        let reflog = "\(ObjectID.zero.hex) \(tip.hex) \(who.line)\n\(tip.hex) \(tip.hex) \(who.line)\treset: moving to HEAD\n"
        return (reflog, content)
    }

    private func stage(_ reflog: String, _ settings: [UInt8]?, _ cone: SparseCone?) throws(FileError) -> Staging {
        let common = try Folder(opening: location.commonDirectory)
        let record = StagingRecord(
            owner: try .current(), kind: .add, root: root, path: path, name: request.name, commit: request.commit,
            extras: try missingParents())
        let staging = try Staging.make(record, below: common, location.ownFiles)
        do throws(FileError) {
            let admin = try staging.own.subfolder(Staging.adminName, creating: 0o777)
            let logs = try admin.subfolder("logs", creating: 0o777)
            // commondir is relative as git writes it: an absolute one breaks when the repository moves, beyond repair.
            // Whatever number its name gets, the entry lies as deep as this.
            let entry = joinPath(location.worktreesDirectory, request.name)
            let files = [
                "commondir": "../..\n", "gitdir": links.gitdir(of: entry, worktree: path), "locked": Staging.lockText(staging.id) + "\n",
                "HEAD": "\(request.branch.map { "ref: refs/heads/" + $0 } ?? request.commit.hex)\n", "ORIG_HEAD": request.commit.hex + "\n",
            ]
            for (name, text) in files { try admin.create(name, Array(text.utf8), durable: false) }
            try logs.create("HEAD", Array(reflog.utf8), durable: false)
            for name in ["HEAD", "ORIG_HEAD", "logs"] { try admin.share(name, with: location.ownFiles) }
            try logs.share("HEAD", with: location.ownFiles)
            if let settings { try write(settings, to: admin) }
            if let cone {
                // A last line without its end would run into what is added.
                let start = settings.map { $0.last == 0x0A ? "" : "\n" } ?? ""
                try admin.append(Array((start + WorktreeConfiguration.sparse).utf8), to: WorktreeConfiguration.fileName, mode: 0o666)
                try admin.subfolder("info", creating: 0o777).create(SparseCone.fileName, cone.file, durable: false)
            }
        } catch {
            try staging.all.removeTree(staging.id)
            throw error
        }
        return staging
    }

    private func settingsToCopy() throws(FileError) -> [UInt8]? {
        do throws(GitError) { return try location.worktreeConfigurationToCopy() } catch {
            throw FileError("read", joinPath(location.commonDirectory, WorktreeConfiguration.fileName), .ioError)
        }
    }

    /// The main worktree's own settings as the new one's.
    private func write(_ settings: [UInt8], to admin: borrowing Folder) throws(FileError) {
        try admin.create(WorktreeConfiguration.fileName, settings, durable: false)
        let path = joinPath(admin.path, WorktreeConfiguration.fileName)
        do throws(GitError) { try WorktreeConfiguration.removeOfOneWorktree(from: path) } catch {
            throw FileError("take the main worktree's own settings out of", path, .ioError)
        }
    }

    /// The parents that do not exist yet, outermost first, seen from the root.
    private func missingParents() throws(FileError) -> [String] {
        var missing: [String] = []
        var parent = splitPath(relative).folder
        while parent != ".", FileKind(at: joinPath(root, parent)) == nil {
            missing.insert(parent, at: 0)
            parent = splitPath(parent).folder
        }
        return missing
    }

    private func makeFolders(_ undo: inout Undo) throws(WorktreeError) {
        var attempts = 0
        while true {
            do throws(FileError) { return try tryMakeFolders(&undo) } catch {
                if error.errno == .fileExists { throw .pathExists(path) }
                // Another addition that failed took a parent away again between our look and our use of it.
                attempts += 1
                guard error.errno == .noSuchFileOrDirectory, attempts < 50 else {
                    throw WorktreeError("create the folder '\(path)'", error)
                }
            }
        }
    }

    private func tryMakeFolders(_ undo: inout Undo) throws(FileError) {
        var folder = try Folder(opening: root)
        let components = relative.split(separator: "/").map(String.init)
        var walked = ""
        for component in components.dropLast() {
            walked = walked.isEmpty ? component : walked + "/" + component
            // A parent that another addition makes at the same moment is not ours to remove, but neither is it in the way.
            if folder.kind(of: component) == nil, try folder.makeFolderIfMissing(component) {
                undo.append(.emptyFolder(walked))
                try folder.share(component, with: location.ownFiles)
            }
            folder = try folder.subfolder(component)
        }
        let name = components[components.count - 1]
        let kind = folder.kind(of: name)
        if let kind {
            guard kind == .folder, try folder.removeEmptyFolder(name) else { throw FileError("create", path, .fileExists) }
        }
        try folder.makeFolder(name)
        // A folder that stood there empty stands there empty again after a failure.
        undo.append(kind == nil ? .worktree(relative) : .worktreeContent(relative))
        try folder.share(name, with: location.ownFiles)
    }

    /// Steps `linked` and `registered`, under the lock. Returns the entry's name.
    private func register(
        _ staging: borrowing Staging, _ undo: inout Undo, _ step: (WorktreeStep) -> Void
    ) throws(WorktreeError) -> String {
        let lock = try takeLock()
        // Held to the end of this function: the check and the rename are one step.
        defer { lock.hold() }
        try requireFree()
        do throws(FileError) {
            let name = try link(staging, step)
            undo.append(.entry(name))
            return name
        } catch {
            throw WorktreeError("register the worktree '\(path)'", error)
        }
    }

    private func takeLock() throws(WorktreeError) -> FileLock {
        do throws(FileError) {
            let folder = try Folder(opening: location.commonDirectory).subfolder("czar/locks", creating: location.ownFiles.folder)
            return try FileLock("worktrees.lock", in: folder)
        } catch {
            throw WorktreeError("register the worktree '\(path)'", error)
        }
    }

    /// Moves the entry into place under the first name that is free, and lets the worktree's `.git` name it.
    private func link(_ staging: borrowing Staging, _ step: (WorktreeStep) -> Void) throws(FileError) -> String {
        let common = try Folder(opening: location.commonDirectory)
        if try common.makeFolderIfMissing("worktrees") { try common.share("worktrees", with: location.ownFiles) }
        let entries = try common.subfolder("worktrees")
        let folder = try Folder(opening: root).subfolder(relative)
        var name = request.name
        var number = 0
        while true {
            while entries.kind(of: name) != nil {
                number += 1
                name = request.name + String(number)
            }
            let entry = joinPath(location.worktreesDirectory, name)
            try folder.write(Array(links.gitFile(of: path, entry: entry).utf8), to: ".git", durable: false)
            step(.linked)
            do throws(FileError) {
                try staging.own.rename(Staging.adminName, to: name, in: entries)
                return name
            } catch {
                // git took the name between the look and the rename; a non-empty folder is never replaced.
                guard [Errno.directoryNotEmpty, .fileExists, .notDirectory].contains(error.errno) else { throw error }
            }
        }
    }

    private func requireFree() throws(WorktreeError) {
        let entries: [WorktreeEntry]
        let users: [String: String]
        do throws(GitError) {
            entries = try location.worktrees()
            users = try location.checkedOutBranches()
        } catch {
            throw WorktreeError("list the worktrees", error)
        }
        if let entry = entries.first(where: { $0.path == path }), let name = entry.name {
            throw .pathRegistered(path: path, name: name)
        }
        if let branch = request.branch, let user = users[branch] { throw .branchInUse(branch: branch, worktree: user) }
    }
}

/// An addition that is registered and waits for its files.
private final class BegunAddition {
    private let addition: Addition
    private let staging: Staging
    private let undo: Undo
    private let name: String
    private let content: CheckoutContent
    private var report: CheckoutReport?

    init(_ addition: Addition, _ staging: consuming Staging, _ undo: Undo, name: String, content: CheckoutContent) {
        self.addition = addition
        self.staging = staging
        (self.undo, self.name, self.content) = (undo, name, content)
    }

    private var gitDirectory: String { joinPath(addition.location.worktreesDirectory, name) }

    var target: CheckoutTarget { CheckoutTarget(content, path: addition.path, gitDirectory: gitDirectory) }

    /// - Throws: the checkout's failure, as one of the addition.
    func accept(_ result: Result<CheckoutReport, GitError>) throws(WorktreeError) {
        do throws(GitError) { report = try result.get() } catch {
            throw WorktreeError("check out \(addition.request.source) into '\(addition.path)'", error)
        }
    }

    /// Opens the worktree to git's commands.
    func end(_ step: (WorktreeStep) -> Void) throws(WorktreeError) -> AddedWorktree {
        do throws(FileError) {
            let admin = try Folder(opening: gitDirectory)
            try admin.share("index", with: addition.location.ownFiles)
            try admin.removeFile("locked")
            step(.unlocked)
            try staging.all.removeTree(staging.id)
        } catch {
            throw WorktreeError("finish the worktree '\(addition.path)'", error)
        }
        return AddedWorktree(
            name: name, path: addition.path, gitDirectory: gitDirectory, report: report ?? CheckoutReport(files: 0, unfiltered: [:]))
    }

    /// Removes all that was made; returns the error to throw.
    func undone(after error: WorktreeError) -> WorktreeError {
        undo.rollBack(root: addition.root, common: addition.location.commonDirectory, after: error)
    }
}

/// Whether the text can be one component of a path.
func isFolderName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 < 0x20 || $0 == 0x7F }
}
