import CLibgit2
import Glibc
import SystemPackage

/// Everything beside two trees that the comparison of their files depends on: settings and attributes, as they are now.
///
/// The files of attributes that are known (the user's, `info/attributes`, those the index names, the root's) are part of ``digest``, and so
/// is which submodules are left out.
/// Others, untracked in some folder, count too, but only for what lies below: ``cover(_:)`` looks for them.
struct DiffSettings: Sendable {
    /// The same as long as nothing changes.
    let digest: ObjectID
    /// Whether settings can decide what is binary: then libgit2 has to be asked for all.
    let needLibgit2: Bool
    let ignoredSubmodules: IgnoredSubmodules
    /// Files larger than this are binary unless attributes say otherwise.
    private let largestText: Int
    private let sources: AttributeSources?
    private let ignoresCase: Bool
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
        ignoresCase = try settings.flag("core.ignorecase") ?? false
        largestText = Int(try settings.number("core.bigfilethreshold") ?? 512 << 20)
        var known: Set<[UInt8]> = [[]]
        var modules: ObjectID?
        if let index = try MappedFile.open(joinPath(repository.gitDirectory, "index")),
            let scan = IndexScan(index.bytes, keeping: { isAttributes($0) || $0.elementsEqual(modulesName) })
        {
            for entry in scan.entries {
                if entry.path.bytes == modulesName {
                    modules = entry.id
                    continue
                }
                text.append(text: entry.path.bytes)
                text.append(entry.id)
                known.insert(Array(entry.path.bytes.dropLast(attributesName.count)))
            }
        }
        var sources = AttributeSources()
        /// The lines of a file that may decide. As git's comparison of commits: what stands in the index alone does not count.
        func list(_ file: String, folder: [UInt8]?) throws(GitError) -> AttributeList? {
            guard let content = try attributes(file, inFolder: folder != nil) else { return nil }
            text.append(text: file.utf8)
            text.append(text: content)
            if mayDecideWhatIsBinary(content) { deciding.insert(folder ?? []) }
            return AttributeList(file: content, mayDefineMacros: folder?.isEmpty ?? true)
        }
        let own = try settings.text("core.attributesfile").map { expanded($0) } ?? Self.defaultFile
        for file in ["/etc/gitattributes", own] { if let list = try list(file, folder: nil) { sources.general.append(list) } }
        if let root {
            for folder in known.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                let path = joinPath(root, String(decoding: folder + attributesName, as: UTF8.self))
                sources.folders[folder] = try list(path, folder: folder)
            }
        }
        sources.info = try list(joinPath(repository.commonDirectory, "info/attributes"), folder: nil)
        ignoredSubmodules = try IgnoredSubmodules(of: repository, indexed: modules)
        text += ignoredSubmodules.text
        self.sources = deciding.isEmpty ? nil : sources
        self.known = known
        self.deciding = deciding
        needLibgit2 = decides
        digest = text.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    private static func matters(_ name: String) -> Bool {
        name.hasPrefix("diff.") || name.hasPrefix("merge.")
            || ["core.attributesfile", "core.bigfilethreshold", "core.ignorecase"].contains(name)
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

    /// Tells binary files from texts.
    /// - Complexity: O(lines of attributes).
    func textRules() -> TextRules {
        TextRules(
            sources.map { AttributeRules($0, names: ["diff"], ignoresCase: ignoresCase) }, deciding: deciding, largestText: largestText)
    }

    private mutating func cover(_ folder: [UInt8]) -> Bool {
        if let seen = isClean[folder] { return seen }
        var clean = known.contains(folder)
        if !clean, let root {
            let path = joinPath(root, String(decoding: folder + attributesName, as: UTF8.self))
            // git reads no attributes behind a link or in a folder.
            clean = FileKind(at: path) != .file
        }
        isClean[folder] = clean
        return clean
    }
}

private let attributesName = Array(".gitattributes".utf8)
private let modulesName = Array(".gitmodules".utf8)

/// The file's content; nil where git would go on without it: no file is there, or none that may be read, or in a worktree a link.
private func attributes(_ file: String, inFolder: Bool) throws(GitError) -> [UInt8]? {
    if inFolder, FileKind(at: file) != .file { return nil }
    do throws(FileError) { return try fileContent(file) } catch {
        if [.permissionDenied, .isDirectory].contains(error.errno) { return nil }
        throw GitError(error)
    }
}

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
