import CLibgit2

/// Reads raw objects for walks over thousands of them: one reader a thread.
///
/// Packs are read here, everything else, and what is odd in a pack, by libgit2. Git does not hash objects again when it reads them
/// either; zlib's checksum is verified.
struct ObjectReader: ~Copyable {
    private let odb: OpaquePointer
    private let packs: PackReader
    private let folders: [String]
    let replacements: Replacements

    /// `replacements`: read in the place of what they replace; by default nothing is.
    init(_ repository: borrowing Repository, following replacements: Replacements = .none) throws(GitError) {
        try self.init(repository, packs: PackReader(PackFile.all(of: repository)), following: replacements)
    }

    /// `packs`: of the same repository; a thread's readers share what that one remembers.
    init(_ repository: borrowing Repository, packs: PackReader, following replacements: Replacements = .none) throws(GitError) {
        let handle = repository.handle
        let folders = try ObjectFolders.all(of: repository)
        odb = try make("open the object database of", String(cString: git_repository_path(handle))) { git_repository_odb(&$0, handle) }
        (self.packs, self.folders, self.replacements) = (packs, folders, replacements)
    }

    deinit { git_odb_free(odb) }

    /// Lends an object's type and bytes.
    ///
    /// - Throws: ``GitError`` when the object is missing or damaged.
    func withObject<Result>(
        _ id: ObjectID, _ body: (git_object_t, UnsafeRawBufferPointer) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        let id = try replacements.resolve(id)
        if let object = packs.object(id) {
            return try withBytes(object.bytes) { bytes throws(GitError) in try body(object.type, bytes) }
        }
        var raw = id.raw
        let object = try make("read the object", id.hex) { git_odb_read(&$0, odb, &raw) }
        defer { git_odb_object_free(object) }
        return try body(
            git_odb_object_type(object), UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object)))
    }

    /// An object's type and bytes, to keep: those of a packed object are not copied.
    ///
    /// - Throws: ``GitError`` when the object is missing or damaged.
    func object(_ id: ObjectID) throws(GitError) -> PackedObject {
        let id = try replacements.resolve(id)
        if let object = packs.object(id) { return object }
        return try withObject(id) { type, bytes in PackedObject(type: type, bytes: Array(bytes)) }
    }

    /// A blob of `size` bytes, where it is stored in one piece: then ``read(_:_:)`` needs no memory for it. Nil for a delta.
    func storedBlob(_ id: ObjectID, size: Int) throws(GitError) -> StoredBlob? {
        let id = try replacements.resolve(id)
        if let blob = packs.storedBlob(id) { return blob }
        for folder in folders {
            let path = "\(folder)/\(id.hex.prefix(2))/\(id.hex.dropFirst(2))"
            if let file = try MappedFile.open(path) { return packs.looseBlob(id, file, size: size) }
        }
        return nil
    }

    /// Lends a blob's bytes piece by piece.
    ///
    /// - Throws: what `use` throws; ``GitError`` when the blob is damaged, after some of it was lent.
    func read(_ blob: StoredBlob, _ use: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        try packs.read(blob, use)
    }

    /// Whether the object itself is there, by looking at names only.
    func holds(_ id: ObjectID) -> Bool {
        var raw = id.raw
        return packs.lists(id) || git_odb_exists(odb, &raw) == 1
    }

    /// An object's size in bytes, without inflating it.
    ///
    /// - Throws: ``GitError`` when the object is missing or damaged.
    func size(of id: ObjectID) throws(GitError) -> Int {
        let id = try replacements.resolve(id)
        if let size = packs.size(of: id) { return size }
        var raw = id.raw
        var (size, type): (Int, git_object_t) = (0, GIT_OBJECT_INVALID)
        try check("read the object", id.hex) { git_odb_read_header(&size, &type, odb, &raw) }
        return size
    }

    /// `withUnsafeBytes` with a typed error.
    private func withBytes<Result>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        try bytes.span.withUnsafeBytes(body)
    }
}
