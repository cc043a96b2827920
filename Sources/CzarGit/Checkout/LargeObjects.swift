import Glibc

/// Git LFS's local store: what a pointer in a blob stands for, when it was fetched before.
struct LargeObjects: Sendable {
    let settings: CheckoutSettings

    /// The content that `pointer` names; nil when that is no pointer, LFS is not set up here, or the object is not in the store.
    ///
    /// - Throws: ``GitError`` when the object exists and cannot be read.
    func content(of pointer: UnsafeRawBufferPointer) throws(GitError) -> MappedFile? {
        // Without the filter's command git leaves pointers too.
        guard settings.filters.contains("lfs"), let parsed = Self.parse(pointer) else { return nil }
        let (id, size) = parsed
        let path = "\(settings.largeObjectFolder)/\(id.prefix(2))/\(id.dropFirst(2).prefix(2))/\(id)"
        guard let file = try MappedFile.open(path), file.bytes.count == size else { return nil }
        return file
    }

    static func isPointer(_ bytes: UnsafeRawBufferPointer) -> Bool { parse(bytes) != nil }

    /// In bytes; what is not shorter is none.
    static let longestPointer = 1024

    /// The pointer format of git-lfs's docs/spec.md: at most 1,024 bytes of lines of `key value`, the version first.
    private static func parse(_ bytes: UnsafeRawBufferPointer) -> (id: String, size: Int)? {
        guard bytes.count < longestPointer, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var (id, size): (String?, Int?) = (nil, nil)
        let lines = text.split(whereSeparator: \.isNewline)
        guard let version = lines.first, version.hasPrefix("version "), version.contains("git-lfs") || version.contains("hawser") else {
            return nil
        }
        for line in lines.dropFirst() {
            if line.hasPrefix("oid sha256:") { id = String(line.dropFirst("oid sha256:".count)) }
            if line.hasPrefix("size ") { size = Int(line.dropFirst("size ".count)) }
        }
        guard let id, let size, id.utf8.count == 64, id.utf8.allSatisfy({ isHexDigit($0) }) else { return nil }
        return (id, size)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
}
