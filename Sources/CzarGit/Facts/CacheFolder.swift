import Glibc

/// The folder of the user's where facts about objects are kept (`${XDG_CACHE_HOME:-~/.cache}/czar`): one file a repository and kind.
///
/// Nothing in it is ever needed. Files are written aside and renamed, so that processes share them without locks. Of each kind at most
/// 64 are kept, those written last.
struct CacheFolder: Sendable {
    private static let limit = 64

    /// Made when the first file is written.
    let path: String

    /// The file of a repository: named after its common directory's path, device and inode, so that a copy has another one.
    func file(_ kind: String, commonDirectory: String) -> String {
        let common = commonDirectory.hasSuffix("/") ? commonDirectory : commonDirectory + "/"
        let identity = FileIdentity(path: common)
        let text = "\(common)\n\(identity?.device ?? 0)\n\(identity?.inode ?? 0)"
        let name = Array(text.utf8).withUnsafeBytes { SHA1.digest(of: $0) }
        return "\(path)/\(kind)-\(name)"
    }

    /// Replaces a file, and removes those of its kind that were written longest ago, beyond the limit.
    ///
    /// - Throws: ``GitError`` when the folder or the file cannot be written.
    func store(_ bytes: [UInt8], at file: String) throws(GitError) {
        try makeFolder()
        let aside = "\(file).\(getpid()).\(UInt64.random(in: 0 ... .max))"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw GitError(system: errno, operation: "write the cache", subject: file) }
        let written = bytes.withUnsafeBytes { Self.write($0, to: descriptor) }
        var code = written ? 0 : errno
        close(descriptor)
        if written, rename(aside, file) != 0 { code = errno }
        guard code == 0 else {
            unlink(aside)
            throw GitError(system: code, operation: "write the cache", subject: file)
        }
        if let slash = file.lastIndex(of: "/"), let dash = file[slash...].firstIndex(of: "-") {
            prune(prefix: String(file[file.index(after: slash)...dash]))
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    private func makeFolder() throws(GitError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) != 0, errno != EEXIST, FileIdentity(path: made) == nil else { continue }
            throw GitError(system: errno, operation: "make the cache folder", subject: path)
        }
    }

    /// Another process may do the same at the same time.
    private func prune(prefix: String) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        var files: [(path: String, modified: Int64)] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(prefix), let identity = FileIdentity(path: "\(path)/\(name)") else { continue }
            files.append(("\(path)/\(name)", identity.modified))
        }
        guard files.count > Self.limit else { return }
        for file in files.sorted(by: { $0.modified > $1.modified }).dropFirst(Self.limit) { unlink(file.path) }
    }
}
