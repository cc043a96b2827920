import CLibgit2
import Glibc

/// The files that `GIT_CONFIG_GLOBAL` and `GIT_CONFIG_SYSTEM` name in the place of the usual ones.
///
/// libgit2 takes folders for them, and looks there for the `~/` of included files too; so each configuration gets the files by itself.
/// `safe.directory` is asked for before that, and counts where the usual files have it (``safeDirectoryCommand(_:)``).
enum NamedConfiguration {
    /// What is set to a file; what is set to nothing ``Library`` leaves out.
    private static let files: [(path: String, levels: [git_config_level_t])] = {
        let environment = processEnvironment()
        // git reads neither `~/.gitconfig` nor `~/.config/git/config` then.
        let all = [
            ("GIT_CONFIG_SYSTEM", [GIT_CONFIG_LEVEL_SYSTEM]), ("GIT_CONFIG_GLOBAL", [GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL]),
        ]
        return all.compactMap { name, levels in
            guard let value = environment[name], !isNone(value) else { return nil }
            if levels == [GIT_CONFIG_LEVEL_SYSTEM], leavesOutSystem(environment) { return nil }
            return (readable(joinPath(realPath(".") ?? "/", value)), levels)
        }
    }()

    /// git warns of a file that cannot be read, and goes on without any.
    private static func readable(_ path: String) -> String {
        var info = stat()
        let isUsable = stat(path, &info) != 0 ? errno != EACCES : (info.st_mode & S_IFMT == S_IFREG && access(path, R_OK) == 0)
        return isUsable ? path : "/dev/null/none"
    }

    static func isNone(_ value: String) -> Bool { value.isEmpty || value == "/dev/null" }

    /// Whether the machine's files do not count.
    static func leavesOutSystem(_ environment: [String: String]) -> Bool {
        if let value = environment["GIT_CONFIG_SYSTEM"], isNone(value) { return true }
        guard let value = environment["GIT_CONFIG_NOSYSTEM"]?.lowercased() else { return false }
        return !["", "0", "false", "no", "off"].contains(value)
    }

    /// Puts them in the place of those that libgit2 has found; `repository`: whose configuration it is, nil for the user's alone.
    static func add(to configuration: OpaquePointer, of repository: OpaquePointer?) throws(GitError) {
        for (path, levels) in files {
            for level in levels {
                try check("read the configuration", path) { git_config_add_file_ondisk(configuration, path, level, repository, 1) }
            }
        }
    }

    static func add(toRepository handle: OpaquePointer) throws(GitError) {
        guard !files.isEmpty else { return }
        let configuration = try make("read the configuration of", String(cString: git_repository_path(handle))) {
            git_repository_config(&$0, handle)
        }
        defer { git_config_free(configuration) }
        try add(to: configuration, of: handle)
    }
}

/// What lets Czar, and git, run in a repository of another user. Git writes a global setting into the file that `GIT_CONFIG_GLOBAL` names.
func safeDirectoryCommand(_ path: String) -> String {
    let isNamed = processEnvironment()["GIT_CONFIG_GLOBAL"].map { !NamedConfiguration.isNone($0) } ?? false
    return "\(isNamed ? "env -u GIT_CONFIG_GLOBAL " : "")git config --global --add safe.directory '\(path)'"
}
