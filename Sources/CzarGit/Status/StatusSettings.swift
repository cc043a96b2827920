import Glibc

/// The configuration that decides what `git status` shows.
struct StatusSettings: Sendable {
    let rules: StatRules
    let ignoresCase: Bool
    /// Files that a sparse checkout leaves out, and that are there all the same, count like any other.
    let seesPresentSkipped: Bool
    let findsRenames: Bool
    let renameLimit: Int
    /// `diff.ignoreSubmodules`.
    let ignoredInSubmodules: String?
    private let excludeFiles: [String]

    init(_ repository: borrowing Repository) throws(GitError) {
        let settings = try repository.configuration()
        rules = try StatRules(settings)
        ignoresCase = try settings.flag("core.ignorecase") ?? false
        seesPresentSkipped = try Self.isSparse(repository, settings)
        var renames = try settings.text("status.renames")
        if renames == nil { renames = try settings.text("diff.renames") }
        findsRenames = renames.map { !["false", "no", "off", "0"].contains($0.lowercased()) } ?? true
        var limit = try settings.number("status.renamelimit")
        if limit == nil { limit = try settings.number("diff.renamelimit") }
        renameLimit = Int(limit ?? 1000)
        ignoredInSubmodules = try settings.text("diff.ignoresubmodules")
        let own = try settings.path("core.excludesfile") ?? Self.defaultExcludes
        excludeFiles = [own, joinPath(repository.commonDirectory, "info/exclude")].compactMap { $0 }
    }

    /// Settings of the worktree alone are not read by libgit2.
    private static func isSparse(_ repository: borrowing Repository, _ settings: borrowing ConfigurationFile) throws(GitError) -> Bool {
        var isSparse = try settings.flag("core.sparsecheckout") ?? false
        var expectsFiles = try settings.flag("sparse.expectfilesoutsideofpatterns") ?? false
        if try settings.flag("extensions.worktreeconfig") == true {
            let own = try ConfigurationFile(onDisk: joinPath(repository.gitDirectory, "config.worktree"))
            isSparse = try own.flag("core.sparsecheckout") ?? isSparse
            expectsFiles = try own.flag("sparse.expectfilesoutsideofpatterns") ?? expectsFiles
        }
        return isSparse && !expectsFiles
    }

    private static var defaultExcludes: String? {
        let environment = processEnvironment()
        if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty { return folder + "/git/ignore" }
        return environment["HOME"].map { $0 + "/.config/git/ignore" }
    }

    /// The exclude files beside the folders' own, the weakest first.
    func generalExcludes() throws(GitError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for file in excludeFiles {
            if let content = try onFiles({ () throws(FileError) in try fileContent(file) }) { found.append(content) }
        }
        return found
    }
}
