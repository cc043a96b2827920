import CLibgit2
import Glibc

/// The user's own settings where `GIT_CONFIG_GLOBAL` names the file that holds them. libgit2 knows folders for them, no file's name, so it
/// is told to look nowhere, and Czar adds the file to each handle that it opens.
enum UserConfiguration {
    /// Nil where the variable is not set, empty, or `/dev/null`.
    static let path: String? = {
        guard let value = processEnvironment()["GIT_CONFIG_GLOBAL"], !value.isEmpty, value != "/dev/null" else { return nil }
        return value
    }()

    /// Adds the file at its level. One that is not there holds nothing, as with git.
    static func add(to configuration: OpaquePointer, of repository: OpaquePointer?) throws(GitError) {
        guard let path, access(path, F_OK) == 0 else { return }
        try check("read the configuration", path) {
            git_config_add_file_ondisk(configuration, path, GIT_CONFIG_LEVEL_GLOBAL, repository, 0)
        }
    }

    /// Variables by which git takes settings that Czar does not read.
    static func unread() -> [String] {
        let environment = processEnvironment()
        return ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_SYSTEM"].filter {
            // A count of none sets nothing.
            guard let value = environment[$0] else { return false }
            return !value.isEmpty && value != "0"
        }
    }
}
