import CLibgit2
import Glibc
import SystemPackage

/// Looks at a repository before it is opened, because libgit2 opens some that it then reads wrongly (a SHA-256 repository whose
/// extension was allowed gives garbage). Reads files only; writes nothing.
package enum Preflight {
    /// Everything in the repository that Czar cannot do as git would; refusals first.
    ///
    /// - Complexity: O(index entries) for the current worktree.
    /// - Throws: ``GitError`` when a configuration file cannot be read or parsed.
    package static func limitations(of location: RepositoryLocation) throws(GitError) -> [Limitation] {
        let settings = try ConfigurationFile(onDisk: joinPath(location.commonDirectory, "config"))
        var found = try formatLimitations(settings, location)
        found += try settingLimitations(settings)
        do throws(FileError) {
            let index = try indexScan(location)
            found += indexLimitations(index)
            found += try historyLimitations(location)
            if let network = try networkFileSystem(holding: location.commonDirectory) { found.append(.networkFileSystem(network)) }
            if let mask = Self.maskAgainst(location.ownFiles) { found.append(.maskOfSharedRepository(mask)) }
            found += attributeLimitations(try attributes(location, index: index), filters: try filters(settings))
            found += try hookLimitations(location, settings)
        } catch {
            throw GitError(error)
        }
        return found.filter { $0.severity == .refuses } + found.filter { $0.severity == .degrades }
    }

    /// What makes the repository's format one that Czar cannot read; nil where it can. libgit2 is started only where the format is not told at
    /// a glance.
    package static func formatRefusal(of location: RepositoryLocation) throws(GitError) -> Limitation? {
        if location.hasPlainFormat { return nil }
        let settings = try ConfigurationFile(onDisk: joinPath(location.commonDirectory, "config"))
        return try formatLimitations(settings, location).first { $0.severity == .refuses }
    }

    /// The process's mask in octal, if it takes away what the repository's sharing gives: libgit2 makes objects by the mask alone.
    private static func maskAgainst(_ own: OwnFiles) -> String? {
        // umask(2) can only be asked by changing it for all threads.
        guard case .exactly(let bits) = own.file, let status = ProcFile.text("/proc/self/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Umask:") }),
            let text = line.split(separator: "\t").last, let mask = mode_t(text, radix: 8)
        else { return nil }
        return mask & bits & 0o066 == 0 ? nil : String(text)
    }

    /// What makes a worktree's index one that Czar cannot read and git can write anew; nil where that is not so.
    package static func unreadableForm(ofIndexIn gitDirectory: String) throws(GitError) -> Limitation? {
        let index = try MappedFile.open(joinPath(gitDirectory, "index")).flatMap { file in IndexScan(file.bytes) { _ in false } }
        return Limitation(ofIndex: index)
    }

    // MARK: - The format

    private static let known: Set<String> = [
        "noop", "objectformat", "refstorage", "partialclone", "worktreeconfig", "relativeworktrees", "preciousobjects",
        "compatobjectformat",
    ]
    // git accepts only these in version 0 (setup.c, handle_extension_v0); it ignores names that it does not know there.
    private static let versionOneOnly: Set<String> = ["noop-v1", "objectformat", "refstorage", "compatobjectformat", "relativeworktrees"]

    private static func formatLimitations(
        _ settings: borrowing ConfigurationFile, _ location: RepositoryLocation
    ) throws(GitError) -> [Limitation] {
        let version = try settings.number("core.repositoryformatversion") ?? 0
        if version > 1 || version < 0 { return [.unknownFormatVersion(version)] }
        var values: [String: String] = [:]
        for (name, value) in try settings.entries(matching: "^extensions\\.") {
            values[name.dropFirst("extensions.".count).lowercased()] = value
        }
        var found: [Limitation] = []
        if version == 0 {
            let late = values.keys.filter { versionOneOnly.contains($0) }.sorted()
            if !late.isEmpty { found.append(.versionZeroWithExtensions(late)) }
        } else {
            let unknown = values.keys.filter { !known.contains($0) }.sorted()
            if !unknown.isEmpty { found.append(.unknownExtensions(unknown)) }
        }
        if let format = values["objectformat"], format.lowercased() != "sha1" { found.append(.sha256) }
        if let storage = values["refstorage"], storage.lowercased() != "files" { found.append(.referenceStorage(storage)) }
        if values["compatobjectformat"] != nil { found.append(.compatibleObjectFormat) }
        if let remote = values["partialclone"] { found.append(.partialClone(remote: remote)) }
        if values["worktreeconfig"].map({ !["false", "no", "off", "0"].contains($0.lowercased()) }) == true {
            found += try worktreeConfiguration(location)
        }
        return found
    }

    /// Of `config.worktree` Czar reads all but where a worktree is: libgit2 has settled that before the file is read. git does not look at
    /// `core.bare` in a linked worktree's file, and in the main one's it is heeded.
    private static func worktreeConfiguration(_ location: RepositoryLocation) throws(GitError) -> [Limitation] {
        var keys: Set<String> = []
        for directory in Set([location.commonDirectory, location.gitDirectory]) {
            let own = try ConfigurationFile(onDisk: joinPath(directory, "config.worktree"))
            if try own.text("core.worktree") != nil { keys.insert("core.worktree") }
        }
        return keys.isEmpty ? [] : [.worktreeConfiguration(keys: keys.sorted())]
    }

    private static func settingLimitations(_ settings: borrowing ConfigurationFile) throws(GitError) -> [Limitation] {
        var found: [Limitation] = []
        for (name, value) in try settings.entries(matching: "^remote\\..*\\.promisor$") where !["false", "no", "off", "0"].contains(value) {
            found.append(.partialClone(remote: String(name.dropFirst("remote.".count).dropLast(".promisor".count))))
        }
        if try settings.flag("core.ignorecase") == true { found.append(.ignoresCase) }
        var tree = try ConfigurationFile.user().text("attr.tree")
        if let own = try settings.text("attr.tree") { tree = own }
        if let tree { found.append(.attributesOfTree(tree)) }
        var signs = try ConfigurationFile.user().flag("commit.gpgsign")
        if let own = try settings.flag("commit.gpgsign") { signs = own }
        if signs == true { found.append(.signsCommits) }
        let unread = UnreadSettings.variables()
        if !unread.isEmpty { found.append(.settingsOfEnvironment(unread)) }
        let pattern = "^includeif\\.hasconfig:"
        let conditional = try settings.entries(matching: pattern) + ConfigurationFile.user().entries(matching: pattern)
        if !conditional.isEmpty { found.append(.includesByRemote) }
        return found
    }

    // MARK: - Index and history

    private static func indexScan(_ location: RepositoryLocation) throws(FileError) -> IndexScan? {
        let name = Array(".gitattributes".utf8)
        let path = joinPath(location.gitDirectory, "index")
        do throws(GitError) {
            // Git replaces the index by rename, so it may be mapped.
            return try MappedFile.open(path).flatMap { file in IndexScan(file.bytes) { $0.suffix(name.count).elementsEqual(name) } }
        } catch {
            throw FileError("read", path, .ioError)
        }
    }

    private static func indexLimitations(_ index: IndexScan?) -> [Limitation] {
        guard let index else { return [] }
        var found: [Limitation] = []
        if let form = Limitation(ofIndex: index) { found.append(form) }
        if index.hasSkippedEntries { found.append(.sparseCheckout) }
        return found
    }

    private static func historyLimitations(_ location: RepositoryLocation) throws(FileError) -> [Limitation] {
        var found: [Limitation] = []
        func has(_ name: String) throws(FileError) -> Bool { try fileContent(joinPath(location.commonDirectory, name))?.isEmpty == false }
        if try has("shallow") { found.append(.shallow) }
        if try has("info/grafts") { found.append(.grafts) }
        let count = try replaceReferences(location).count
        if count > 0 { found.append(.replaceReferences(count: count)) }
        return found
    }

    private static func replaceReferences(_ location: RepositoryLocation) throws(FileError) -> Set<String> {
        var names: Set<String> = []
        let folder = joinPath(location.commonDirectory, "refs/replace")
        if FileKind(at: folder) == .folder {
            names = Set(try Folder(opening: folder).entries().map { String(decoding: $0, as: UTF8.self) })
        }
        for line in try fileContent(joinPath(location.commonDirectory, "packed-refs"))?.split(separator: 0x0A) ?? [] {
            let mark = Array(" refs/replace/".utf8)
            let name = line.dropFirst(40)
            if name.starts(with: mark) { names.insert(String(decoding: name.dropFirst(mark.count), as: UTF8.self)) }
        }
        return names
    }

    // MARK: - Attributes and filters

    private struct AttributeUse {
        var filters: Set<String> = []
        var encodings: Set<String> = []
    }

    private static func attributes(_ location: RepositoryLocation, index: IndexScan?) throws(FileError) -> AttributeUse {
        var files = [joinPath(location.commonDirectory, "info/attributes")]
        if let root = location.currentWorktree {
            let name = Array(".gitattributes".utf8)
            // The root's file counts before it is tracked.
            var paths: Set<RepositoryPath> = [RepositoryPath(".gitattributes")]
            for path in index?.paths ?? [] where path.bytes.count > name.count && path.bytes.suffix(name.count + 1) == ([0x2F] + name)[...]
            {
                paths.insert(path)
            }
            files += paths.compactMap { $0.text.map { joinPath(root, $0) } }
        }
        var use = AttributeUse()
        for file in files {
            let content: [UInt8]?
            // Git goes on without those that it cannot read, such as folders of that name.
            do throws(FileError) { content = try fileContent(file) } catch { continue }
            for line in content?.split(separator: 0x0A) ?? [] where line.first != 0x23 {
                for word in String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).dropFirst() {
                    if word.hasPrefix("filter=") { use.filters.insert(String(word.dropFirst("filter=".count))) }
                    if word.hasPrefix("working-tree-encoding=") { use.encodings.insert(String(word.dropFirst(22))) }
                }
            }
        }
        return use
    }

    /// The filters that have a command, in the repository's or the user's configuration.
    private static func filters(_ settings: borrowing ConfigurationFile) throws(FileError) -> Set<String> {
        var names: Set<String> = []
        do throws(GitError) {
            var entries = try settings.entries(matching: "^filter\\..*\\.(clean|smudge|process)$")
            entries += try ConfigurationFile.user().entries(matching: "^filter\\..*\\.(clean|smudge|process)$")
            for (name, value) in entries where !value.isEmpty {
                let middle = name.dropFirst("filter.".count)
                if let dot = middle.lastIndex(of: ".") { names.insert(String(middle[..<dot])) }
            }
        } catch {
            throw FileError("read the filters in the configuration of", error.subject, .ioError)
        }
        return names
    }

    private static func attributeLimitations(_ use: AttributeUse, filters: Set<String>) -> [Limitation] {
        var found: [Limitation] = []
        // LFS is named even where its filter is not installed: the files are pointers then.
        if use.filters.contains("lfs") { found.append(.lfs) }
        let external = use.filters.intersection(filters).subtracting(["lfs"]).sorted()
        if !external.isEmpty { found.append(.externalFilters(external)) }
        let unknown = use.encodings.filter { !WorkingTreeEncoding.isUTF8($0) && WorkingTreeEncoding($0) == nil }.sorted()
        if !unknown.isEmpty { found.append(.workingTreeEncodings(unknown)) }
        return found
    }

    // MARK: - Hooks

    private static let hookNames = [
        "commit-msg", "post-checkout", "post-commit", "post-merge", "post-rewrite", "pre-commit", "pre-merge-commit", "pre-push",
        "prepare-commit-msg", "reference-transaction",
    ]

    private static func hookLimitations(
        _ location: RepositoryLocation, _ settings: borrowing ConfigurationFile
    ) throws(FileError) -> [Limitation] {
        var folder = joinPath(location.commonDirectory, "hooks")
        do throws(GitError) {
            var configured = try ConfigurationFile.user().text("core.hookspath")
            if let own = try settings.text("core.hookspath") { configured = own }
            if let configured {
                let home = processEnvironment()["HOME"] ?? ""
                let expanded = configured.hasPrefix("~/") ? home + configured.dropFirst(1) : configured
                folder = joinPath(location.currentWorktree ?? location.gitDirectory, expanded)
            }
        } catch {
            throw FileError("read core.hooksPath in the configuration of", error.subject, .ioError)
        }
        let present = hookNames.filter { name in
            let path = joinPath(folder, name)
            var info = stat()
            return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_mode & 0o111 != 0
        }
        return present.isEmpty ? [] : [.hooks(present)]
    }
}
