import CLibgit2

/// Histories of repositories that have no commit-graph, kept in the user's cache folder so that they are parsed only once.
///
/// One file a repository, in git's commit-graph format with its checksum; ignored where damaged; never needed.
public struct HistoryCache: Sendable {
    private let cache: CacheFolder

    /// Where the files lie; made when the first one is written.
    public var folder: String { cache.path }

    /// A cache below a folder of the user's, such as `~/.cache/czar`.
    public init(folder: String) { cache = CacheFolder(path: folder) }

    /// The file of a repository.
    func path(for repository: borrowing Repository) -> String {
        cache.file("history", commonDirectory: String(cString: git_repository_commondir(repository.handle)))
    }

    /// Replaces a repository's file.
    ///
    /// - Throws: ``GitError`` when the folder or the file cannot be written.
    func store(_ bytes: [UInt8], at path: String) throws(GitError) { try cache.store(bytes, at: path) }
}
