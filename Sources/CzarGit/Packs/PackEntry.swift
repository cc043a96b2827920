import CLibgit2

/// What stands before an object's compressed bytes in a pack (gitformat-pack(5)).
struct PackEntry {
    enum Content {
        /// The object itself.
        case whole(git_object_t)
        /// A delta to the object whose entry begins at this offset, before this one.
        case deltaAt(Int)
        /// A delta to an object of the same pack.
        case deltaOf(ObjectID)
    }

    let content: Content
    /// How long the object, or the delta, is.
    let size: Int
    /// Where the compressed bytes begin.
    let start: Int

    /// Nil for what is no entry.
    init?(_ pack: UnsafeRawBufferPointer, at offset: Int) {
        guard offset >= 12, offset < pack.count else { return nil }
        var place = offset + 1
        var byte = pack[offset]
        let kind = byte >> 4 & 7
        var (size, shift) = (Int(byte & 15), 4)
        while byte & 0x80 != 0 {
            guard place < pack.count, shift < 60 else { return nil }
            byte = pack[place]
            size |= Int(byte & 0x7F) << shift
            (place, shift) = (place + 1, shift + 7)
        }
        self.size = size
        switch kind {
        case 1...4: content = .whole(git_object_t(rawValue: Int32(kind)))
        case 6:
            guard let distance = Self.distance(pack, &place), distance > 0, distance < offset else { return nil }
            content = .deltaAt(offset - distance)
        case 7:
            guard place + 20 <= pack.count else { return nil }
            content = .deltaOf(ObjectID(bytes: pack.baseAddress! + place))
            place += 20
        default: return nil
        }
        start = place
    }

    /// The number by which an offset delta's base lies before it: each further byte adds one, so that no number has two forms.
    private static func distance(_ pack: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
        var value = 0
        for number in 0..<8 {
            guard place < pack.count else { return nil }
            let byte = pack[place]
            place += 1
            value = (number == 0 ? 0 : value + 1) << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
