import CLibgit2

/// A blob that is stored as it is, compressed: in a pack without a delta, or loose. Then its bytes can be had piece by piece.
struct StoredBlob {
    /// What the compressed bytes are a part of; its pages are let go of while they are read.
    private let pages: () -> Void
    private let compressed: UnsafeRawBufferPointer
    private let id: ObjectID
    private let size: Int
    /// How many bytes come before the content: those of a loose object begin with its type and size.
    private let header: Int

    /// An entry of a pack; `letGo` gives its pages back.
    init(_ id: ObjectID, compressed: UnsafeRawBufferPointer, size: Int, letGo: @escaping () -> Void) {
        (self.id, self.compressed, self.size, header, pages) = (id, compressed, size, 0, letGo)
    }

    /// A loose object's file; nil where that is no blob of this size.
    init?(_ id: ObjectID, loose file: MappedFile, size: Int, _ inflater: borrowing Inflater) {
        let expected = Array("blob \(size)\0".utf8)
        let isBlob = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: expected.count) { buffer in
            inflater.beginning(file.bytes, into: buffer) == expected.count && buffer.elementsEqual(expected)
        }
        guard isBlob else { return nil }
        (self.id, compressed, self.size, header, pages) = (id, file.bytes, size, expected.count, { file.letGo() })
    }

    /// Lends all bytes in turn.
    ///
    /// - Throws: what `use` throws; ``GitError`` when the compressed bytes are damaged, after some of them were lent.
    func read(_ inflater: borrowing Inflater, _ use: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        var skipped = 0
        let isSound = try inflater.pieces(compressed, size: header + size, letGo: pages) { (bytes) throws(GitError) in
            let skips = min(header - skipped, bytes.count)
            skipped += skips
            if bytes.count > skips { try use(UnsafeRawBufferPointer(rebasing: bytes[skips...])) }
        }
        guard isSound else {
            throw GitError(
                code: .generic, operation: "read the object", subject: id.hex,
                message: "its compressed bytes are damaged: 'git fsck' says more")
        }
    }
}
