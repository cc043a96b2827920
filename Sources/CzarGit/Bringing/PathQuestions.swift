import CLibgit2
import Glibc

/// What git says of single paths in a worktree: whether they are tracked, and whether they are ignored.
struct PathQuestions: ~Copyable {
    private let repository: Repository
    private let index: OpaquePointer

    init(of worktree: String) throws(GitError) {
        let repository = try Repository(opening: worktree)
        let index = try make("read the index of", worktree) { git_repository_index(&$0, repository.handle) }
        self.repository = repository
        self.index = index
    }

    deinit { git_index_free(index) }

    /// Whether it is a tracked file, link or submodule.
    func tracksItself(_ path: [UInt8]) -> Bool { withCName(path + [0]) { git_index_get_bypath(index, $0, 0) } != nil }

    /// Whether something below it is tracked.
    func tracksBelow(_ folder: [UInt8]) -> Bool {
        withCName(folder + [UInt8(ascii: "/"), 0]) { git_index_find_prefix(nil, index, $0) } == 0
    }

    /// Whether patterns ignore the path or a folder above it.
    func ignores(_ path: [UInt8], isFolder: Bool) throws(GitError) -> Bool {
        var isIgnored: Int32 = 0
        try check("ask whether git ignores", escapedForDisplay(path)) {
            // The slash tells libgit2 that it is a folder, also where it does not exist yet.
            withCName(path + (isFolder ? [UInt8(ascii: "/"), 0] : [0])) { git_ignore_path_is_ignored(&isIgnored, repository.handle, $0) }
        }
        return isIgnored != 0
    }
}
