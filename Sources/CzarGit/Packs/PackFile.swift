import Glibc

/// A pack with its index of version 2, mapped (gitformat-pack(5)).
///
/// Lengths are checked once, here; what an index says of an object is checked where the object is read.
struct PackFile: Sendable {
    private let index: MappedFile
    private let pack: MappedFile
    private let order: MappedFile?
    /// The number of objects.
    let count: Int

    private static let fanout = 8
    private static let ids = 8 + 1024

    /// Nil for what is no such pack: libgit2 reads that, or says what is wrong with it.
    init?(index: MappedFile, pack: MappedFile, order: MappedFile?) {
        let bytes = index.bytes
        guard bytes.count >= Self.ids + 40, bytes.word(0) == 0xFF74_4F63, bytes.word(4) == 2 else { return nil }
        count = Int(bytes.word(Self.fanout + 255 * 4))
        guard bytes.count >= Self.ids + count * 28 + 40, pack.bytes.count >= 32, pack.bytes.word(0) == 0x5041_434B else { return nil }
        (self.index, self.pack, self.order) = (index, pack, order)
    }

    /// The packs of a repository and its alternates. Threads should share them: each mapping brings its pages anew.
    static func all(of repository: borrowing Repository) throws(GitError) -> [PackFile] { try all(in: ObjectFolders.all(of: repository)) }

    /// The packs of object folders. What cannot be mapped is left to libgit2, which says why.
    static func all(in folders: [String]) throws(GitError) -> [PackFile] {
        var result: [PackFile] = []
        for folder in folders {
            for name in names(folder + "/pack") {
                let path = "\(folder)/pack/\(name)"
                // Either may be gone since the folder was listed: then git has packed anew.
                guard let index = try MappedFile.open(path + ".idx"), let pack = try MappedFile.open(path + ".pack") else { continue }
                if let file = PackFile(index: index, pack: pack, order: try MappedFile.open(path + ".rev")) { result.append(file) }
            }
        }
        return result
    }

    private static func names(_ folder: String) -> [String] {
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

    /// The pack's entries, without the checksum at its end.
    var entries: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: pack.bytes[..<(pack.bytes.count - 20)]) }

    /// Gives the pack's pages back to the kernel, which brings them again when they are read. Other threads may read meanwhile.
    func letGo() { pack.letGo() }

    /// The id at a position of the index.
    func id(_ position: Int) -> ObjectID { ObjectID(bytes: index.bytes.baseAddress! + Self.ids + position * 20) }

    /// Where in the pack the object at a position of the index lies; beyond the pack's end where the index is damaged.
    func offset(_ position: Int) -> Int {
        let short = index.bytes.word(Self.ids + count * 24 + position * 4)
        guard short & 0x8000_0000 != 0 else { return Int(short) }
        let long = Self.ids + count * 28 + Int(short & 0x7FFF_FFFF) * 8
        guard long + 8 <= index.bytes.count - 40 else { return .max }
        return Int(truncatingIfNeeded: index.bytes.long(long) & UInt64(Int.max))
    }

    /// Where in the pack an object lies; nil where the pack does not have it.
    ///
    /// Ids are spread evenly, so the place is guessed first, and the search goes from there in growing steps: a few ids are looked at,
    /// which lie side by side, where halving looks at a dozen on as many pages.
    ///
    /// - Complexity: O(log *n*), O(1) expected.
    func offset(of id: ObjectID) -> Int? {
        let byte = Int(id.first >> 56)
        var low = byte == 0 ? 0 : Int(index.bytes.word(Self.fanout + (byte - 1) * 4))
        var high = min(count, Int(index.bytes.word(Self.fanout + byte * 4)))
        guard low < high else { return nil }
        let share = (id.first << 8).multipliedFullWidth(by: UInt64(high - low)).high
        var middle = low + Int(share)
        var step = 8
        while low < high {
            let candidate = self.id(middle)
            if candidate == id { return offset(middle) }
            if candidate < id {
                low = middle + 1
                middle = min(middle + step, (low + high) / 2)
            } else {
                high = middle
                middle = max(middle - step, (low + high) / 2)
            }
            step *= 4
        }
        return nil
    }

    /// Positions of the index in the order of the pack, from the reverse index; nil where there is none.
    var positionsInOrder: [UInt32]? {
        guard let bytes = order?.bytes, bytes.count == 12 + count * 4 + 40, bytes.word(0) == 0x5249_4458, bytes.word(4) == 1 else {
            return nil
        }
        return (0..<count).map { bytes.word(12 + $0 * 4) }
    }
}
