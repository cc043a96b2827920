import Glibc

/// Reading files of `/proc`, which have no length and may vanish between two calls.
package enum ProcFile {
    /// Nil when there is no such file: the process is gone.
    package static func bytes(_ path: String) throws(FileError) -> [UInt8]? {
        let file = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else {
            if Glibc.errno == ENOENT { return nil }
            throw FileError("open", path)
        }
        defer { close(file) }
        return try readAll(file, path)
    }

    /// The whole text; nil when the file cannot be read, on a kernel without it or for what belongs to somebody else.
    package static func text(_ path: String) -> String? {
        do throws(FileError) { return try bytes(path).map { String(decoding: $0, as: UTF8.self) } } catch { return nil }
    }

    /// The first line of ``text(_:)``.
    package static func line(_ path: String) -> String? { text(path).map { String($0.prefix { !$0.isNewline }) } }

    /// Where a link of `/proc` points; nil when it cannot be read.
    package static func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
