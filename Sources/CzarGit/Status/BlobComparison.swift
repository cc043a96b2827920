import Glibc

/// Whether a file holds a blob, byte for byte.
enum BlobComparison {
    case same, different, gone
    /// Too large for memory, or perhaps converted on its way into git: ``Checkin`` has to say.
    case unknown

    private static let largest = 32 << 20

    /// Reads a file or link and compares it; `content` is a buffer that is used again and again.
    static func compare(
        _ name: UnsafePointer<CChar>, in folder: Int32, _ info: stat, with id: ObjectID, _ content: inout [UInt8]
    ) -> BlobComparison {
        guard info.st_size <= largest else { return .unknown }
        let size = Int(info.st_size)
        content.removeAll(keepingCapacity: true)
        content += "blob \(size)\0".utf8
        let start = content.count
        // One byte more than there should be: a file that grows meanwhile is another one.
        content.append(contentsOf: repeatElement(0, count: size + 1))
        let isLink = info.st_mode & S_IFMT == S_IFLNK
        guard let count = isLink ? readLink(name, folder, start, &content) : readFile(name, folder, start, &content) else {
            // As git: what cannot be read differs.
            return Glibc.errno == ENOENT ? .gone : .different
        }
        guard count == size else { return .different }
        content.removeLast()
        // Line ends and keywords are what a conversion would change; an encoding may change everything.
        if !isLink, mayBeConverted(content[start...]) { return .unknown }
        if content.withUnsafeBytes({ SHA1.digest(of: $0) }) == id { return .same }
        return isLink ? .different : .unknown
    }

    /// How much was read; nil when nothing could be.
    private static func readFile(_ name: UnsafePointer<CChar>, _ folder: Int32, _ start: Int, _ content: inout [UInt8]) -> Int? {
        let file = retryingInterrupts { openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard file >= 0 else { return nil }
        defer { close(file) }
        var done = 0
        while start + done < content.count {
            let count = content.withUnsafeMutableBytes { buffer in
                retryingInterrupts { read(file, buffer.baseAddress! + start + done, buffer.count - start - done) }
            }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            done += count
        }
        return done
    }

    private static func readLink(_ name: UnsafePointer<CChar>, _ folder: Int32, _ start: Int, _ content: inout [UInt8]) -> Int? {
        let count = content.withUnsafeMutableBytes { buffer in
            readlinkat(
                folder, name, (buffer.baseAddress! + start).assumingMemoryBound(to: CChar.self), buffer.count - start)
        }
        return count < 0 ? nil : count
    }

    private static func mayBeConverted(_ content: ArraySlice<UInt8>) -> Bool {
        content.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            if memchr(start, 0x0D, bytes.count) != nil { return true }
            var position = 0
            while let dollar = memchr(start + position, 0x24, bytes.count - position) {
                position = UnsafeRawPointer(dollar) - start + 1
                if bytes[position...].starts(with: "Id".utf8) { return true }
            }
            return false
        }
    }
}
