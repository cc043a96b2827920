import CLibgit2
import Glibc

/// Settings of one worktree alone: `config.worktree` in its git directory, which counts where the repository says
/// `extensions.worktreeConfig`.
///
/// libgit2 1.5.1 accepts the extension and never reads the file (LIBGIT2 section 1), so Czar adds it to each handle that it opens.
enum WorktreeConfiguration {
    static let fileName = "config.worktree"

    /// What a sparse worktree says. An index that is sparse itself is one that libgit2 cannot read.
    static let sparse = "[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n[index]\n\tsparse = false\n"

    /// What of it does not go with a copy: where its worktree is, and that it is sparse.
    static let ofOneWorktree: Set<String> = [
        "core.bare", "core.worktree", "core.sparsecheckout", "core.sparsecheckoutcone", "index.sparse",
    ]

    /// What the file says beyond ``ofOneWorktree``, in its order.
    static func shared(_ path: String) throws(GitError) -> [[String]] {
        try ConfigurationFile(onDisk: path).entries(matching: ".").filter { !ofOneWorktree.contains($0.name) }.map { [$0.name, $0.value] }
    }

    /// Takes ``ofOneWorktree`` out of a copy of the file.
    static func removeOfOneWorktree(from path: String) throws(GitError) {
        let copy = try ConfigurationFile(onDisk: path)
        for name in ofOneWorktree.sorted() where try copy.text(name) != nil {
            // Where it is set more than once, the first call refuses.
            if git_config_delete_entry(copy.handle, name) == 0 { continue }
            try check("unset the setting", name) { git_config_delete_multivar(copy.handle, name, ".*") }
        }
    }

    /// The file of a handle's worktree, when it counts; nil otherwise.
    static func file(of handle: OpaquePointer) throws(GitError) -> String? {
        let path = trimmingSlashes(String(cString: git_repository_path(handle))) + "/" + fileName
        guard access(path, F_OK) == 0 else { return nil }
        let common = trimmingSlashes(String(cString: git_repository_commondir(handle)))
        return try ConfigurationFile(onDisk: common + "/config").flag("extensions.worktreeconfig") == true ? path : nil
    }

    /// Lets the handle's configuration end with the file, whose settings win.
    static func add(_ path: String, to handle: OpaquePointer) throws(GitError) {
        let configuration = try make("read the configuration", path) { git_repository_config(&$0, handle) }
        defer { git_config_free(configuration) }
        // Level "app" is libgit2's highest; one for worktrees comes with 1.8.
        try check("read the configuration", path) { git_config_add_file_ondisk(configuration, path, GIT_CONFIG_LEVEL_APP, handle, 0) }
    }
}

extension RepositoryLocation {
    /// Whether worktrees of the repository may have settings of their own.
    package func usesWorktreeConfiguration() throws(GitError) -> Bool {
        try ConfigurationFile(onDisk: joinPath(commonDirectory, "config")).flag("extensions.worktreeconfig") == true
    }

    /// The settings of the main worktree alone that a new worktree takes along, as with git; nil where there are none.
    func worktreeConfigurationToCopy() throws(GitError) -> [UInt8]? {
        let path = joinPath(commonDirectory, WorktreeConfiguration.fileName)
        guard try usesWorktreeConfiguration(), access(path, F_OK) == 0, try !WorktreeConfiguration.shared(path).isEmpty else { return nil }
        return try onFiles { () throws(FileError) in try fileContent(path) }
    }

    /// The settings of a worktree alone, by its git directory; nil where it has none, or where they do not count.
    func worktreeConfiguration(of gitDirectory: String) throws(GitError) -> [UInt8]? {
        guard try usesWorktreeConfiguration() else { return nil }
        return try onFiles { () throws(FileError) in try fileContent(joinPath(gitDirectory, WorktreeConfiguration.fileName)) }
    }

    /// Whether the repository's configuration says where its main worktree is, as a submodule's does: then worktrees cannot have settings
    /// of their own (``enableWorktreeConfiguration()``).
    package func namesItsWorktree() throws(GitError) -> Bool {
        try ConfigurationFile(onDisk: joinPath(commonDirectory, "config")).text("core.worktree") != nil
    }

    /// The cone of a sparse worktree, by its git directory; nil where it holds all files, or patterns that are no cone.
    package func sparseCone(of gitDirectory: String) throws(GitError) -> SparseCone? {
        let settings = joinPath(gitDirectory, WorktreeConfiguration.fileName)
        guard try usesWorktreeConfiguration(), access(settings, F_OK) == 0,
            try ConfigurationFile(onDisk: settings).flag("core.sparsecheckout") == true
        else { return nil }
        let file = try onFiles { () throws(FileError) in try fileContent(joinPath(gitDirectory, "info/" + SparseCone.fileName)) }
        return file.flatMap { SparseCone(file: $0) }
    }

    /// Lets worktrees have settings of their own, exactly as `git sparse-checkout` does: sets `extensions.worktreeConfig`, and moves
    /// `core.bare`, where it is true, to the main worktree's own file. Nothing happens where that is so already.
    ///
    /// - Throws: ``GitError`` with ``GitError/Code/conflict``, before anything is changed, where `core.worktree` is set: git would move it
    ///   too, and libgit2 would no longer find the main worktree.
    package func enableWorktreeConfiguration() throws(GitError) {
        let path = joinPath(commonDirectory, "config")
        let settings = try ConfigurationFile(onDisk: path)
        if try settings.flag("extensions.worktreeconfig") == true { return }
        if try settings.text("core.worktree") != nil {
            throw GitError(
                code: .conflict, operation: "enable extensions.worktreeConfig in", subject: path,
                message: "core.worktree is set there, and libgit2 would not find it in \(WorktreeConfiguration.fileName)")
        }
        // False stays where it is: it may overrule a global setting.
        let isBare = try settings.flag("core.bare") == true
        if isBare {
            // First what counts for nobody yet: a process that dies in between has changed nothing.
            try editConfiguration(WorktreeConfiguration.fileName) { (own) throws(GitError) in
                try check("set core.bare in", WorktreeConfiguration.fileName) { git_config_set_string(own.handle, "core.bare", "true") }
            }
        }
        try editConfiguration("config") { (settings) throws(GitError) in
            try check("set extensions.worktreeConfig in", path) {
                git_config_set_string(settings.handle, "extensions.worktreeConfig", "true")
            }
            if isBare { try check("unset core.bare in", path) { git_config_delete_entry(settings.handle, "core.bare") } }
        }
    }
}
