import CLibgit2

/// Where an object lies.
struct PackPlace: Sendable {
    let id: ObjectID
    /// The pack's number in the list of packs.
    let pack: Int
    let offset: Int
}

/// The commits of the packs in the order in which they lie there, found without unpacking anything.
///
/// Git writes a pack's commits first, so a pack is looked through from its start until commits have ended. Only a hint about what to
/// read together: what it misses is read one by one.
enum PackListing {
    /// So many other objects in a row mean that a pack's commits have ended.
    private static let patience = 2048

    static func commits(in packs: [PackFile]) -> [PackPlace] {
        var result: [PackPlace] = []
        for number in packs.indices { append(number, packs[number], to: &result) }
        return result
    }

    /// How many objects the packs of a folder hold.
    static func objectCount(in folder: String) throws(GitError) -> Int { try PackFile.all(in: [folder]).reduce(0) { $0 + $1.count } }

    private static func append(_ number: Int, _ pack: PackFile, to result: inout [PackPlace]) {
        let entries = pack.entries
        var missed = 0
        if let positions = pack.positionsInOrder {
            for position in positions where position < pack.count {
                let found = isCommit(pack.offset(Int(position)), pack, entries)
                if found { result.append(PackPlace(id: pack.id(Int(position)), pack: number, offset: pack.offset(Int(position)))) }
                missed = found ? 0 : missed + 1
                guard missed < patience else { return }
            }
            return
        }
        // Without a reverse index the offsets are sorted, an eighth of the pack at a time.
        for eighth in 0..<8 {
            let range = entries.count / 8 * eighth..<(eighth == 7 ? entries.count : entries.count / 8 * (eighth + 1))
            for (offset, position) in places(of: pack, in: range) {
                let found = isCommit(offset, pack, entries)
                if found { result.append(PackPlace(id: pack.id(position), pack: number, offset: offset)) }
                missed = found ? 0 : missed + 1
                guard missed < patience else { return }
            }
        }
    }

    private static func places(of pack: PackFile, in range: Range<Int>) -> [(offset: Int, position: Int)] {
        var result: [(offset: Int, position: Int)] = []
        for position in 0..<pack.count {
            let offset = pack.offset(position)
            if range.contains(offset) { result.append((offset, position)) }
        }
        return result.sorted { $0.offset < $1.offset }
    }

    /// Follows deltas within the pack to the object that is stored whole: an object has its base's type.
    private static func isCommit(_ offset: Int, _ pack: PackFile, _ entries: UnsafeRawBufferPointer) -> Bool {
        var current = offset
        for _ in 0..<64 {
            guard let entry = PackEntry(entries, at: current) else { return false }
            switch entry.content {
            case .whole(let type): return type == GIT_OBJECT_COMMIT
            case .deltaAt(let base): current = base
            case .deltaOf(let id):
                guard let base = pack.offset(of: id) else { return false }
                current = base
            }
        }
        return false
    }
}
