import Glibc
import SystemPackage

/// The parts of an index file that libgit2 refuses to read past: names of its entries and of its extensions.
///
/// Format: git's Documentation/gitformat-index.txt, versions 2 to 4 with SHA-1.
struct IndexScan: Sendable {
    /// All paths, in order.
    private(set) var paths: [RepositoryPath] = []
    /// The four letters of each extension; lower case ones are mandatory.
    private(set) var extensions: [String] = []
    /// Some entry is marked skip-worktree: a sparse checkout.
    private(set) var hasSkippedEntries = false

    /// Nil for what is no such file; a file that ends too early gives what was read.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12, bytes.starts(with: Array("DIRC".utf8)) else { return nil }
        func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
        let version = number(4)
        guard (2...4).contains(version) else { return nil }
        // The last 20 bytes are the checksum.
        let end = bytes.count - 20
        var position = 12
        var previous: [UInt8] = []
        for _ in 0..<number(8) {
            guard position + 64 <= end else { return }
            let start = position
            let flags = Int(bytes[start + 60]) << 8 | Int(bytes[start + 61])
            position += 62
            if version >= 3, flags & 0x4000 != 0 {
                // CE_SKIP_WORKTREE is bit 14 of the extended flags.
                if bytes[position] & 0x40 != 0 { hasSkippedEntries = true }
                position += 2
            }
            var kept = 0
            if version == 4 { kept = max(0, previous.count - Self.variableNumber(bytes, &position)) }
            guard let zero = bytes[position..<end].firstIndex(of: 0) else { return }
            previous = Array(previous.prefix(version == 4 ? kept : 0)) + bytes[position..<zero]
            paths.append(RepositoryPath(bytes: previous))
            // Versions 2 and 3 pad an entry with one to eight NULs to a multiple of eight.
            position = version == 4 ? zero + 1 : start + ((zero - start) / 8 + 1) * 8
        }
        while position + 8 <= end {
            extensions.append(String(decoding: bytes[position..<(position + 4)], as: UTF8.self))
            position += 8 + number(position + 4)
        }
    }

    /// git's offset encoding, as in pack files.
    private static func variableNumber(_ bytes: [UInt8], _ position: inout Int) -> Int {
        var value = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            value = value << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return value }
            value += 1
        }
        return value
    }
}

/// The number of entries that the header of a worktree's index counts; nil when there is no readable index.
/// - Complexity: O(1): twelve bytes are read.
package func indexEntryCount(in gitDirectory: String) -> Int? {
    let file = open(gitDirectory + "/index", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var header = [UInt8](repeating: 0, count: 12)
    guard read(file, &header, 12) == 12, header.starts(with: Array("DIRC".utf8)) else { return nil }
    return header[8...].reduce(0) { $0 << 8 | Int($1) }
}
