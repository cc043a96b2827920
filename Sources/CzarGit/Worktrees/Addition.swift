import SystemPackage

/// One addition: the paths that were settled before anything was made.
struct Addition {
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
