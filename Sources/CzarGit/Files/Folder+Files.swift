import CLibgit2
import Glibc
import SystemPackage

extension Folder {
    /// The whole content of the file `name`; nil when there is none. A symbolic link and what is no plain file are refused.
    package func read(_ name: String) throws(FileError) -> [UInt8]? {
        do throws(FileError) { return try file(name, O_RDONLY).content() } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    /// Replaces the file `name` as a whole: written aside, flushed, renamed, and the folder flushed.
    ///
    /// A reader sees the old content or the new one, never a part; after a return the new content survives power loss. A link under
    /// `name` is replaced, not followed.
    package func write(_ bytes: some Sequence<UInt8>, to name: String, mode: FileMode = 0o666, durable: Bool = true) throws(FileError) {
        let aside = Piece.name(of: name)
        do throws(FileError) {
            try create(aside, mode: mode, Array(bytes), durable: durable)
            guard renameat(descriptor, aside, descriptor, name) == 0 else { throw FileError("replace", join(name)) }
        } catch {
            unlinkat(descriptor, aside, 0)
            throw error
        }
        if durable { try flush() }
    }

    /// The same, written aside in a folder of Czar's own: what a killed process leaves there is out of sight, and the next one replaces
    /// it. The caller holds a lock that all writers of this file take.
    package func write(
        _ bytes: some Sequence<UInt8>, to name: String, mode: FileMode = 0o666, durable: Bool = true, aside own: borrowing Folder
    ) throws(FileError) {
        let content = Array(bytes)
        try own.removeFile(name)
        try own.create(name, mode: mode, content, durable: durable)
        do throws(FileError) { try own.rename(name, to: name, in: self) } catch {
            // This folder may be on another file system.
            guard error.errno == .improperLink else { throw error }
            try own.removeFile(name)
            return try write(content, to: name, mode: mode, durable: durable)
        }
        if durable { try flush() }
    }

    /// The same, written aside in the first of the folders `places` that is on this file system, else here: for a file beside which a piece of
    /// it would be seen.
    func write(_ bytes: [UInt8], to name: String, asideBelow places: [String]) throws(FileError) {
        for place in places where FileKind(at: place) == .folder {
            let other = try Folder(opening: place)
            let aside = Piece.name(of: name)
            do throws(FileError) {
                try other.create(aside, bytes)
                try other.rename(aside, to: name, in: self)
                return try flush()
            } catch {
                unlinkat(other.descriptor, aside, 0)
                guard error.errno == .improperLink else { throw error }
            }
        }
        try write(bytes, to: name)
    }

    /// Makes the file `name`, which must not exist, with `bytes` in it; nothing is left behind when that fails.
    package func create(_ name: String, mode: FileMode = 0o666, _ bytes: [UInt8], durable: Bool = true) throws(FileError) {
        let file = try file(name, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        do throws(FileError) {
            try file.write(bytes)
            if durable { try file.flush() }
        } catch {
            unlinkat(descriptor, name, 0)
            throw error
        }
    }

    /// Makes the file `name`, which must not exist, as a whole: a process that is killed meanwhile leaves nothing under that name.
    package func createWhole(_ name: String, mode: FileMode = 0o666, _ bytes: [UInt8]) throws(FileError) {
        let aside = Piece.name(of: name)
        do throws(FileError) {
            try create(aside, mode: mode, bytes)
            try rename(aside, toFree: name)
        } catch {
            unlinkat(descriptor, aside, 0)
            throw error
        }
        try flush()
    }

    /// Adds `bytes` to the end of the file `name` with one `write`, making the file with `mode` when it is missing. Links are refused.
    package func append(_ bytes: [UInt8], to name: String, mode: FileMode = .asParent) throws(FileError) {
        try file(name, O_WRONLY | O_CREAT | O_APPEND, mode: mode).write(bytes)
    }

    /// Removes the file or link `name`; false when there was none.
    @discardableResult
    package func removeFile(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, 0) == 0 { return true }
        if Glibc.errno == ENOENT { return false }
        throw FileError("remove", join(name))
    }

    /// Removes the empty folder `name`; false when it is missing or not empty.
    @discardableResult
    package func removeEmptyFolder(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, AT_REMOVEDIR) == 0 { return true }
        if [ENOENT, ENOTEMPTY, EEXIST].contains(Glibc.errno) { return false }
        throw FileError("remove the folder", join(name))
    }

    /// Moves `name` to `newName` in `target`.
    package func rename(_ name: String, to newName: String, in target: borrowing Folder) throws(FileError) {
        guard renameat(descriptor, name, target.descriptor, newName) == 0 else { throw FileError("move", join(name)) }
    }

    /// Moves `name` to `newName` in this folder, where nothing has that name.
    package func rename(_ name: String, toFree newName: String) throws(FileError) {
        if czar_rename_to_free(descriptor, name, newName) == 0 { return }
        // Some file systems do not know the flag, some kernels and sandboxes not the call.
        guard Glibc.errno == EINVAL || Glibc.errno == ENOSYS else { throw FileError("move '\(name)' to", join(newName)) }
        guard kind(of: newName) == nil else { throw FileError("move '\(name)' to", join(newName), .fileExists) }
        try rename(name, to: newName, in: self)
    }

    /// Makes `name` a symbolic link to `target`, replacing one that is there in one step.
    ///
    /// - Throws: ``FileError`` with `EEXIST` when anything that is no symbolic link stands there; it is kept.
    package func replaceLink(_ name: String, to target: String) throws(FileError) {
        guard [nil, .symlink].contains(kind(of: name)) else { throw FileError("link", join(name), .fileExists) }
        let aside = ".\(name).\(getpid())"
        guard unlinkat(descriptor, aside, 0) == 0 || Glibc.errno == ENOENT, symlinkat(target, descriptor, aside) == 0,
            renameat(descriptor, aside, descriptor, name) == 0
        else { throw FileError("link", join(name)) }
    }

    /// Removes `name` and all below it. Links are removed, never followed, and mounts are not entered; nothing outside is touched,
    /// whatever is swapped meanwhile.
    ///
    /// - Complexity: O(entries). Missing entries are no error, so that a removal can be repeated after a crash.
    package func removeTree(_ name: String) throws(FileError) { try removeTree(Array(name.utf8) + [0]) }

    /// The same for a name of raw bytes that ends with NUL.
    func removeTree(_ name: [UInt8]) throws(FileError) {
        let shown = join(String(decoding: name.dropLast(), as: UTF8.self))
        let removed = withCName(name) { unlinkat(descriptor, $0, 0) }
        if removed == 0 || Glibc.errno == ENOENT { return }
        // EPERM is said of an immutable file too.
        let failure = Errno(rawValue: Glibc.errno)
        var isFolder = failure == .isDirectory
        if failure == .notPermitted { isFolder = try status(of: Array(name.dropLast())).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
        guard isFolder else { throw FileError("remove", shown, failure) }
        let child = try openToEmpty(name)
        for entry in try child.entries() { try child.removeTree(entry + [0]) }
        try removeEmptied(name)
    }

    /// Opens the folder `name` (raw bytes that end with NUL) so that what is in it can be removed; not where something is mounted there.
    func openToEmpty(_ name: [UInt8]) throws(FileError) -> Folder {
        let shown = join(String(decoding: name.dropLast(), as: UTF8.self))
        let opened = withCName(name) { openSameMount(descriptor, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard opened >= 0 else { throw FileError("open the folder", shown) }
        // A removal that fails with EACCES in a read-only folder of the user's own (Go's module cache) succeeds once it is writable. The
        // stamp first: one whose mode alone has changed would look as if it had just been moved there (``LateWrites``).
        var info = stat()
        if fstat(opened, &info) != 0 || info.st_mode & 0o700 != 0o700 {
            futimens(opened, nil)
            fchmod(opened, 0o700)
        }
        return Folder(descriptor: opened, path: shown)
    }

    func removeEmptied(_ name: [UInt8]) throws(FileError) {
        guard withCName(name, { unlinkat(descriptor, $0, AT_REMOVEDIR) }) == 0 || Glibc.errno == ENOENT else {
            throw FileError("remove the folder", join(String(decoding: name.dropLast(), as: UTF8.self)))
        }
    }
}

/// Opens what is in a folder, and not what is mounted there.
private func openSameMount(_ folder: Int32, _ name: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
    let opened = retryingInterrupts { czar_open_same_mount(folder, name, flags) }
    guard opened < 0, Glibc.errno == ENOSYS || Glibc.errno == EPERM else { return opened }
    return retryingInterrupts { openat(folder, name, flags | O_NOFOLLOW) }
}

/// Lends a NUL-terminated name of raw bytes to a system call.
func withCName<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    name.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
}
