import Glibc

/// Decides which strangers in a worktree git shows as untracked: `--untracked-files=normal`, or each file. Two deviations: a device that a
/// sandbox mounts over a file is not shown, nor the file it is mounted on (docs/decisions/2026-11-26-inside-a-sandbox.md), nor a piece of the
/// worktree's `.git` (``Piece``).
///
/// A folder is one line when anything in it that is not ignored exists; one that is empty, or holds ignored files only, is none. A
/// repository of its own is never entered. One thread at a time.
final class UntrackedSearch {
    private let root: FolderReader
    private let rules: IgnoreRules

    init(root: FolderReader, rules: IgnoreRules) { (self.root, self.rules) = (root, rules) }

    /// Whether a stranger is shown; `folder` is its path up to the last slash.
    /// - Complexity: O(entries of the folders that have to be entered until the first file is found).
    func shows(_ path: [UInt8], in folder: [UInt8], isFolder: Bool) throws(GitError) -> Bool {
        if try rules.ignores(path, in: folder, isFolder: isFolder) { return false }
        guard isFolder else { return isFile(path) }
        if try isRepository(path) { return true }
        return try holdsAnything(path + [0x2F])
    }

    /// Puts everything at or below a stranger where it belongs.
    /// - Complexity: O(entries of the folders that are not ignored).
    func sort(_ path: [UInt8], in folder: [UInt8], isFolder: Bool, into found: inout Strangers) throws(GitError) {
        if try rules.ignores(path, in: folder, isFolder: isFolder) {
            found.ignored.append(RepositoryPath(bytes: isFolder ? path + [0x2F] : path))
        } else if !isFolder {
            if isFile(path) { found.untracked.append(RepositoryPath(bytes: path)) }
        } else if try isRepository(path) {
            found.untracked.append(RepositoryPath(bytes: path + [0x2F]))
        } else {
            for (name, kind) in try content(of: path + [0x2F]) where name != dotGit && kind != .other {
                try sort(path + [0x2F] + name, in: path + [0x2F], isFolder: kind == .folder, into: &found)
            }
        }
    }

    /// Sandboxes mount devices over names that nobody may write. git lists them by the folder's record, and then cannot add them. A piece of the
    /// worktree's `.git` that a killed process left is nobody's work.
    private func isFile(_ path: [UInt8]) -> Bool {
        guard let info = withCName(path + [0], root.facts) else { return false }
        let kind = FileKind(mode: info.st_mode)
        return kind == .symlink || kind == .file && !SandboxStub.isOne(path, info) && !Piece.isOfGitFile(path)
    }

    private func holdsAnything(_ folder: [UInt8]) throws(GitError) -> Bool {
        for (name, kind) in try content(of: folder) where name != dotGit {
            let isFolder = kind == .folder
            if kind != .other, try shows(folder + name, in: folder, isFolder: isFolder) { return true }
        }
        return false
    }

    private func content(of folder: [UInt8]) throws(GitError) -> [(name: [UInt8], kind: FileKind)] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
        defer { buffer.deallocate() }
        let path = folder.dropLast().map { CChar(bitPattern: $0) } + [0]
        var found: [(name: [UInt8], kind: FileKind)] = []
        // A folder that may not be read, or is gone meanwhile, shows nothing, as in git.
        _ = try root.withFolder(path) { descriptor throws(GitError) in
            try root.list(descriptor, path, buffer) { name, kind in
                found.append((Array(name), kind))
                return true
            }
        }
        return found
    }

    /// Whether `.git` in the folder is a git directory, or a file that names one.
    private func isRepository(_ folder: [UInt8]) throws(GitError) -> Bool {
        // In a folder whose name is no text a repository shows by its files instead.
        guard let name = String(validating: folder, as: UTF8.self) else { return false }
        let mark = joinPath(joinPath(root.path, name), ".git")
        switch FileKind(at: mark) {
        case .folder, .symlink: return isGitDirectory(mark)
        case .file: return try gitFileTarget(mark).map { isGitDirectory($0) } ?? false
        default: return false
        }
    }
}

private let dotGit = Array(".git".utf8)
