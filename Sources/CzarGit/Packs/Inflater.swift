import CLibgit2

/// zlib's decompressor, set up once and used for one stream after another: setting it up costs more than most objects do.
///
/// zlib comes with libgit2, which cannot be built without it.
struct Inflater: ~Copyable {
    /// At a place of its own, because zlib remembers where it is.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Larger objects are left to libgit2, which says so when there is no memory for them.
    static let largest = 512 << 20

    /// - Throws: ``GitError`` when zlib has no memory or is another version than its header.
    init() throws(GitError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw GitError(code: .generic, operation: "set up", subject: "zlib", message: "it cannot be initialised")
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What a whole stream holds; nil unless it is sound, by zlib's own checksum, and exactly `size` bytes long.
    func whole(_ source: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
        // No stream of deflate holds more than 1032 times its length: a damaged size must not reserve memory for nothing.
        guard size >= 0, size <= Self.largest, size / 1032 <= source.count else { return nil }
        var isSound = false
        // One byte more than is expected, so that more than that is noticed.
        let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
            isSound = run(source, into: buffer, Z_FINISH) == Z_STREAM_END && Int(stream.pointee.total_out) == size
            count = isSound ? size : 0
        }
        return isSound ? bytes : nil
    }

    /// The first bytes of a stream, as many as there is room for, unchecked; nil where it is no stream.
    func beginning(_ source: UnsafeRawBufferPointer, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        let status = run(source, into: buffer, Z_SYNC_FLUSH)
        return status == Z_OK || status == Z_STREAM_END ? Int(stream.pointee.total_out) : nil
    }

    private static let pieceSize = 256 << 10
    /// How much is read before its pages are let go of.
    private static let readAtOnce = 8 << 20

    /// Lends what a stream holds, piece by piece; false at the end unless it was sound, by zlib's own checksum, and exactly `size` bytes
    /// long. `letGo` is called now and then: what was read before is not needed again.
    func pieces<Failure: Error>(
        _ source: UnsafeRawBufferPointer, size: Int, letGo: () -> Void, _ use: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        guard inflateReset(stream) == Z_OK else { return false }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 16)
        defer { piece.deallocate() }
        var (read, written) = (0, 0)
        var status = Z_OK
        while status == Z_OK {
            let slice = source[read..<min(source.count, read + Self.readAtOnce)]
            guard !slice.isEmpty else { return false }
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: UnsafeRawBufferPointer(rebasing: slice).bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(slice.count)
            repeat {
                stream.pointee.next_out = piece.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(piece.count)
                status = inflate(stream, Z_NO_FLUSH)
                let count = piece.count - Int(stream.pointee.avail_out)
                written += count
                guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR, written <= size else { return false }
                if count > 0 { try use(UnsafeRawBufferPointer(rebasing: piece[..<count])) }
            } while status == Z_OK && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
            // Nothing was left to do with this part: there may be more in the next.
            if status == Z_BUF_ERROR { status = Z_OK }
            let taken = slice.count - Int(stream.pointee.avail_in)
            guard taken > 0 || status == Z_STREAM_END else { return false }
            read += taken
            letGo()
        }
        return status == Z_STREAM_END && written == size
    }

    private func run(_ source: UnsafeRawBufferPointer, into buffer: UnsafeMutableBufferPointer<UInt8>, _ flush: Int32) -> Int32 {
        guard inflateReset(stream) == Z_OK, let room = UInt32(exactly: buffer.count) else { return Z_STREAM_ERROR }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: source.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = room
        return inflate(stream, flush)
    }
}
