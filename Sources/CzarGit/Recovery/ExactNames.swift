import CLibgit2
import Glibc

extension Repository {
    /// Lets libgit2 take names byte for byte while `body` runs, whatever `core.ignorecase` says: files whose names differ only in case were
    /// found on this file system, and were kept apart.
    ///
    /// libgit2 writes one of two such files twice and the other never. A handle's configuration can only be added to from a file, so this
    /// one is in memory.
    func withExactNames(_ body: () throws(GitError) -> Void) throws(GitError) {
        guard try configFlag("core.ignorecase") == true else { return try body() }
        let file = try onFiles { () throws(FileError) in try memoryFile(Array("[core]\n\tignorecase = false\n".utf8)) }
        defer { close(file) }
        let path = "/proc/self/fd/\(file)"
        let configuration = try make("read the configuration", path) { git_repository_config(&$0, handle) }
        defer { git_config_free(configuration) }
        // Above "app", where the worktree's own settings are.
        let level = git_config_level_t(rawValue: GIT_CONFIG_LEVEL_APP.rawValue + 1)
        try check("read the configuration", path) { git_config_add_file_ondisk(configuration, path, level, handle, 0) }
        // Lets the handle forget what it has looked up before.
        try check("read the configuration", path) { git_repository_set_config(handle, configuration) }
        try body()
    }
}
