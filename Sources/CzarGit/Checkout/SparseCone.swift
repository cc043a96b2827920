/// The folders that a sparse worktree holds, in git's cone mode: each with all below it, and of the folders above it the files directly in
/// them.
package struct SparseCone: Hashable, Sendable {
    /// Sorted; none lies inside another, and none is the root.
    package let folders: [RepositoryPath]
    /// The folders above them, without the root.
    private let parents: Set<[UInt8]>

    /// Takes the folders; those inside another one do not count.
    package init(_ folders: some Sequence<RepositoryPath>) {
        let sorted = Set(folders).sorted()
        self.folders = sorted.filter { folder in !sorted.contains { $0 != folder && folder.isInside($0) } }
        var parents: Set<[UInt8]> = []
        for folder in self.folders {
            for (index, byte) in folder.bytes.enumerated() where byte == slash { parents.insert(Array(folder.bytes[..<index])) }
        }
        self.parents = parents
    }

    /// Whether the files directly in a folder (without a slash at its end, empty for the root) are there.
    func holdsFiles(in folder: [UInt8]) -> Bool {
        if folder.isEmpty || parents.contains(folder) { return true }
        let path = RepositoryPath(bytes: folder)
        return folders.contains { path.isInside($0) }
    }

    // MARK: - git's file

    static let fileName = "sparse-checkout"

    /// `info/sparse-checkout` as `git sparse-checkout set --cone` writes it.
    var file: [UInt8] {
        var lines = [Array("/*".utf8), Array("!/*/".utf8)]
        for parent in parents.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let path = [slash] + Self.escaped(parent) + [slash]
            lines += [path, [UInt8(ascii: "!")] + path + Array("*/".utf8)]
        }
        lines += folders.map { [slash] + Self.escaped($0.bytes) + [slash] }
        return lines.flatMap { $0 + [0x0A] }
    }

    /// Reads what ``file`` wrote; nil for any other form.
    init?(file bytes: [UInt8]) {
        var lines = bytes.split(separator: 0x0A).map(Array.init)[...]
        guard lines.popFirst() == Array("/*".utf8), lines.popFirst() == Array("!/*/".utf8) else { return nil }
        let negated = Set(lines.filter { $0.first == UInt8(ascii: "!") }.map { Array($0.dropFirst().dropLast(2)) })
        let folders = lines.filter { $0.first == slash && !negated.contains($0) }
        self.init(folders.map { RepositoryPath(bytes: Self.unescaped($0.dropFirst().dropLast())) })
        guard file == bytes else { return nil }
    }

    private static func escaped(_ path: [UInt8]) -> [UInt8] {
        path.flatMap { special.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
    }

    private static func unescaped(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in path {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return result
    }

    // git's escaped_pattern: what its is_glob_special knows.
    private static let special = Array("*?[\\".utf8)
}

private let slash = UInt8(ascii: "/")

extension Repository {
    /// The cone of these paths in a tree: a path of a file stands for its folder, one that does not exist is a folder to come.
    func cone(of paths: [RepositoryPath], in tree: ObjectID) throws(GitError) -> SparseCone {
        var folders: [RepositoryPath] = []
        for path in paths {
            let mode = try entry(at: path, in: tree)?.mode
            if mode == nil || mode == 0o040000 || mode == 0o160000 {
                folders.append(path)
                // The root's own files are in every cone.
            } else if let last = path.bytes.lastIndex(of: slash) {
                folders.append(RepositoryPath(bytes: path.bytes[..<last]))
            }
        }
        return SparseCone(folders)
    }
}
