import Glibc
import SystemPackage

/// The submodules whose other commits `git diff` does not show: `ignore = all`.
///
/// As git: `.gitmodules` says it for its submodules (the worktree's file; where there is none the index's, else HEAD's; in a bare
/// repository nobody's), `submodule.<name>.ignore` of the configuration over it, and `diff.ignoreSubmodules` for all others. Of the other
/// values none matters between commits.
struct IgnoredSubmodules: Sendable {
    private let ignoresOthers: Bool
    /// By path, those of which something is said.
    private let isIgnored: [[UInt8]: Bool]

    /// `indexed`: the `.gitmodules` of the index.
    init(of repository: borrowing Repository, indexed: ObjectID?) throws(GitError) {
        let settings = try repository.configuration()
        ignoresOthers = try settings.text("diff.ignoresubmodules") == "all"
        var isIgnored: [[UInt8]: Bool] = [:]
        let own = try Self.values("ignore", in: settings)
        do throws(GitError) {
            for (name, (path, ignore)) in try Self.modules(of: repository, indexed: indexed) {
                if let value = own[name] ?? ignore { isIgnored[Array(path.utf8)] = value == "all" }
            }
        } catch {
            // A file that is no configuration: git compares nothing then. It says nothing of any submodule.
            isIgnored = [:]
        }
        self.isIgnored = isIgnored
    }

    /// The same as long as the same submodules are ignored.
    var text: [UInt8] {
        var text: [UInt8] = [ignoresOthers ? 1 : 0]
        for (path, value) in isIgnored.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text.append(text: path)
            text.append(value ? 1 : 0)
        }
        return text
    }

    /// Whether a difference is not shown. A submodule that becomes a file, or a file that becomes one, is shown.
    func leaveOut(_ old: DiffSide?, _ new: DiffSide?) -> Bool {
        guard ignoresOthers || !isIgnored.isEmpty, let path = (new ?? old)?.path.bytes else { return false }
        guard old?.isSubmodule ?? true, new?.isSubmodule ?? true else { return false }
        return isIgnored[path] ?? ignoresOthers
    }

    /// By name, each submodule's path and what `.gitmodules` has it ignore.
    private static func modules(
        of repository: borrowing Repository, indexed: ObjectID?
    ) throws(GitError) -> [String: (path: String, ignore: String?)] {
        guard let root = repository.worktree else { return [:] }
        let file = joinPath(root, ".gitmodules")
        if FileKind(at: file) != nil { return try modules(in: ConfigurationFile(onDisk: file)) }
        if let indexed { return try modules(in: ConfigurationFile(content: repository.blob(indexed))) }
        guard let head = try repository.headCommit(),
            let entry = try repository.entry(at: RepositoryPath(".gitmodules"), in: repository.tree(of: head))
        else { return [:] }
        return try modules(in: ConfigurationFile(content: repository.blob(entry.id)))
    }

    private static func modules(
        in settings: borrowing ConfigurationFile
    ) throws(GitError) -> [String: (path: String, ignore: String?)] {
        // What is none of these git takes for nothing.
        let ignored = try values("ignore", in: settings).filter { ["all", "dirty", "none", "untracked"].contains($0.value) }
        return try values("path", in: settings).reduce(into: [:]) { $0[$1.key] = (path: $1.value, ignore: ignored[$1.key]) }
    }

    /// By the submodule's name, the last value of a key.
    private static func values(_ key: String, in settings: borrowing ConfigurationFile) throws(GitError) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in try settings.entries(matching: "^submodule\\..*\\.\(key)$") {
            result[String(name.dropFirst("submodule.".count).dropLast(key.count + 1))] = value
        }
        return result
    }
}

extension DiffSide {
    fileprivate var isSubmodule: Bool { mode & 0o170000 == 0o160000 }
}

extension ConfigurationFile {
    /// What is in no file. libgit2 reads configuration by a path, so it gets that of a file in memory.
    fileprivate init(content: [UInt8]) throws(GitError) {
        let file = try onFiles { () throws(FileError) in try memoryFile(content) }
        defer { close(file) }
        try self.init(onDisk: "/proc/self/fd/\(file)")
    }
}
