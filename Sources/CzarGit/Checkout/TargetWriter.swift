import CLibgit2
import Glibc
import Synchronization
import SystemPackage

/// One worktree while it is being filled: its root, what its index will say, and whether it failed.
final class TargetWriter: Sendable {
    let target: CheckoutTarget
    let layout: Int
    private let root: Int32
    // Each record is written by the one thread that writes its file, and read after all of them are done.
    private nonisolated(unsafe) let stats: UnsafeMutableBufferPointer<StatRecord>
    private let failure = Mutex<GitError?>(nil)
    private let hasFailed = Atomic(false)

    init(_ target: CheckoutTarget, layout: Int, entries: Int) throws(GitError) {
        let opened = retryingInterrupts { open(target.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard opened >= 0 else { throw GitError(FileError("open the folder", target.path)) }
        (self.target, self.layout, root) = (target, layout, opened)
        stats = .allocate(capacity: entries)
        stats.initialize(repeating: StatRecord())
    }

    deinit {
        close(root)
        stats.deallocate()
    }

    var bit: LayoutSet { 1 << LayoutSet(layout) }

    /// Whether it is still worth writing to.
    var isLive: Bool { !hasFailed.load(ordering: .relaxed) }

    /// The first failure stays.
    func fail(_ error: GitError) {
        failure.withLock { if $0 == nil { $0 = error } }
        hasFailed.store(true, ordering: .relaxed)
    }

    var error: GitError? { failure.withLock { $0 } }

    /// Records the failure of the system call that has just failed.
    private func fail(_ operation: String, _ path: UnsafePointer<CChar>) {
        let shown = escapedForDisplay(UnsafeRawBufferPointer(start: path, count: strlen(path)))
        fail(GitError(FileError(operation, joinPath(target.path, shown), .init(rawValue: Glibc.errno))))
    }

    // MARK: - Folders

    /// Makes a folder whose parent exists.
    func makeFolder(_ path: UnsafePointer<CChar>) {
        if target.ground == .begun { return makeFolderBesideOthers(RepositoryPath(cString: path)) }
        if mkdirat(root, path, 0o777) == 0 { return }
        // What stands in its place goes, never what a link leads to.
        if target.ground == .replaced, Glibc.errno == EEXIST {
            var info = stat()
            if fstatat(root, path, &info, AT_SYMLINK_NOFOLLOW) == 0, info.st_mode & S_IFMT == S_IFDIR { return }
            if unlinkat(root, path, 0) == 0, mkdirat(root, path, 0o777) == 0 { return }
        }
        fail("create the folder", path)
    }

    /// Not through what somebody put in the place of a folder around it; what stands in its own place stays.
    private func makeFolderBesideOthers(_ path: RepositoryPath) {
        withCName(path.folder + [0]) { parent in
            withFolder(parent) { folder in
                let isMade = withCName(path.name + [0]) { mkdirat(folder, $0, 0o777) } == 0
                if !isMade, Glibc.errno != EEXIST { path.withCString { fail("create the folder", $0) } }
            }
        }
    }

    /// Lends the folder `path`, reached through no symbolic link; an empty path is the root. It is not lent where something of
    /// somebody's is in the way: then what belongs into it is missing, as git says too.
    func withFolder(_ path: UnsafePointer<CChar>, _ body: (Int32) -> Void) {
        guard path[0] != 0 else { return body(root) }
        let folder = openBelow(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            if target.ground == .begun, [ENOTDIR, ELOOP].contains(Glibc.errno) { return }
            return fail("open the folder", path)
        }
        defer { close(folder) }
        body(folder)
    }

    // MARK: - Files

    /// Makes a file in an open folder; `path` is for messages, `position` its place in the index, `isInput` as in
    /// ``finish(_:position:isInput:path:)``.
    func write(
        _ bytes: UnsafeRawBufferPointer, _ name: UnsafePointer<CChar>, in folder: Int32, isExecutable: Bool, position: Int,
        isInput: Bool, path: UnsafePointer<CChar>
    ) {
        guard var file = create(name, in: folder, isExecutable: isExecutable, path: path) else { return }
        append(bytes, to: &file, path: path)
        finish(file, position: position, isInput: isInput, path: path)
    }

    /// Makes an empty file, which ``finish(_:position:isInput:path:)`` closes; nil when it cannot be made, or somebody's stands there.
    func create(_ name: UnsafePointer<CChar>, in folder: Int32, isExecutable: Bool, path: UnsafePointer<CChar>) -> TargetFile? {
        // The umask takes its part, as with git.
        let mode: mode_t = isExecutable ? 0o777 : 0o666
        clear(name, in: folder)
        let file = retryingInterrupts { openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode) }
        if file >= 0 { return TargetFile(new: file) }
        if target.ground == .begun, Glibc.errno == EEXIST {
            if let begun = TargetFile(begun: name, in: folder) { return begun }
            // What says this is somebody's; anything else is a failure to look.
            if [EEXIST, ELOOP, EISDIR, EACCES, ENXIO, ETXTBSY].contains(Glibc.errno) { return nil }
        }
        fail("create", path)
        return nil
    }

    func append(_ bytes: UnsafeRawBufferPointer, to file: inout TargetFile, path: UnsafePointer<CChar>) {
        guard let bytes = file.missing(of: bytes) else { return fail("compare", path) }
        var done = 0
        while done < bytes.count, isLive {
            let count = retryingInterrupts { Glibc.write(file.descriptor, bytes.baseAddress! + done, bytes.count - done) }
            guard count > 0 else { return fail("write", path) }
            done += count
        }
    }

    /// Copies all of `source` into an empty file: sharing its blocks where the file system can, else inside the kernel. Returns the number of
    /// bytes; 0 when it failed, which is recorded.
    func copy(_ source: Int32, to file: Int32, _ size: Int, _ copier: FileCopier, path: UnsafePointer<CChar>) -> Int {
        let shown = joinPath(target.path, escapedForDisplay(UnsafeRawBufferPointer(start: path, count: strlen(path))))
        do throws(FileError) {
            guard lseek(source, 0, SEEK_SET) == 0 else { throw FileError("copy to", shown) }
            return try copier.copy(source, to: file, size, path: shown)
        } catch {
            fail(GitError(error))
            return 0
        }
    }

    /// Takes back what was written into a file that is open.
    func empty(_ file: Int32, path: UnsafePointer<CChar>) {
        if ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0 { fail("write", path) }
    }

    /// Closes a file that is complete. Of one that is somebody's the index says nothing, so that git looks at it.
    ///
    /// `isInput`: it is not what git would make its blob of. It was left as a filter's input, or holds what replaces the blob: git reads a
    /// file that is as young as the index again, and 'git add' would store this one filtered a second time, or as changed, though nobody has
    /// touched it. So it is dated back; what changes it dates it forward.
    func finish(_ file: TargetFile, position: Int, isInput: Bool, path: UnsafePointer<CChar>) {
        defer { close(file.descriptor) }
        guard isLive else { return }
        var info = stat()
        guard fstat(file.descriptor, &info) == 0 else { return fail("look at", path) }
        guard file.isWhole(info) else { return }
        if isInput {
            // Where a file system refuses, the file is as git would have it.
            _ = futimens(file.descriptor, Self.earlier())
            guard fstat(file.descriptor, &info) == 0 else { return fail("look at", path) }
        }
        stats[position] = StatRecord(info)
    }

    /// Access and modification, before the index is written: git compares whole seconds.
    private static func earlier() -> [timespec] { Array(repeating: timespec(tv_sec: time(nil) - 2, tv_nsec: 0), count: 2) }

    /// Makes a symbolic link; `destination` ends with NUL, `isInput` is as in ``finish(_:position:isInput:path:)``.
    func link(
        to destination: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, in folder: Int32, position: Int, isInput: Bool,
        path: UnsafePointer<CChar>
    ) {
        clear(name, in: folder)
        if symlinkat(destination, folder, name) != 0 {
            guard target.ground == .begun, Glibc.errno == EEXIST else { return fail("create the link", path) }
            guard leads(name, in: folder, to: destination) else { return }
        }
        if isInput { _ = utimensat(folder, name, Self.earlier(), AT_SYMLINK_NOFOLLOW) }
        look(at: name, in: folder, position, path)
    }

    /// Makes the empty folder of a submodule.
    func makeSubmodule(_ name: UnsafePointer<CChar>, in folder: Int32, position: Int, path: UnsafePointer<CChar>) {
        clear(name, in: folder)
        let isMade = mkdirat(folder, name, 0o777) == 0
        guard isMade || (target.ground != .empty && Glibc.errno == EEXIST) else { return fail("create the folder", path) }
        look(at: name, in: folder, position, path)
    }

    /// Takes away the file or link that is to be replaced.
    private func clear(_ name: UnsafePointer<CChar>, in folder: Int32) {
        // What cannot be taken away is in the way of the file, which says so.
        if target.ground == .replaced { unlinkat(folder, name, 0) }
    }

    private func leads(_ name: UnsafePointer<CChar>, in folder: Int32, to destination: UnsafePointer<CChar>) -> Bool {
        let length = strlen(destination)
        var found = [CChar](repeating: 0, count: length + 1)
        return readlinkat(folder, name, &found, found.count) == length && memcmp(found, destination, length) == 0
    }

    private func look(at name: UnsafePointer<CChar>, in folder: Int32, _ position: Int, _ path: UnsafePointer<CChar>) {
        var info = stat()
        guard fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return fail("look at", path) }
        stats[position] = StatRecord(info)
    }

    // MARK: - Index

    /// Writes the index as git does: as `index.lock`, then renamed. After this the worktree is complete.
    func writeIndex(_ template: IndexTemplate) {
        let bytes = template.file(with: UnsafeBufferPointer(stats))
        do throws(FileError) {
            let folder = try Folder(opening: target.gitDirectory)
            try folder.create("index.lock", bytes, durable: false)
            do throws(FileError) { try folder.rename("index.lock", to: "index", in: folder) } catch {
                try folder.removeFile("index.lock")
                throw error
            }
        } catch {
            fail(GitError(error))
        }
    }
}
