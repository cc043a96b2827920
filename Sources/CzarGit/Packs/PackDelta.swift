/// A delta of a pack: how to make an object from another one (gitformat-pack(5)).
struct PackDelta {
    private let bytes: UnsafeRawBufferPointer
    private let baseSize: Int
    private let start: Int
    /// How long the object is.
    let size: Int

    /// Reads the two lengths at the beginning; nil where they are cut.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var place = 0
        guard let baseSize = Self.length(bytes, &place), let size = Self.length(bytes, &place) else { return nil }
        (self.bytes, self.baseSize, self.size, start) = (bytes, baseSize, size, place)
    }

    private static func length(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
        var (value, shift) = (0, 0)
        while place < bytes.count, shift < 56 {
            let byte = bytes[place]
            value |= Int(byte & 0x7F) << shift
            (place, shift) = (place + 1, shift + 7)
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    /// The object; nil where the delta does not fit the base, or not its own length.
    func applied(to base: UnsafeRawBufferPointer) -> [UInt8]? {
        // Each instruction of at least two bytes makes at most 16 MB; a damaged length must not reserve memory for nothing.
        guard base.count == baseSize, size <= Inflater.largest, size >> 24 <= bytes.count else { return nil }
        var isSound = false
        let result = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            isSound = fill(UnsafeMutableRawBufferPointer(buffer), from: base)
            count = isSound ? size : 0
        }
        return isSound ? result : nil
    }

    private func fill(_ target: UnsafeMutableRawBufferPointer, from base: UnsafeRawBufferPointer) -> Bool {
        var (place, made) = (start, 0)
        while place < bytes.count {
            let code = bytes[place]
            place += 1
            let source: UnsafeRawBufferPointer
            if code & 0x80 != 0 {
                guard let range = copied(code, &place), range.upperBound <= base.count else { return false }
                source = UnsafeRawBufferPointer(rebasing: base[range])
            } else {
                let length = Int(code)
                // Zero is reserved.
                guard length > 0, place + length <= bytes.count else { return false }
                source = UnsafeRawBufferPointer(rebasing: bytes[place..<place + length])
                place += length
            }
            guard made + source.count <= size, let start = target.baseAddress, let from = source.baseAddress else { return false }
            (start + made).copyMemory(from: from, byteCount: source.count)
            made += source.count
        }
        return made == size
    }

    /// What part of the base an instruction copies: each bit of its code stands for a byte of the offset or the length that follows.
    private func copied(_ code: UInt8, _ place: inout Int) -> Range<Int>? {
        var (offset, length) = (0, 0)
        for bit in 0..<7 where code & 1 << bit != 0 {
            guard place < bytes.count else { return nil }
            let byte = Int(bytes[place])
            place += 1
            if bit < 4 { offset |= byte << (bit * 8) } else { length |= byte << ((bit - 4) * 8) }
        }
        return offset..<offset + (length == 0 ? 0x10000 : length)
    }
}
