import Glibc
import SystemPackage

/// The parts of an index file that libgit2 refuses to read past: names of its entries and of its extensions.
///
/// Format: git's Documentation/gitformat-index.txt, versions 2 to 4 with SHA-1.
struct IndexScan: Sendable {
    /// One entry.
    struct Entry: Sendable {
        let path: RepositoryPath
        let id: ObjectID
    }

    /// The entries that were asked for, in order.
    private(set) var entries: [Entry] = []
    /// The four letters of each extension; lower case ones are mandatory.
    private(set) var extensions: [String] = []
    /// Some entry is marked skip-worktree: a sparse checkout.
    private(set) var hasSkippedEntries = false

    /// The paths of ``entries``.
    var paths: [RepositoryPath] { entries.map(\.path) }

    /// Nil for what is no such file; a file that ends too early gives what was read.
    ///
    /// `keeping` says by its path whether an entry is wanted; nothing is allocated for the others.
    ///
    /// - Complexity: O(entries), some ten nanoseconds each.
    init?(_ bytes: UnsafeRawBufferPointer, keeping: (UnsafeRawBufferPointer) -> Bool) {
        guard bytes.count >= 32, bytes.word(0) == 0x4449_5243 else { return nil }
        let version = bytes.word(4)
        guard (2...4).contains(version) else { return nil }
        // The last 20 bytes are the checksum.
        let end = bytes.count - 20
        var position = 12
        var previous: [UInt8] = []
        for _ in 0..<bytes.word(8) {
            guard position + 64 <= end else { return }
            let start = position
            let flags = bytes.word(start + 58) & 0xFFFF
            position += 62
            if version >= 3, flags & 0x4000 != 0 {
                // CE_SKIP_WORKTREE is bit 14 of the extended flags.
                if bytes[position] & 0x40 != 0 { hasSkippedEntries = true }
                position += 2
            }
            if version == 4 { previous.removeLast(min(previous.count, bytes.offsetNumber(&position))) }
            guard position < end, let zero = bytes[position..<end].firstIndex(of: 0) else { return }
            let name = UnsafeRawBufferPointer(rebasing: bytes[position..<zero])
            if version == 4 {
                previous += name
                previous.withUnsafeBytes { keep($0, bytes, start, if: keeping) }
                position = zero + 1
            } else {
                keep(name, bytes, start, if: keeping)
                // Versions 2 and 3 pad an entry with one to eight NULs to a multiple of eight.
                position = start + ((zero - start) / 8 + 1) * 8
            }
        }
        while position + 8 <= end {
            extensions.append(String(decoding: bytes[position..<(position + 4)], as: UTF8.self))
            position += 8 + Int(bytes.word(position + 4))
        }
    }

    private mutating func keep(
        _ name: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, _ start: Int, if wanted: (UnsafeRawBufferPointer) -> Bool
    ) {
        guard wanted(name) else { return }
        entries.append(Entry(path: RepositoryPath(bytes: Array(name)), id: ObjectID(bytes: bytes.baseAddress! + start + 40)))
    }
}

extension RepositoryPath {
    /// Whether the index in a git directory has an entry of that path.
    /// - Complexity: O(entries); the file is mapped, not parsed.
    package func isInIndex(of gitDirectory: String) throws(GitError) -> Bool {
        guard let file = try MappedFile.open(joinPath(gitDirectory, "index")) else { return false }
        return IndexScan(file.bytes) { $0.elementsEqual(bytes) }?.entries.isEmpty == false
    }
}

extension UnsafeRawBufferPointer {
    /// A number in git's offset encoding, as in pack files; ``position`` is moved behind it.
    func offsetNumber(_ position: inout Int) -> Int {
        var value = 0
        while position < count {
            let byte = self[position]
            position += 1
            value = value << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return value }
            value += 1
            // No offset is that long; a damaged file must not overflow.
            if value > 1 << 40 { return value }
        }
        return value
    }
}
