import CLibgit2
import Glibc

/// What changes a repository's history without changing its objects: shallow boundaries, grafts and replace refs.
///
/// libgit2 1.5.1 ignores all three. As in git, no commit-graph file is used while any of them exists.
struct HistoryOverrides: Equatable, Sendable {
    /// Parents that count instead of a commit's own. Shallow commits have none.
    private(set) var parents: [ObjectID: [ObjectID]] = [:]
    /// Objects read in the place of others.
    private(set) var replacements: [ObjectID: ObjectID] = [:]
    private(set) var isShallow = false
    /// One line for each graft that git would warn of, for a debug log.
    private(set) var diagnostics: [String] = []

    var isEmpty: Bool { parents.isEmpty && replacements.isEmpty && !isShallow }

    /// Names them: equal for equal overrides, zero for none.
    var digest: ObjectID {
        guard !isEmpty else { return .zero }
        var bytes: [UInt8] = [isShallow ? 1 : 0]
        for (commit, parents) in parents.sorted(by: { $0.key < $1.key }) {
            bytes.append(commit)
            bytes.append(number: parents.count)
            for parent in parents { bytes.append(parent) }
        }
        for (original, replacement) in replacements.sorted(by: { $0.key < $1.key }) {
            bytes.append(original)
            bytes.append(replacement)
        }
        return bytes.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    init() {}

    /// Reads them from the common directory.
    ///
    /// - Throws: ``GitError`` for a file that exists and cannot be read or breaks its format.
    init(of repository: borrowing Repository) throws(GitError) {
        let folder = String(cString: git_repository_commondir(repository.handle))
        try readGrafts(folder + "info/grafts")
        // After the grafts: for git a shallow boundary wins over a graft of the same commit.
        try readShallow(folder + "shallow")
        if try Self.mayHaveReplacements(folder), try Self.usesReplacements(repository) { try readReplacements(repository) }
    }

    /// The object whose content counts for `id`.
    ///
    /// - Throws: ``GitError`` for a chain of more than five replacements, as git does.
    func resolve(_ id: ObjectID) throws(GitError) -> ObjectID {
        guard !replacements.isEmpty else { return id }
        var current = id
        for _ in 0..<5 {
            guard let next = replacements[current] else { return current }
            current = next
        }
        throw GitError(
            code: .generic, operation: "follow the replace refs of", subject: id.hex, message: "the replacement chain is too long")
    }

    private mutating func readShallow(_ path: String) throws(GitError) {
        guard let file = try MappedFile.open(path) else { return }
        for line in file.lines {
            // As git, which looks at no more of a line.
            guard let id = ObjectID(hex: line.prefix(40)) else { throw Self.malformed(path, line) }
            parents[id] = []
            isShallow = true
        }
    }

    private mutating func readGrafts(_ path: String) throws(GitError) {
        guard let file = try MappedFile.open(path) else { return }
        for line in file.lines where !line.hasPrefix("#") {
            let ids = line.split(whereSeparator: \.isWhitespace).map { ObjectID(hex: $0) }
            guard let first = ids.first else { continue }
            guard let commit = first, !ids.contains(nil) else {
                diagnostics.append("grafts '\(path)': the line '\(line)' holds no object ids and counts for nothing")
                continue
            }
            // The first line for a commit counts: git reports the second as a duplicate.
            if parents[commit] == nil { parents[commit] = ids.dropFirst().compactMap { $0 } }
        }
    }

    private static func malformed(_ path: String, _ line: Substring) -> GitError {
        GitError(code: .generic, operation: "read the file", subject: path, message: "the line '\(line)' holds no object ids")
    }

    /// Whether the ref files can hold a replace ref: two cheap looks instead of listing all refs.
    private static func mayHaveReplacements(_ folder: String) throws(GitError) -> Bool {
        if FileIdentity(path: folder + "refs/replace") != nil { return true }
        guard let packed = try MappedFile.open(folder + "packed-refs") else { return false }
        return packed.bytes.contains(" refs/replace/")
    }

    /// git's two switches: the variable counts as soon as it is set, whatever its value.
    private static func usesReplacements(_ repository: borrowing Repository) throws(GitError) -> Bool {
        guard getenv("GIT_NO_REPLACE_OBJECTS") == nil else { return false }
        return try repository.configuration().flag("core.usereplacerefs") != false
    }

    private mutating func readReplacements(_ repository: borrowing Repository) throws(GitError) {
        let handle = repository.handle
        let iterator = try make("list the references", "refs/replace/*") {
            git_reference_iterator_glob_new(&$0, handle, "refs/replace/*")
        }
        defer { git_reference_iterator_free(iterator) }
        while true {
            var reference: OpaquePointer?
            do {
                try check("list the references", "refs/replace/*") { git_reference_next(&reference, iterator) }
            } catch  where error.code.rawValue == GIT_ITEROVER.rawValue {
                return
            }
            defer { git_reference_free(reference) }
            let name = String(cString: git_reference_name(reference))
            // As git, which takes what follows the last slash. What is no object id there replaces nothing: git warns and goes on.
            guard let id = name.split(separator: "/").last, let original = ObjectID(hex: id) else { continue }
            var target: OpaquePointer?
            // A symbolic one that leads nowhere replaces nothing.
            guard git_reference_resolve(&target, reference) == 0 else { continue }
            defer { git_reference_free(target) }
            if let replacement = git_reference_target(target) { replacements[original] = ObjectID(replacement.pointee) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes of `text` occur; its first byte is sought by the C library, which is fast.
    fileprivate func contains(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        var offset = 0
        while let start = baseAddress, offset + length <= count {
            guard let found = memchr(start + offset, Int32(text.utf8Start[0]), count - offset - length + 1) else { return false }
            if memcmp(found, text.utf8Start, length) == 0 { return true }
            offset = UnsafeRawPointer(found) - start + 1
        }
        return false
    }
}
