/// Packs that are mapped once for several threads, and what was read from them.
struct SharedPacks: Sendable {
    let files: [PackFile]
    private let cache = PackCache()

    init(files: [PackFile]) { self.files = files }

    /// One thread's reader.
    /// - Throws: ``GitError`` when zlib cannot be set up.
    func reader() throws(GitError) -> PackReader { try PackReader(files, cache: cache) }
}
