import Glibc
import SystemPackage

/// What was brought into a worktree, as the file `czar-brought` in its own git directory: it goes when the worktree goes.
///
/// Of a file its size and its time of change, which it took over; of a link its target. A file of which this is still so was brought, and
/// is most likely a copy still: that it is one only its bytes tell, since whoever changes a file can give it any time.
package struct BroughtManifest: Sendable {
    static let fileName = "czar-brought"

    enum Fact: Hashable, Sendable {
        /// In bytes, and nanoseconds.
        case file(size: Int, modified: Int64)
        case link([UInt8])
    }

    private var facts: [[UInt8]: Fact]

    /// Reads it; empty where nothing was brought.
    package init(of gitDirectory: String) throws(GitError) {
        let bytes = try onFiles { () throws(FileError) in try fileContent(joinPath(gitDirectory, Self.fileName)) ?? [] }
        facts = [:]
        // The last piece is empty, or what a crash cut off.
        for line in bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast() {
            if let (path, fact) = Self.parse(line) { facts[path] = fact }
        }
    }

    package var isEmpty: Bool { facts.isEmpty }

    /// Whether the file or link at that path of a worktree looks like what was brought.
    package func holds(_ path: RepositoryPath, in worktree: String) -> Bool {
        guard let known = facts[path.bytes] else { return false }
        let full = Array(worktree.utf8) + [0x2F] + path.bytes + [0]
        var info = stat()
        guard withCName(full, { lstat($0, &info) }) == 0 else { return false }
        switch (known, info.st_mode & S_IFMT) {
        case (.file, S_IFREG): return known == Self.fact(of: info)
        case (.link(let target), S_IFLNK): return target == withCName(full) { linkTarget(AT_FDCWD, $0) }
        default: return false
        }
    }

    static func fact(of info: stat) -> Fact {
        .file(size: Int(info.st_size), modified: Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec))
    }

    // MARK: - The file

    /// The piece of the file for one path. Pieces end with NUL; a line feed ends what stands before the path, or the target's length.
    static func line(_ path: [UInt8], _ fact: Fact) -> [UInt8] {
        switch fact {
        case .file(let size, let modified): Array("f \(size) \(modified)\n".utf8) + path + [0]
        case .link(let target): Array("l \(target.count)\n".utf8) + target + path + [0]
        }
    }

    private static func parse(_ line: ArraySlice<UInt8>) -> (path: [UInt8], fact: Fact)? {
        guard let end = line.firstIndex(of: 0x0A) else { return nil }
        let words = line[..<end].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        let rest = line[(end + 1)...]
        switch (words.first, words.count) {
        case ("f", 3):
            guard let size = Int(words[1]), let modified = Int64(words[2]) else { return nil }
            return (Array(rest), .file(size: size, modified: modified))
        case ("l", 2):
            guard let length = Int(words[1]), length >= 0, length <= rest.count else { return nil }
            return (Array(rest.dropFirst(length)), .link(Array(rest.prefix(length))))
        default: return nil
        }
    }
}

/// The target of a symbolic link, without a NUL; nil when it is none.
func linkTarget(_ folder: Int32, _ name: UnsafePointer<CChar>) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = buffer.withUnsafeMutableBytes { bytes in
        readlinkat(folder, name, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    return length < 0 ? nil : Array(buffer.prefix(length))
}

extension Folder {
    /// The target of the link `name`; nil for one that vanished, or is none any more.
    func linkTarget(_ name: [UInt8]) throws(FileError) -> [UInt8]? {
        if let target = withCName(name + [0], { CzarGit.linkTarget(descriptor, $0) }) { return target }
        if Glibc.errno == ENOENT || Glibc.errno == EINVAL { return nil }
        throw FileError("read the link", join(escapedForDisplay(name)))
    }
}
