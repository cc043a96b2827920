import CLibgit2

/// How git writes the names, modes and ids of a changed file at the head of its patch.
struct PatchForm {
    private let quotesHighBytes: Bool
    private let abbreviation: Int

    init(_ repository: borrowing Repository) throws(GitError) {
        quotesHighBytes = try repository.configFlag("core.quotepath") ?? true
        abbreviation = try Abbreviation.length(in: repository)
    }

    /// The lines up to the content's names.
    func header(of file: FileChange, similarity: Int?, in repository: borrowing Repository) throws(GitError) -> [[UInt8]] {
        let (old, new) = (file.oldPath ?? file.path, file.newPath ?? file.path)
        var lines = [text("diff --git ") + quoted("a/", old) + text(" ") + quoted("b/", new)]
        switch file.status {
        case .added: lines.append(text("new file mode \(mode(file.newMode))"))
        case .deleted: lines.append(text("deleted file mode \(mode(file.oldMode))"))
        case .modified, .renamed, .typeChanged:
            if file.oldMode != file.newMode {
                lines += [text("old mode \(mode(file.oldMode))"), text("new mode \(mode(file.newMode))")]
            }
        }
        if let similarity {
            lines.append(text("similarity index \(similarity)%"))
            lines += [text("rename from ") + quoted("", old), text("rename to ") + quoted("", new)]
        }
        if file.oldID != file.newID { lines.append(text(try ids(file, in: repository))) }
        return lines.map { $0 + [0x0A] }
    }

    private func ids(_ file: FileChange, in repository: borrowing Repository) throws(GitError) -> String {
        let ids = try [file.oldID, file.newID].map { (id) throws(GitError) in try short(id, in: repository) }
        let mode = file.oldMode == file.newMode ? " " + mode(file.newMode) : ""
        return "index \(ids[0])..\(ids[1])\(mode)"
    }

    private func short(_ id: ObjectID?, in repository: borrowing Repository) throws(GitError) -> String {
        guard let id else { return String(repeating: "0", count: abbreviation) }
        return String(id.hex.prefix(try Abbreviation.unique(id, from: abbreviation, in: repository)))
    }

    /// The `---` and `+++` lines.
    func names(of file: FileChange) -> [[UInt8]] { [text("--- ") + side("a/", file.oldPath), text("+++ ") + side("b/", file.newPath)] }

    private func side(_ prefix: String, _ path: RepositoryPath?) -> [UInt8] {
        guard let path else { return text("/dev/null\n") }
        // A tab tells patch(1) where a name with a space ends.
        return quoted(prefix, path) + text(path.bytes.contains(0x20) ? "\t\n" : "\n")
    }

    func binary(_ file: FileChange) -> [UInt8] {
        func name(_ prefix: String, _ path: RepositoryPath?) -> [UInt8] { path.map { quoted(prefix, $0) } ?? text("/dev/null") }
        return text("Binary files ") + name("a/", file.oldPath) + text(" and ") + name("b/", file.newPath) + text(" differ\n")
    }

    private func mode(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func quoted(_ prefix: String, _ path: RepositoryPath) -> [UInt8] {
        QuotedPath.bytes(prefix: prefix, path, quotesHighBytes: quotesHighBytes)
    }
}

/// git's quoting of names (`core.quotePath`): as they are, or in quotes with C's escapes.
package enum QuotedPath {
    package static func bytes(prefix: String = "", _ path: RepositoryPath, quotesHighBytes: Bool = true) -> [UInt8] {
        let plain = Array(prefix.utf8) + path.bytes
        func isSpecial(_ byte: UInt8) -> Bool {
            byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F || (quotesHighBytes && byte >= 0x80)
        }
        guard plain.contains(where: isSpecial) else { return plain }
        return [0x22] + plain.flatMap { isSpecial($0) ? escape($0) : [$0] } + [0x22]
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        let letters: [UInt8: Character] = [
            0x07: "a", 0x08: "b", 0x09: "t", 0x0A: "n", 0x0B: "v", 0x0C: "f", 0x0D: "r", 0x22: "\"", 0x5C: "\\",
        ]
        if let letter = letters[byte] { return Array("\\\(letter)".utf8) }
        let digits = String(byte, radix: 8)
        return Array(("\\" + String(repeating: "0", count: 3 - digits.count) + digits).utf8)
    }
}

/// How many digits of an id git shows.
package enum Abbreviation {
    private static let least = 7

    /// `core.abbrev`, else what git chooses by the number of packed objects.
    package static func length(in repository: borrowing Repository) throws(GitError) -> Int {
        switch try repository.configValue("core.abbrev")?.lowercased() {
        case nil, "auto": return try automatic(repository)
        case "no", "false", "off": return 40
        case let number?: return min(40, max(4, Int(number) ?? least))
        }
    }

    private static func automatic(_ repository: borrowing Repository) throws(GitError) -> Int {
        var count = 0
        for folder in try ObjectFolders.all(of: repository) { count += try PackListing.objectCount(in: folder) }
        let bits = Int.bitWidth - max(1, count).leadingZeroBitCount
        return max(least, (bits + 1) / 2)
    }

    /// The first length from `length` on at which no other object has these digits.
    package static func unique(_ id: ObjectID, from length: Int, in repository: borrowing Repository) throws(GitError) -> Int {
        let database = try make("open the object database", repository.commonDirectory) {
            git_repository_odb(&$0, repository.handle)
        }
        defer { git_odb_free(database) }
        var raw = id.raw
        var found = git_oid()
        for digits in length..<40 where git_odb_exists_prefix(&found, database, &raw, digits) != GIT_EAMBIGUOUS.rawValue { return digits }
        return 40
    }
}
