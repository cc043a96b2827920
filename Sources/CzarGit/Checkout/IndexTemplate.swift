/// An index file without what differs between worktrees that hold the same tree: the files' stat data.
///
/// Version 2; version 3 as soon as an entry is marked skip-worktree, which a sparse worktree's index does with all that it does not hold.
/// Format: git's Documentation/gitformat-index.txt. The extension `TREE` follows the entries, so that git's next commit or diff need not
/// hash the folders again.
struct IndexTemplate: Sendable {
    /// Header and entries.
    private(set) var bytes: [UInt8] = Array("DIRC".utf8) + [0, 0, 0, 2, 0, 0, 0, 0]
    /// Where each entry starts.
    private(set) var starts: [UInt32] = []
    private var folders: [FolderNode] = []
    private var lastPath = 0..<0
    private var hasEmptyFolder = false

    private struct FolderNode {
        let name: [UInt8]
        let id: ObjectID
        var entries: Int
        var subfolders = 0
        let parent: Int
    }

    var count: Int { starts.count }
    /// Entries that are marked skip-worktree.
    private(set) var skippedCount = 0
    /// Entries that have a file.
    var fileCount: Int { count - skippedCount }

    /// Adds the next entry in git's order.
    /// - Returns: false when it is not greater than the one before it: the tree is not sorted, or names a path twice.
    mutating func append(path: UnsafeBufferPointer<UInt8>, id: ObjectID, mode: UInt32, isSkipped: Bool = false) -> Bool {
        let isAscending = starts.isEmpty || bytes[lastPath].lexicographicallyPrecedes(path)
        let start = bytes.count
        starts.append(UInt32(start))
        bytes.append(contentsOf: repeatElement(0, count: 24))
        appendNumber(mode)
        bytes.append(contentsOf: repeatElement(0, count: 12))
        withUnsafeBytes(of: id.raw) { bytes.append(contentsOf: $0) }
        let length = min(path.count, 0xFFF)
        // Bit 14 announces two bytes more, whose bit 14 is skip-worktree.
        bytes.append(UInt8(length >> 8) | (isSkipped ? 0x40 : 0))
        bytes.append(UInt8(length & 0xFF))
        if isSkipped {
            bytes += [0x40, 0]
            skippedCount += 1
        }
        lastPath = bytes.count..<(bytes.count + path.count)
        bytes.append(contentsOf: path)
        // One to eight NULs, up to a multiple of eight.
        bytes.append(contentsOf: repeatElement(0, count: 8 - (bytes.count - start) % 8))
        return isAscending
    }

    /// Enters a folder; what is appended up to ``leaveFolder(_:)`` lies in it.
    mutating func enterFolder(_ name: some Sequence<UInt8>, _ id: ObjectID, in parent: Int) -> Int {
        if parent >= 0 { folders[parent].subfolders += 1 }
        folders.append(FolderNode(name: Array(name), id: id, entries: -count, parent: parent))
        return folders.count - 1
    }

    mutating func leaveFolder(_ folder: Int) {
        folders[folder].entries += count
        if folders[folder].entries == 0, folder > 0 { hasEmptyFolder = true }
    }

    /// Completes header and extension.
    mutating func finish() {
        if skippedCount > 0 { bytes[7] = 3 }
        withUnsafeBytes(of: UInt32(count).bigEndian) { number in
            for index in 0..<4 { bytes[8 + index] = number[index] }
        }
        // git's index has no empty folders, so with one of them a tree made from the index would be another one.
        guard !hasEmptyFolder, count > 0 else { return }
        var extensionBytes: [UInt8] = []
        for folder in folders {
            extensionBytes += folder.name + [0]
            extensionBytes += Array("\(folder.entries) \(folder.subfolders)\n".utf8)
            withUnsafeBytes(of: folder.id.raw) { extensionBytes.append(contentsOf: $0) }
        }
        bytes += Array("TREE".utf8)
        appendNumber(UInt32(extensionBytes.count))
        bytes += extensionBytes
        folders = []
    }

    /// The whole file for one worktree.
    func file(with stats: UnsafeBufferPointer<StatRecord>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count + 20) { buffer, count in
            let start = UnsafeMutableRawPointer(buffer.baseAddress!)
            bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            for (entry, offset) in starts.enumerated() { stats[entry].write(to: start + Int(offset)) }
            let digest = SHA1.digest(of: UnsafeRawBufferPointer(start: start, count: bytes.count))
            (start + bytes.count).storeBytes(of: digest.raw, as: type(of: digest.raw))
            count = bytes.count + 20
        }
    }

    private mutating func appendNumber(_ number: UInt32) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
