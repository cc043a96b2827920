import Glibc

/// What a sandbox leaves in a worktree to mount something on: bubblewrap makes each name that nobody may write and that is not there as
/// an empty file without any permission to write, and a command that is killed cannot take it away again.
///
/// Known by its form, not by names: which ones an agent guards differs by version and by its user's settings, and a plan may run the agent
/// behind any command. A file of that form is no work of anybody's; one with a single byte in it, or one that may be written, is.
enum SandboxStub {
    /// Whether an untracked file at a path of raw bytes, with what lstat(2) says about it, is such a mount point.
    ///
    /// Agents guard names at the root and in folders of settings there (`.claude/agents`). Deeper, an empty file without write permission
    /// may well be work: a package's marker that was copied from a read-only store.
    static func isOne(_ path: [UInt8], _ info: stat) -> Bool {
        info.st_mode & S_IFMT == S_IFREG && info.st_size == 0 && info.st_mode & 0o333 == 0 && (path.first == 0x2E || !path.contains(0x2F))
    }
}
