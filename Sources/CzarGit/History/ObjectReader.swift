import CLibgit2

/// Reads raw objects for walks over thousands of them: one reader a thread.
///
/// It asks the pack backends directly. `git_odb_read` would hash every object again and keep it in a cache: half of the time and all of
/// the memory of a walk that reads each object once. Git does not verify packed objects when it reads them either; zlib's checksum is
/// still verified. What no pack has is read in the ordinary way.
struct ObjectReader: ~Copyable {
    private let odb: OpaquePointer
    private let packs: [UnsafeMutablePointer<git_odb_backend>]

    init(_ repository: borrowing Repository) throws(GitError) {
        let handle = repository.handle
        let folders = try ObjectFolders.all(of: repository)
        odb = try make("open the object database of", String(cString: git_repository_path(handle))) { git_repository_odb(&$0, handle) }
        packs = folders.compactMap { folder in
            var backend: UnsafeMutablePointer<git_odb_backend>?
            // A folder that cannot be opened this way is still read through the object database.
            return git_odb_backend_pack(&backend, folder) == 0 ? backend : nil
        }
    }

    deinit {
        for pack in packs { pack.pointee.free(pack) }
        git_odb_free(odb)
    }

    /// Lends an object's type and bytes.
    ///
    /// - Throws: ``GitError`` when the object is missing or damaged.
    func withObject<Result>(
        _ id: ObjectID, _ body: (git_object_t, UnsafeRawBufferPointer) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        var raw = id.raw
        for pack in packs {
            var (data, size, type): (UnsafeMutableRawPointer?, Int, git_object_t) = (nil, 0, GIT_OBJECT_INVALID)
            guard pack.pointee.read(&data, &size, &type, pack, &raw) == 0 else { continue }
            defer { git_odb_backend_data_free(pack, data) }
            return try body(type, UnsafeRawBufferPointer(start: data, count: size))
        }
        let object = try make("read the object", id.hex) { git_odb_read(&$0, odb, &raw) }
        defer { git_odb_object_free(object) }
        return try body(
            git_odb_object_type(object), UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object)))
    }

    /// Whether the object is there, by looking at names only.
    func holds(_ id: ObjectID) -> Bool {
        var raw = id.raw
        return packs.contains { $0.pointee.exists($0, &raw) == 1 } || git_odb_exists(odb, &raw) == 1
    }

    /// An object's size in bytes, without inflating it.
    ///
    /// - Throws: ``GitError`` when the object is missing or damaged.
    func size(of id: ObjectID) throws(GitError) -> Int {
        var raw = id.raw
        var (size, type): (Int, git_object_t) = (0, GIT_OBJECT_INVALID)
        for pack in packs where pack.pointee.read_header(&size, &type, pack, &raw) == 0 { return size }
        try check("read the object", id.hex) { git_odb_read_header(&size, &type, odb, &raw) }
        return size
    }
}
