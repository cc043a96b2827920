import Glibc

/// The commits of the packs in the order in which they lie there, found without unpacking anything.
///
/// Git writes a pack's commits first, so a pack is looked through from its start until commits have ended. Only a hint about what to
/// read together: what it misses is read one by one.
enum PackListing {
    /// So many other objects in a row mean that a pack's commits have ended.
    private static let patience = 2048

    /// - Throws: ``GitError`` when a pack's file exists and cannot be mapped.
    static func commits(inPacksOf folders: [String]) throws(GitError) -> [ObjectID] {
        var result: [ObjectID] = []
        for folder in folders {
            for name in packNames(folder + "/pack") {
                let path = "\(folder)/pack/\(name)"
                guard let index = try MappedFile.open(path + ".idx"), let pack = try MappedFile.open(path + ".pack") else { continue }
                PackIndex(index)?.appendCommits(in: pack.bytes, order: PackOrder(try MappedFile.open(path + ".rev")), to: &result, patience)
            }
        }
        return result
    }

    /// How many objects the packs of a folder hold.
    static func objectCount(in folder: String) throws(GitError) -> Int {
        var count = 0
        for name in packNames(folder + "/pack") {
            if let file = try MappedFile.open("\(folder)/pack/\(name).idx"), let index = PackIndex(file) { count += index.count }
        }
        return count
    }

    private static func packNames(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".idx") { names.append(String(name.dropLast(4))) }
        }
        return names
    }
}

/// A pack's reverse index (gitformat-pack(5)): index positions in the order of the pack.
private struct PackOrder {
    let file: MappedFile

    init?(_ file: MappedFile?) {
        guard let file, file.bytes.count >= 52, file.bytes.word(0) == 0x5249_4458, file.bytes.word(4) == 1 else { return nil }
        self.file = file
    }

    func positions(_ count: Int) -> [UInt32]? {
        guard file.bytes.count == 12 + count * 4 + 40 else { return nil }
        return (0..<count).map { file.bytes.word(12 + $0 * 4) }
    }
}

/// A pack's index, version 2.
private struct PackIndex {
    private let bytes: UnsafeRawBufferPointer
    private let file: MappedFile
    let count: Int

    init?(_ file: MappedFile) {
        bytes = file.bytes
        self.file = file
        guard bytes.count >= 8 + 1024 + 40, bytes.word(0) == 0xFF74_4F63, bytes.word(4) == 2 else { return nil }
        count = Int(bytes.word(8 + 255 * 4))
        guard bytes.count >= 8 + 1024 + count * 28 + 40 else { return nil }
    }

    /// Adds the ids of the commits at the start of the pack.
    func appendCommits(in pack: UnsafeRawBufferPointer, order: PackOrder?, to result: inout [ObjectID], _ patience: Int) {
        guard let positions = order?.positions(count) else {
            // Without a reverse index the offsets are sorted, an eighth of the pack at a time.
            var missed = 0
            for eighth in 0..<8 where missed < patience {
                let range = pack.count / 8 * eighth..<(eighth == 7 ? pack.count : pack.count / 8 * (eighth + 1))
                let part = (0..<UInt32(count)).map { (offset(Int($0)), $0) }.filter { range.contains($0.0) }.sorted { $0.0 < $1.0 }
                append(part.map(\.1), pack, &result, &missed, patience)
            }
            return
        }
        var missed = 0
        append(positions, pack, &result, &missed, patience)
    }

    private func append(
        _ positions: [UInt32], _ pack: UnsafeRawBufferPointer, _ result: inout [ObjectID], _ missed: inout Int, _ patience: Int
    ) {
        for position in positions {
            guard missed < patience, position < count else { return }
            let offset = offset(Int(position))
            // The type is in three bits of an entry's first byte; 1 is a commit.
            guard offset < pack.count, pack[offset] >> 4 & 7 == 1 else {
                missed += 1
                continue
            }
            missed = 0
            result.append(ObjectID(bytes: bytes.baseAddress! + 8 + 1024 + Int(position) * 20))
        }
    }

    private func offset(_ position: Int) -> Int {
        let short = bytes.word(8 + 1024 + count * 24 + position * 4)
        guard short & 0x8000_0000 != 0 else { return Int(short) }
        let long = 8 + 1024 + count * 28 + Int(short & 0x7FFF_FFFF) * 8
        guard long + 8 <= bytes.count - 40 else { return .max }
        return Int(truncatingIfNeeded: bytes.long(long) & UInt64(Int.max))
    }
}
