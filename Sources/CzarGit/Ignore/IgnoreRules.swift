import Glibc

/// Which untracked paths of one worktree git ignores: the exclude files, and the `.gitignore` of every folder on the way.
///
/// Rules of a folder are read when the first path in it is asked about, and kept. One thread at a time.
final class IgnoreRules {
    /// What counts in one folder.
    private struct Scope {
        /// The folder itself is ignored, and so is all below it; no rules there are read.
        let isIgnored: Bool
        /// From the root's down to its own; where each list's folder ends in the path.
        let lists: [(list: IgnoreList, start: Int)]
    }

    private let root: FolderReader
    private let ignoresCase: Bool
    private let general: [IgnoreList]
    private let strongest: IgnoreList
    /// A `.gitignore` that is tracked and left out by a sparse checkout counts too: by path.
    private let leftOut: [[UInt8]: [UInt8]]
    private var scopes: [[UInt8]: Scope] = [:]

    /// `general`: the exclude files beside the folders' own, the weakest first; `strongest`: lines that win over all files.
    init(
        root: FolderReader, general: [[UInt8]], strongest: [String] = [], leftOut: [[UInt8]: [UInt8]] = [:], ignoresCase: Bool
    ) {
        (self.root, self.ignoresCase, self.leftOut) = (root, ignoresCase, leftOut)
        self.general = general.map { IgnoreList($0) }
        self.strongest = IgnoreList(Array(strongest.joined(separator: "\n").utf8))
    }

    /// Whether git ignores an untracked path; `folder` is the part of it up to its last slash.
    func ignores(_ path: [UInt8], in folder: [UInt8], isFolder: Bool) throws(GitError) -> Bool {
        let scope = try scope(of: folder)
        return scope.isIgnored || verdict(path, scope.lists, isFolder: isFolder)
    }

    private func verdict(_ path: [UInt8], _ lists: [(list: IgnoreList, start: Int)], isFolder: Bool) -> Bool {
        if let verdict = strongest.verdict(path[...], isFolder: isFolder, ignoringCase: ignoresCase) { return verdict }
        for (list, start) in lists.reversed() {
            if let verdict = list.verdict(path[start...], isFolder: isFolder, ignoringCase: ignoresCase) { return verdict }
        }
        for list in general.reversed() {
            if let verdict = list.verdict(path[...], isFolder: isFolder, ignoringCase: ignoresCase) { return verdict }
        }
        return false
    }

    private func scope(of folder: [UInt8]) throws(GitError) -> Scope {
        if let known = scopes[folder] { return known }
        let made = try makeScope(of: folder)
        scopes[folder] = made
        return made
    }

    private func makeScope(of folder: [UInt8]) throws(GitError) -> Scope {
        guard !folder.isEmpty else { return Scope(isIgnored: false, lists: try own(folder)) }
        let name = Array(folder.dropLast())
        let parent = Array(name[..<(name.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)])
        let outer = try scope(of: parent)
        if outer.isIgnored || verdict(name, outer.lists, isFolder: true) { return Scope(isIgnored: true, lists: []) }
        return Scope(isIgnored: false, lists: outer.lists + (try own(folder)))
    }

    private func own(_ folder: [UInt8]) throws(GitError) -> [(list: IgnoreList, start: Int)] {
        let path = folder + Array(".gitignore".utf8)
        guard let content = try root.content(of: path) ?? leftOut[path] else { return [] }
        let list = IgnoreList(content)
        return list.patterns.isEmpty ? [] : [(list, folder.count)]
    }
}
