import CLibgit2
import Glibc
import Synchronization
import SystemPackage

/// One worktree while files are brought into it.
///
/// What is copied is put together in a folder of Czar's own and moved into place as a whole, so a crash never leaves a part of a file, or
/// of a folder, that would be taken for all of it. Nothing that is there is replaced: the move itself refuses to.
final class BringDestination: Sendable {
    /// A selected path, or one below it where the path itself is there already.
    struct Unit: Sendable {
        let path: [UInt8]
        /// Its number in the list of all trees.
        let tree: Int
    }

    let request: BringRequest
    let copier = FileCopier()
    private let root: Folder
    private let incoming: Folder
    private let state: Mutex<State>
    private let hasFailed = Atomic(false)

    private struct State {
        var report = BringReport()
        var manifest: [UInt8] = []
        var error: GitError?
    }

    static let incomingFolder = "incoming"

    /// Opens the worktree; what an interrupted bringing left in Czar's own folder goes.
    init(_ request: BringRequest) throws(FileError) {
        self.request = request
        root = try Folder(opening: request.worktree)
        let own = try root.subfolder(".czar", creating: request.ownFiles.folder)
        try own.removeTree(Self.incomingFolder)
        incoming = try own.subfolder(Self.incomingFolder, creating: .asParent)
        state = Mutex(State())
    }

    var isLive: Bool { !hasFailed.load(ordering: .relaxed) }

    func fail(_ error: GitError) {
        state.withLock { if $0.error == nil { $0.error = error } }
        hasFailed.store(true, ordering: .relaxed)
    }

    func leaveOut(_ path: [UInt8], _ why: LeftOut.Reason) { leaveOut([LeftOut(path: RepositoryPath(bytes: path), why: why)]) }

    func leaveOut(_ left: [LeftOut]) { state.withLock { $0.report.leftOut += left } }

    var result: Result<BringReport, GitError> {
        state.withLock { state in
            if let error = state.error { return .failure(error) }
            state.report.leftOut.sort { $0.path < $1.path }
            return .success(state.report)
        }
    }

    // MARK: - What is to be brought

    /// What may be put there of the selected paths. A path that stands there, or that its branch tracks, is gone into where it is a folder;
    /// one that git would not ignore there is left out.
    func settle(_ selected: [[UInt8]], _ source: BroughtSource) throws(GitError) -> [[UInt8]] {
        let rules = try PathQuestions(of: request.worktree)
        var units: [[UInt8]] = []
        var waiting = Array(selected.reversed())
        while let path = waiting.popLast() {
            guard let kind = try onFiles({ () throws(FileError) in try source.kind(of: path) }) else { continue }
            let isThere = try onFiles { () throws(FileError) in try stands(path) }
            if isThere != nil || rules.tracksItself(path) || rules.tracksBelow(path) {
                guard kind == .folder, isThere ?? .folder == .folder else { continue }
                waiting += try onFiles { () throws(FileError) in try source.children(of: path) }.reversed()
                continue
            }
            var isIgnored = try rules.ignores(path, isFolder: kind == .folder)
            if !isIgnored { isIgnored = try source.ignoresItself(path) }
            if isIgnored { units.append(path) } else { leaveOut(path, .notIgnored) }
        }
        return units
    }

    /// What stands at the path; a link or a file in place of a parent counts as a file that is in the way.
    private func stands(_ path: [UInt8]) throws(FileError) -> FileKind? {
        let (parent, name) = BroughtSource.split(path)
        do throws(FileError) {
            return try root.subfolder(parent).status(of: name).map { FileKind(mode: $0.st_mode) }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            if error.isSymlinkRefused { return .file }
            throw error
        }
    }

    // MARK: - Copying

    /// Makes the folders of a unit.
    func makeFolders(_ number: Int, _ tree: BroughtSource.Tree) throws(FileError) {
        for folder in tree.folders {
            let path = Self.place(number, folder.path)
            guard withCName(path + [0], { mkdirat(incoming.descriptor, $0, 0o700) }) == 0 else {
                throw FileError("create the folder", incoming.join(escapedForDisplay(path)))
            }
        }
    }

    /// Copies the files and links of one of its folders, or the unit that is no folder.
    func copy(_ unit: Unit, _ number: Int, _ listing: BroughtSource.Listing?, _ tree: BroughtSource.Tree, _ source: BroughtSource)
        throws(FileError) -> (files: Int, bytes: Int)
    {
        let path = listing.map { Self.join(unit.path, $0.path) } ?? BroughtSource.split(unit.path).parent
        guard let from = try source.open(path) else {
            leaveOut(path, .vanished)
            return (0, 0)
        }
        let to = try incoming.subfolder(listing.map { Self.place(number, $0.path) } ?? [])
        var (files, bytes, lines) = (0, 0, [UInt8]())
        for entry in listing?.entries ?? tree.single.map({ [$0] }) ?? [] {
            let whole = Self.join(path, entry.name)
            let name = listing == nil ? Self.place(number, []) : entry.name
            guard let (fact, size) = try copy(entry, whole, as: name, from: from, to: to) else { continue }
            (files, bytes) = (files + 1, bytes + size)
            lines += BroughtManifest.line(whole, fact)
        }
        state.withLock { state in
            state.report.files += files
            state.report.bytes += bytes
            state.manifest += lines
        }
        return (files, bytes)
    }

    private func copy(
        _ entry: BroughtSource.Entry, _ path: [UInt8], as name: [UInt8], from: borrowing Folder, to: borrowing Folder
    ) throws(FileError) -> (BroughtManifest.Fact, Int)? {
        let shown = joinPath(request.worktree, escapedForDisplay(path))
        if let link = entry.link {
            let made = withCName(link) { target in withCName(name + [0]) { symlinkat(target, to.descriptor, $0) } }
            guard made == 0 else { throw FileError("create the link", shown) }
            return (.link(link.dropLast()), 0)
        }
        let file = withCName(entry.name + [0]) { name in
            retryingInterrupts { openat(from.descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        }
        guard file >= 0 else {
            leaveOut(path, Glibc.errno == EACCES || Glibc.errno == EPERM ? .unreadable : .vanished)
            return nil
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw FileError("look at", shown) }
        guard info.st_mode & S_IFMT == S_IFREG else {
            leaveOut(path, .special)
            return nil
        }
        let made = withCName(name + [0]) { name in
            retryingInterrupts { openat(to.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        }
        guard made >= 0 else { throw FileError("create", shown) }
        defer { close(made) }
        let size = try copier.copy(file, to: made, Int(info.st_size), path: shown)
        // Build tools compare times; secrets keep their modes.
        var times = (info.st_atim, info.st_mtim)
        let isTimed = withUnsafePointer(to: &times) { pointer in
            pointer.withMemoryRebound(to: timespec.self, capacity: 2) { futimens(made, $0) }
        }
        guard fchmod(made, info.st_mode & 0o777) == 0, isTimed == 0, fstat(made, &info) == 0 else {
            throw FileError("set the mode of", shown)
        }
        return (BroughtManifest.fact(of: info), size)
    }

    // MARK: - Into place

    /// Moves every unit into place and records what was brought.
    func finish(_ units: [Unit], _ trees: [BroughtSource.Tree]) throws(FileError) {
        for (number, unit) in units.enumerated() {
            for folder in trees[unit.tree].folders.reversed() {
                let made = withCName(Self.place(number, folder.path) + [0]) { fchmodat(incoming.descriptor, $0, folder.mode, 0) }
                guard made == 0 else { throw FileError("set the mode of", incoming.join(escapedForDisplay(folder.path))) }
            }
            try place(unit, number)
        }
        let git = try Folder(opening: request.gitDirectory)
        let before = try git.read(BroughtManifest.fileName) ?? []
        let lines = state.withLock { $0.manifest }
        for piece in try git.leftPieces(of: BroughtManifest.fileName) { try git.removeFile(piece) }
        if !lines.isEmpty { try git.write(before + lines, to: BroughtManifest.fileName, mode: request.ownFiles.file, durable: false) }
        try root.subfolder(".czar").removeTree(Self.incomingFolder)
    }

    private func place(_ unit: Unit, _ number: Int) throws(FileError) {
        let (parent, name) = BroughtSource.split(unit.path)
        let folder = try root.makingSubfolder(parent)
        let moved = withCName(Self.place(number, []) + [0]) { from in
            withCName(name + [0]) { to in
                let done = czar_rename_new(incoming.descriptor, from, folder.descriptor, to)
                // Some file systems know no such rename; it was looked at a moment ago that nothing is there.
                guard done != 0, Glibc.errno == EINVAL || Glibc.errno == ENOSYS else { return done }
                return renameat(incoming.descriptor, from, folder.descriptor, to)
            }
        }
        if moved == 0 { return }
        // ENOENT: it vanished from the main worktree before it was copied. EEXIST: somebody else has made it meanwhile.
        guard [ENOENT, EEXIST, ENOTEMPTY].contains(Glibc.errno) else {
            throw FileError("move into place", folder.join(escapedForDisplay(name)))
        }
    }

    /// Removes what was not moved into place.
    func cleanUp() throws(FileError) { try root.subfolder(".czar").removeTree(Self.incomingFolder) }

    private static func place(_ number: Int, _ path: [UInt8]) -> [UInt8] { join(Array(String(number).utf8), path) }

    private static func join(_ folder: [UInt8], _ path: [UInt8]) -> [UInt8] {
        folder.isEmpty ? path : path.isEmpty ? folder : folder + [UInt8(ascii: "/")] + path
    }
}
