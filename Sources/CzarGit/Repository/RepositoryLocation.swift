import Glibc
import SystemPackage

/// Where a repository's parts lie. All paths are absolute and without symbolic links. `GIT_DIR` and its kin are ignored.
package struct RepositoryLocation: Hashable, Sendable {
    /// The git directory of the worktree that the search started in.
    package let gitDirectory: String
    /// What all worktrees share; equal to ``gitDirectory`` outside linked worktrees.
    package let commonDirectory: String
    /// The main worktree's root. Nil for a bare repository, and where nothing on disk names it: from a linked worktree of a repository
    /// whose git directory is separate (`--separate-git-dir`) git knows no way back; Czar does after ``rememberMainWorktree()``.
    package let mainWorktree: String?
    /// The root of the worktree that the search started in; nil in a bare repository.
    package let currentWorktree: String?
    package let isBare: Bool
    /// Whether the search started in a linked worktree.
    package let isLinked: Bool
    /// Who may open what Czar writes for itself (`core.sharedRepository`).
    package let ownFiles: OwnFiles
    /// Whether its configuration says at a glance that it has format version 0 or 1 and no extension, as nearly every one does.
    let hasPlainFormat: Bool
}

/// Why no repository can be used from a folder.
package enum DiscoveryError: Error, Hashable, Sendable, CustomStringConvertible {
    case noRepository(from: String)
    case noFolder(path: String)
    /// A `.git` file names a folder that is no git directory.
    case brokenLink(file: String, target: String)
    case foreignOwner(path: String)
    /// Paths are text here and in the journal; this one has bytes that are no UTF-8.
    case notUTF8(path: String)
    case git(GitError)

    package var description: String {
        switch self {
        case .noRepository(let path):
            "there is no Git repository in '\(path)' or above it; -C DIR names one elsewhere"
        case .noFolder(let path): "there is no folder '\(path)'"
        case .brokenLink(let file, let target):
            "'\(file)' names '\(target)', which is no git directory"
        case .foreignOwner(let path):
            "the repository '\(path)' belongs to another user, and Czar runs there only if you trust it"
        case .notUTF8(let path):
            "the path of the folder '\(path)' is not UTF-8, and Czar works only on paths that are"
        case .git(let error): error.description
        }
    }

    /// What to do about it; nil where Git's own error says it.
    package var wayOut: String? {
        switch self {
        case .noRepository: "git init"
        case .noFolder(let path): "ls '\(existingPath(nearestTo: path))'"
        case .brokenLink: "git worktree repair, in the main worktree"
        case .foreignOwner(let path): safeDirectoryCommand(path)
        case .notUTF8: "rename the folder, or reach the repository by a mount at another path"
        case .git: nil
        }
    }
}

extension RepositoryLocation {
    /// Finds the repository around `path` as git does: upwards to the root or the edge of the file system.
    ///
    /// - Throws: ``DiscoveryError``. The repository's format is not judged here: ``Preflight`` does that before anything is opened.
    package static func discover(from path: String) throws(DiscoveryError) -> RepositoryLocation {
        guard let start = realPath(path) else { throw .noFolder(path: path) }
        // It exists; so if its name as text is no file's, the text is not its name.
        guard FileKind(at: start) != nil else { throw .notUTF8(path: start) }
        let found = try search(from: start)
        guard let found else { throw .noRepository(from: path) }
        try found.refuseForeignOwner()
        return found
    }

    private static func search(from start: String) throws(DiscoveryError) -> RepositoryLocation? {
        var folder = FileKind(at: start) == .folder ? start : splitPath(start).folder
        let device = deviceNumber(folder)
        while true {
            let dotGit = joinPath(folder, ".git")
            if isGitDirectory(dotGit), let real = realPath(dotGit) {
                return try onGit { () throws(GitError) in try located(gitDirectory: real, worktree: folder) }
            }
            if FileKind(at: dotGit) == .file, let target = try onGit({ () throws(GitError) in try gitFileTarget(dotGit) }) {
                guard isGitDirectory(target), let real = realPath(target) else {
                    throw .brokenLink(file: dotGit, target: target)
                }
                return try onGit { () throws(GitError) in try located(gitDirectory: real, worktree: folder) }
            }
            if isGitDirectory(folder) { return try onGit { () throws(GitError) in try located(gitDirectory: folder, worktree: nil) } }
            if folder == "/" { return nil }
            folder = splitPath(folder).folder
            if deviceNumber(folder) != device { return nil }
        }
    }

    private static func onGit<Value>(_ body: () throws(GitError) -> Value) throws(DiscoveryError) -> Value {
        do throws(GitError) { return try body() } catch { throw .git(error) }
    }

    private static func located(gitDirectory: String, worktree: String?) throws(GitError) -> RepositoryLocation {
        let link = try onFiles { () throws(FileError) in try fileLine(joinPath(gitDirectory, "commondir")) }
        let common = link.flatMap { realPath(joinPath(gitDirectory, $0)) } ?? gitDirectory
        let isLinked = link != nil
        let layout = try MainLayout(commonDirectory: common)
        var main = layout.worktree
        if main == nil, !layout.isBare { main = isLinked ? try remembered(common) : worktree }
        var current = worktree ?? main
        if isLinked, worktree == nil {
            let back = try onFiles { () throws(FileError) in try fileLine(joinPath(gitDirectory, "gitdir")) }
            current = back.flatMap { realPath(splitPath(joinPath(gitDirectory, $0)).folder) }
        } else if !isLinked, let configured = layout.configuredWorktree {
            current = configured
        }
        return RepositoryLocation(
            gitDirectory: gitDirectory, commonDirectory: common, mainWorktree: main,
            currentWorktree: layout.isBare && !isLinked ? nil : current, isBare: layout.isBare, isLinked: isLinked,
            ownFiles: layout.ownFiles, hasPlainFormat: layout.hasPlainFormat)
    }

    private static let memory = "czar/main-worktree"

    /// Notes where the main worktree of a separate git directory is, which git itself writes down nowhere. Does nothing elsewhere.
    package func rememberMainWorktree() throws(GitError) {
        guard let mainWorktree, !isLinked, splitPath(commonDirectory).name != ".git" else { return }
        let known = try Self.remembered(commonDirectory)
        guard known != mainWorktree else { return }
        try onFiles { () throws(FileError) in
            let (folder, name) = splitPath(Self.memory)
            try Folder(opening: commonDirectory).subfolder(folder, creating: ownFiles.folder).write(
                Array(mainWorktree.utf8), to: name, mode: .asParent)
        }
    }

    /// What was noted, if the folder there still leads to this git directory.
    private static func remembered(_ commonDirectory: String) throws(GitError) -> String? {
        let bytes = try onFiles { () throws(FileError) in try fileContent(joinPath(commonDirectory, memory)) }
        guard let bytes, let path = String(validating: bytes, as: UTF8.self), path.hasPrefix("/") else { return nil }
        let mark = joinPath(path, ".git")
        guard FileKind(at: mark) == .file, let target = try gitFileTarget(mark) else { return nil }
        return realPath(target) == commonDirectory ? path : nil
    }

    /// libgit2 judges ownership when it opens; the test costs only where the owner differs.
    private func refuseForeignOwner() throws(DiscoveryError) {
        let path = currentWorktree ?? gitDirectory
        guard [gitDirectory, commonDirectory, path].contains(where: { ownerNumber($0) != geteuid() }) else { return }
        do throws(GitError) { _ = try Repository(opening: path) } catch {
            if error.code == .foreignOwner { throw .foreignOwner(path: path) }
            // Any other reason not to open is a matter of the format, which Preflight names.
        }
    }
}

/// What the common directory says about the main worktree.
private struct MainLayout {
    let isBare: Bool
    let configuredWorktree: String?
    let worktree: String?
    let ownFiles: OwnFiles
    let hasPlainFormat: Bool

    /// What is read of the configuration.
    private struct Settings {
        var bare: Bool?
        var worktree: String?
        var sharedRepository: String?
        var hasPlainFormat = false
    }

    init(commonDirectory: String) throws(GitError) {
        let file = joinPath(commonDirectory, "config")
        var plain = try Self.plainSettings(file)
        if plain == nil { plain = try Self.settings(file, commonDirectory: commonDirectory) }
        let settings = plain ?? Settings()
        let (bare, configured) = (settings.bare, settings.worktree)
        let isDotGit = splitPath(commonDirectory).name == ".git"
        ownFiles = OwnFiles(sharedRepository: settings.sharedRepository)
        hasPlainFormat = settings.hasPlainFormat
        configuredWorktree = configured.map { realPath(joinPath(commonDirectory, $0)) ?? normalizedPath($0, from: commonDirectory) }
        isBare = configuredWorktree == nil && (bare ?? !isDotGit)
        worktree = isBare ? nil : configuredWorktree ?? (isDotGit ? splitPath(commonDirectory).folder : nil)
    }
}

extension MainLayout {
    /// What almost every repository's file says, without starting libgit2, which takes longer than reading it:
    /// `czar event` needs nothing else of it. Nil where the file holds more than can be told at a glance.
    private static func plainSettings(_ file: String) throws(GitError) -> Settings? {
        let settings = try onFiles { () throws(FileError) in try PlainSettings(file: file) }
        guard let settings, settings["extensions.worktreeconfig"] == nil, settings["core.worktree"] == nil else { return nil }
        let isKnownVersion = ["0", "1"].contains(settings["core.repositoryformatversion"] ?? "0")
        var found = Settings(
            sharedRepository: settings["core.sharedrepository"],
            hasPlainFormat: isKnownVersion && !settings.hasAny(in: "extensions"))
        switch settings["core.bare"] {
        case nil: break
        case "true": found.bare = true
        case "false": found.bare = false
        default: return nil
        }
        return found
    }

    private static func settings(_ file: String, commonDirectory: String) throws(GitError) -> Settings {
        var found = Settings()
        var files = [file]
        if try ConfigurationFile(onDisk: file).flag("extensions.worktreeconfig") == true {
            // With this extension git keeps core.bare and core.worktree of the main worktree in a file of their own.
            files.append(joinPath(commonDirectory, "config.worktree"))
        }
        for file in files {
            let settings = try ConfigurationFile(onDisk: file)
            found.bare = try settings.flag("core.bare") ?? found.bare
            found.worktree = try settings.text("core.worktree") ?? found.worktree
            found.sharedRepository = try settings.text("core.sharedRepository") ?? found.sharedRepository
        }
        return found
    }
}

/// The folder that a `.git` file names, seen from the file; nil when the file has another form.
func gitFileTarget(_ path: String) throws(GitError) -> String? { try onFiles { () throws(FileError) in try folder(namedByGitFile: path) } }

/// The same, for who works on files alone.
func folder(namedByGitFile path: String) throws(FileError) -> String? {
    guard let line = try fileLine(path), line.hasPrefix("gitdir:") else { return nil }
    let target = line.dropFirst("gitdir:".count).drop { $0 == " " }
    if target.isEmpty { return nil }
    let folder = splitPath(path).folder
    return realPath(joinPath(folder, String(target))) ?? normalizedPath(String(target), from: folder)
}

/// The git directory that a linked worktree's `.git` names; nil where that is no file that names one.
package func gitDirectory(ofWorktree path: String) throws(GitError) -> String? { try gitFileTarget(joinPath(path, ".git")) }

/// Where an entry among a repository's worktrees says that its worktree is; nil where it does not say.
package func claimedPlace(of entry: String) throws(GitError) -> String? {
    let line = try onFiles { () throws(FileError) in try fileLine(joinPath(entry, "gitdir")) }
    return line.map { splitPath(normalizedPath($0, from: entry)).folder }
}

/// git's own test: HEAD, and objects and refs here or in the common directory.
func isGitDirectory(_ path: String) -> Bool {
    func exists(_ name: String) -> Bool { access(joinPath(path, name), F_OK) == 0 }
    guard FileKind(at: joinPath(path, "HEAD")) != nil else { return false }
    return exists("commondir") || (exists("objects") && exists("refs"))
}

private func deviceNumber(_ path: String) -> dev_t? {
    var info = stat()
    return stat(path, &info) == 0 ? info.st_dev : nil
}

private func ownerNumber(_ path: String) -> uid_t? {
    var info = stat()
    return stat(path, &info) == 0 ? info.st_uid : nil
}
