import Glibc

/// A file that is being written aside, to be renamed into place: `.<name>.<process>-<number>.tmp`. One whose process was killed stays.
package enum Piece {
    private static let ending = ".tmp"

    static func name(of name: String) -> String { ".\(name).\(getpid())-\(UInt32.random(in: 0 ... .max))\(ending)" }

    /// Whether a name is that of a piece.
    package static func isOne(_ name: String) -> Bool { process(of: name) != nil }

    /// The process that writes, or wrote, a piece; nil for any other name.
    private static func process(of name: String) -> pid_t? {
        guard name.hasPrefix("."), name.hasSuffix(ending) else { return nil }
        let words = name.dropFirst().dropLast(ending.count).split(separator: ".").last?.split(separator: "-") ?? []
        guard words.count == 2, words.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
        return pid_t(words[0])
    }

    /// Whether a path in a worktree is a piece of its `.git`: not even git's user wants to see it.
    static func isOfGitFile(_ path: [UInt8]) -> Bool { path.starts(with: "..git.".utf8) && isOne(String(decoding: path, as: UTF8.self)) }

    /// Whether whoever wrote it is gone, so that nobody will rename it; where others' processes are out of sight nobody is.
    fileprivate static func isLeft(_ name: String) -> Bool {
        guard let process = process(of: name), process > 0, !ProcessNamespace.isForeign, !ProcessNamespace.readsForeignFiles else {
            return false
        }
        return kill(process, 0) != 0 && errno == ESRCH
    }
}

extension Folder {
    /// The files that processes which are gone were writing aside here, of `name` alone where one is given.
    ///
    /// - Complexity: O(entries).
    package func leftPieces(of name: String? = nil) throws(FileError) -> [String] {
        try names().filter { found in
            Piece.isLeft(found) && (name.map { found.hasPrefix(".\($0).") } ?? true) && kind(of: found) == .file
        }
    }
}
