import CLibgit2
import Glibc

/// Everything beside two trees that the comparison of their files depends on: settings and attributes, as they are now.
///
/// The files of attributes that are known (the user's, `info/attributes`, those the index names, the root's) are part of ``digest``.
/// Others, untracked in some folder, count too, but only for what lies below: ``cover(_:)`` looks for them.
struct DiffSettings: Sendable {
    /// The same as long as nothing changes.
    let digest: ObjectID
    /// Whether settings, or attributes that are only in the index, can decide what is binary: then libgit2 has to be asked for all.
    let needLibgit2: Bool
    /// Folders whose attributes can decide that files below are binary or text; elsewhere a file's content alone does.
    private let deciding: Set<[UInt8]>
    private let root: String?
    private let known: Set<[UInt8]>
    /// Whether a folder was looked at and holds no attributes that are not known.
    private var isClean: [[UInt8]: Bool] = [:]

    /// - Complexity: O(index entries) to find the names; each file of attributes is read.
    init(of repository: borrowing Repository) throws(GitError) {
        let settings = try repository.configuration()
        var text: [UInt8] = []
        var decides = false
        var deciding: Set<[UInt8]> = []
        for (name, value) in try settings.entries(matching: "^(diff|merge|core)\\.") where Self.matters(name) {
            text.append(text: name.utf8)
            text.append(text: value.utf8)
            if name.hasPrefix("diff."), name.hasSuffix(".binary") { decides = true }
        }
        root = repository.worktree
        var files: [String] = [joinPath(repository.commonDirectory, "info/attributes"), "/etc/gitattributes"]
        if let own = try settings.text("core.attributesfile") { files.append(expanded(own)) } else { files.append(Self.defaultFile) }
        var known: Set<[UInt8]> = [[]]
        if let index = try MappedFile.open(joinPath(repository.gitDirectory, "index")),
            let scan = IndexScan(index.bytes, keeping: isAttributes)
        {
            for entry in scan.entries {
                text.append(text: entry.path.bytes)
                text.append(entry.id)
                known.insert(Array(entry.path.bytes.dropLast(attributesName.count)))
            }
        }
        // Attributes that stand in the index and not in the folder are not read here: they may decide anything.
        var isOnlyInIndex = false
        if let root {
            for folder in known.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                let path = joinPath(root, String(decoding: folder + attributesName, as: UTF8.self))
                files.append(path)
                if !folder.isEmpty, access(path, F_OK) != 0 { isOnlyInIndex = true }
            }
        }
        do throws(FileError) {
            for file in files {
                guard let content = try fileContent(file) else { continue }
                text.append(text: file.utf8)
                text.append(text: content)
                guard mayDecideWhatIsBinary(content) else { continue }
                let prefix = root.map { joinPath($0, "") } ?? ""
                let isInside = root != nil && file.hasPrefix(prefix) && file.hasSuffix("/.gitattributes")
                deciding.insert(isInside ? Array(file.utf8.dropFirst(prefix.utf8.count).dropLast(attributesName.count)) : [])
            }
        } catch {
            throw GitError(error)
        }
        self.known = known
        self.deciding = deciding
        needLibgit2 = decides || isOnlyInIndex
        digest = text.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    private static func matters(_ name: String) -> Bool {
        name.hasPrefix("diff.") || name.hasPrefix("merge.") || name == "core.attributesfile" || name == "core.bigfilethreshold"
    }

    private static var defaultFile: String {
        if let folder = getenv("XDG_CONFIG_HOME").map({ String(cString: $0) }), !folder.isEmpty { return folder + "/git/attributes" }
        return expanded("~/.config/git/attributes")
    }

    /// Whether ``digest`` says all about files in these folders (with a slash at their end; the root is empty).
    mutating func cover(_ folders: some Sequence<ArraySlice<UInt8>>) -> Bool {
        guard root != nil else { return true }
        for folder in folders where !cover(Array(folder)) { return false }
        return true
    }

    /// Whether attributes may decide that this file is binary or text.
    func mayDecide(_ path: RepositoryPath) -> Bool {
        guard !deciding.isEmpty else { return false }
        return deciding.contains { path.bytes.starts(with: $0) }
    }

    private mutating func cover(_ folder: [UInt8]) -> Bool {
        if let seen = isClean[folder] { return seen }
        var clean = known.contains(folder)
        if !clean, let root {
            let path = joinPath(root, String(decoding: folder + attributesName, as: UTF8.self))
            clean = access(path, F_OK) != 0
        }
        isClean[folder] = clean
        return clean
    }
}

private let attributesName = Array(".gitattributes".utf8)

/// Whether a file of attributes says anything about `diff` but the name of a driver, or defines words of its own.
func mayDecideWhatIsBinary(_ content: [UInt8]) -> Bool {
    for line in content.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where line.first != 0x23 {
        if line.starts(with: "[attr]".utf8) { return true }
        for word in line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).dropFirst() {
            let name = word.drop { $0 == 0x2D || $0 == 0x21 }
            if name.elementsEqual("diff".utf8) || name.elementsEqual("binary".utf8) { return true }
        }
    }
    return false
}

private func isAttributes(_ path: UnsafeRawBufferPointer) -> Bool {
    let length = attributesName.count
    guard path.count >= length, path[path.count - 1] == 0x73 else { return false }
    guard path.count == length || path[path.count - length - 1] == 0x2F else { return false }
    return UnsafeRawBufferPointer(rebasing: path[(path.count - length)...]).elementsEqual(attributesName)
}

private func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst(1)
}

/// The folders on the way to each of the paths, once each, with a slash at their end; without the root.
func folders(of paths: some Sequence<RepositoryPath>) -> Set<ArraySlice<UInt8>> {
    var result: Set<ArraySlice<UInt8>> = []
    for path in paths {
        var folder = path.bytes[...]
        while let slash = folder.lastIndex(of: 0x2F) {
            guard result.insert(folder[...slash]).inserted else { break }
            folder = folder[..<slash]
        }
    }
    return result
}
