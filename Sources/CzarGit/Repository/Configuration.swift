import CLibgit2

/// Configuration values, copied out of libgit2.
struct ConfigurationFile: ~Copyable {
    let handle: OpaquePointer

    init(adopting handle: OpaquePointer) { self.handle = handle }

    deinit { git_config_free(handle) }

    /// One file (and what it includes), read without a repository; a missing file is empty.
    init(onDisk path: String) throws(GitError) {
        handle = try make("read the configuration", path) { git_config_open_ondisk(&$0, path) }
    }

    /// The user's and the machine's files, never a repository's.
    static func user() throws(GitError) -> ConfigurationFile {
        let user = ConfigurationFile(adopting: try make("read the configuration", "of the user") { git_config_open_default(&$0) })
        try NamedConfiguration.add(to: user.handle, of: nil)
        return user
    }

    /// The last value of `key`; nil when it is not set.
    func text(_ key: String) throws(GitError) -> String? {
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        guard try isSet(key, { git_config_get_string_buf(&buffer, handle, key) }) else { return nil }
        return buffer.ptr.map { String(cString: $0) }
    }

    /// `key` as a path, with `~` resolved; nil when it is not set.
    func path(_ key: String) throws(GitError) -> String? {
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        guard try isSet(key, { git_config_get_path(&buffer, handle, key) }) else { return nil }
        return buffer.ptr.map { String(cString: $0) }
    }

    /// `key` as git's boolean; nil when it is not set. What is no boolean is an error, as in git.
    func flag(_ key: String) throws(GitError) -> Bool? {
        var value: Int32 = 0
        return try isSet(key) { git_config_get_bool(&value, handle, key) } ? value != 0 : nil
    }

    /// `key` as a number, with git's suffixes; nil when it is not set.
    func number(_ key: String) throws(GitError) -> Int64? {
        var value: Int64 = 0
        return try isSet(key) { git_config_get_int64(&value, handle, key) } ? value : nil
    }

    /// Runs a call that reads `key`; false when there is no such setting.
    private func isSet(_ key: String, _ read: () -> Int32) throws(GitError) -> Bool {
        do throws(GitError) {
            try check("read the setting", key, read)
            return true
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
    }

    /// All settings whose name matches the regular expression, in file order; names are in libgit2's normal form.
    func entries(matching pattern: String) throws(GitError) -> [(name: String, value: String)] {
        let iterator = try make("list the settings", pattern) { git_config_iterator_glob_new(&$0, handle, pattern) }
        defer { git_config_iterator_free(iterator) }
        var result: [(name: String, value: String)] = []
        var entry: UnsafeMutablePointer<git_config_entry>?
        while true {
            do throws(GitError) {
                try check("list the settings", pattern) { git_config_next(&entry, iterator) }
            } catch {
                if error.code == .iterationOver { return result }
                throw error
            }
            guard let entry = entry?.pointee else { return result }
            // A name without `=` has no value and stands for true.
            result.append((String(cString: entry.name), entry.value.map { String(cString: $0) } ?? "true"))
        }
    }
}

extension Repository {
    func configuration() throws(GitError) -> ConfigurationFile {
        ConfigurationFile(adopting: try make("read the configuration", gitDirectory) { git_repository_config_snapshot(&$0, handle) })
    }

    /// The value that git would use here for `key` (repository, user and machine); nil when it is not set.
    package func configValue(_ key: String) throws(GitError) -> String? { try configuration().text(key) }

    /// Whether files are included on conditions that differ from worktree to worktree.
    func includesByWorktree() throws(GitError) -> Bool {
        try !configuration().entries(matching: "^includeif\\.(gitdir|gitdir/i|onbranch):").isEmpty
    }

    /// `key` as git's boolean; nil when it is not set.
    package func configFlag(_ key: String) throws(GitError) -> Bool? { try configuration().flag(key) }
}

/// The value of `key` in the user's and the machine's configuration only: for settings that no repository may choose
/// (`czar.worktreeRoot`).
package func userConfigValue(_ key: String) throws(GitError) -> String? { try ConfigurationFile.user().text(key) }

extension GitError.Code {
    /// An iteration has no further element.
    static let iterationOver = Self(rawValue: GIT_ITEROVER.rawValue)
    /// The index has entries that are not merged.
    static let unmerged = Self(rawValue: GIT_EUNMERGED.rawValue)
}
