import CLibgit2
import Glibc

/// Histories of repositories that have no commit-graph, kept in the user's cache folder so that they are parsed only once.
///
/// One file a repository, in git's commit-graph format with its checksum: written aside and renamed, so that processes share it without
/// locks; ignored where damaged; never needed. At most 64 repositories are kept, those used last.
public struct HistoryCache: Sendable {
    private static let prefix = "history-"
    private static let limit = 64

    /// Where the files lie; made when the first one is written.
    public let folder: String

    /// A cache below a folder of the user's, such as `~/.cache/czar`.
    public init(folder: String) { self.folder = folder }

    /// The file of a repository: named after its common directory's path, device and inode, so that a copy has another one.
    func path(for repository: borrowing Repository) -> String {
        let common = String(cString: git_repository_commondir(repository.handle))
        let identity = FileIdentity(path: common)
        let text = "\(common)\n\(identity?.device ?? 0)\n\(identity?.inode ?? 0)"
        let name = Array(text.utf8).withUnsafeBytes { SHA1.digest(of: $0) }
        return "\(folder)/\(Self.prefix)\(name)"
    }

    /// Replaces a repository's file.
    ///
    /// - Throws: ``GitError`` when the folder or the file cannot be written.
    func store(_ bytes: [UInt8], at path: String) throws(GitError) {
        try makeFolder()
        let aside = "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max))"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw GitError(system: errno, operation: "write the history cache", subject: path) }
        let written = bytes.withUnsafeBytes { Self.write($0, to: descriptor) }
        var code = written ? 0 : errno
        close(descriptor)
        if written, rename(aside, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(aside)
            throw GitError(system: code, operation: "write the history cache", subject: path)
        }
        prune()
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
        for part in folder.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) != 0, errno != EEXIST, FileIdentity(path: made) == nil else { continue }
            throw GitError(system: errno, operation: "make the cache folder", subject: folder)
        }
    }

    /// Removes the files that were written longest ago, beyond the limit. Another process may do the same at the same time.
    private func prune() {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        var files: [(path: String, modified: Int64)] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(Self.prefix), let identity = FileIdentity(path: "\(folder)/\(name)") else { continue }
            files.append(("\(folder)/\(name)", identity.modified))
        }
        guard files.count > Self.limit else { return }
        for file in files.sorted(by: { $0.modified > $1.modified }).dropFirst(Self.limit) { unlink(file.path) }
    }
}
