import CLibgit2

/// An object as a pack holds it.
struct PackedObject: Sendable {
    let type: git_object_t
    let bytes: [UInt8]
}

/// Reads objects of packs for walks over thousands of them: one reader a thread.
///
/// libgit2 sets zlib up anew, takes locks and copies for every object: most of the time of a walk that reads small objects. What this
/// reader finds odd in a pack, or does not know, is nil; libgit2 then reads the object, or says what is wrong.
final class PackReader {
    private let packs: [PackFile]
    private let inflater: Inflater
    private let cache: PackCache
    /// The pack in which something was found last: neighbours tend to lie together.
    private var favourite = 0

    /// Parts of packs that may be in memory since the last time all were let go, and the one that was looked at last.
    private var touchedParts = 0
    private var lastPart = -1
    /// The kernel brings 64 KB of a mapped file at a time; 32 MB of them are enough.
    private static let partSize = 64 << 10
    private static let mostParts = 512

    /// No writer of packs makes longer chains than 4,095.
    private static let longestChain = 4096

    private typealias Place = PackCache.Place

    /// `cache`: shared by the readers of the same packs.
    /// - Throws: ``GitError`` when zlib cannot be set up.
    init(_ packs: [PackFile], cache: PackCache = PackCache()) throws(GitError) {
        (self.packs, self.cache) = (packs, cache)
        inflater = try Inflater()
    }

    /// The object; nil where no pack has it in a form that can be read here.
    func object(_ id: ObjectID) -> PackedObject? { place(of: id).flatMap { object(at: $0) } }

    /// Whether a pack lists the object.
    func lists(_ id: ObjectID) -> Bool { place(of: id) != nil }

    /// An object's length, from the beginning of its entry alone.
    func size(of id: ObjectID) -> Int? {
        guard let place = place(of: id), let entry = PackEntry(packs[place.pack].entries, at: place.offset) else { return nil }
        if case .whole = entry.content { return entry.size }
        // The two lengths at the beginning of a delta take at most ten bytes each.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            inflater.beginning(compressed(entry, place), into: buffer).flatMap {
                PackDelta(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<$0]))?.size
            }
        }
    }

    /// The blob, where a pack holds it without a delta; `letGo` gives the pages of all packs back.
    func storedBlob(_ id: ObjectID) -> StoredBlob? {
        guard let place = place(of: id), let entry = PackEntry(packs[place.pack].entries, at: place.offset),
            case .whole(GIT_OBJECT_BLOB) = entry.content
        else { return nil }
        let pack = packs[place.pack]
        return StoredBlob(id, compressed: compressed(entry, place), size: entry.size) { pack.letGo() }
    }

    /// Reads a blob piece by piece.
    func read(_ blob: StoredBlob, _ use: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        try blob.read(inflater, use)
    }

    /// A loose object's file as a blob; nil where it is none.
    func looseBlob(_ id: ObjectID, _ file: MappedFile, size: Int) -> StoredBlob? { StoredBlob(id, loose: file, size: size, inflater) }

    /// Lends the first bytes of a commit, not all of them where it is long; nil for what is no commit that can be read here.
    ///
    /// Long messages are not worth inflating. So the bytes lack zlib's checksum: whoever reads them has to find all that must be there.
    func withCommitHeader<Result>(at offset: Int, in pack: Int, _ body: (UnsafeRawBufferPointer) -> Result?) -> Result? {
        guard let entry = PackEntry(packs[pack].entries, at: offset) else { return nil }
        let place = Place(pack: pack, offset: offset)
        if case .whole(GIT_OBJECT_COMMIT) = entry.content {
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { buffer in
                inflater.beginning(compressed(entry, place), into: buffer).flatMap {
                    body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<min($0, entry.size)]))
                }
            }
        }
        guard let object = object(at: place), object.type == GIT_OBJECT_COMMIT else { return nil }
        return object.bytes.withUnsafeBytes { body($0) }
    }

    // MARK: Places

    private func place(of id: ObjectID) -> Place? {
        if favourite < packs.count, let offset = packs[favourite].offset(of: id) { return Place(pack: favourite, offset: offset) }
        for (number, pack) in packs.enumerated() where number != favourite {
            if let offset = pack.offset(of: id) {
                favourite = number
                return Place(pack: number, offset: offset)
            }
        }
        return nil
    }

    private func compressed(_ entry: PackEntry, _ place: Place) -> UnsafeRawBufferPointer {
        boundMemory(place)
        return UnsafeRawBufferPointer(rebasing: packs[place.pack].entries[entry.start...])
    }

    /// Lets go of the packs' pages from time to time: what is read once and far apart would else stay in memory to the end.
    private func boundMemory(_ place: Place) {
        let part = place.offset / Self.partSize
        guard part != lastPart else { return }
        lastPart = part
        touchedParts += 1
        guard touchedParts > Self.mostParts else { return }
        touchedParts = 0
        for pack in packs { pack.letGo() }
    }

    // MARK: Deltas

    /// Goes down to the nearest object that is known or stored whole, then up again, delta by delta.
    private func object(at place: Place) -> PackedObject? {
        var deltas: [(entry: PackEntry, place: Place)] = []
        var current = place
        var object: PackedObject?
        while object == nil {
            if let known = cache[current] {
                object = known
            } else {
                guard let entry = PackEntry(packs[current.pack].entries, at: current.offset) else { return nil }
                switch entry.content {
                case .whole(let type):
                    guard let bytes = inflater.whole(compressed(entry, current), size: entry.size) else { return nil }
                    // What it was compressed to is nearly as long, and is not needed any more.
                    if entry.size > PackCache.limit { packs[current.pack].letGo() }
                    let whole = PackedObject(type: type, bytes: bytes)
                    object = whole
                    // Trees are read by everybody who asks about the same history; a blob only by whoever needs its deltas.
                    if !deltas.isEmpty || type == GIT_OBJECT_TREE { cache.remember(whole, current) }
                case .deltaAt(let offset):
                    deltas.append((entry, current))
                    current = Place(pack: current.pack, offset: offset)
                case .deltaOf(let id):
                    deltas.append((entry, current))
                    guard let offset = packs[current.pack].offset(of: id) else { return nil }
                    current = Place(pack: current.pack, offset: offset)
                }
                guard deltas.count < Self.longestChain else { return nil }
            }
        }
        for (entry, place) in deltas.reversed() {
            guard let base = object, let delta = inflater.whole(compressed(entry, place), size: entry.size) else { return nil }
            let bytes = delta.withUnsafeBytes { delta in base.bytes.withUnsafeBytes { PackDelta(delta)?.applied(to: $0) } }
            guard let bytes else { return nil }
            let made = PackedObject(type: base.type, bytes: bytes)
            cache.remember(made, place)
            object = made
        }
        return object
    }
}
