import CLibgit2

/// What history needs of a commit object.
struct RawCommit: Sendable {
    var tree: ObjectID
    var parents: [ObjectID]
    /// Committer time in seconds since 1970.
    var date: Int64
}

/// Reads commits from the object database: one reader a thread, because it holds a handle.
struct CommitReader: ~Copyable {
    private let objects: ObjectReader
    private let overrides: HistoryOverrides

    init(_ repository: borrowing Repository, overrides: HistoryOverrides) throws(GitError) {
        objects = try ObjectReader(repository)
        self.overrides = overrides
    }

    /// The commit as git sees it: with replacements, grafts and shallow boundaries applied.
    ///
    /// - Throws: ``GitError`` when the object is missing, is no commit or has no valid header.
    func commit(_ id: ObjectID) throws(GitError) -> RawCommit {
        var commit = try objects.withObject(try overrides.resolve(id)) { type, bytes throws(GitError) in
            guard type == GIT_OBJECT_COMMIT else {
                throw GitError(code: .generic, operation: "read the commit", subject: id.hex, message: "the object is no commit")
            }
            guard let commit = RawCommit(parsing: bytes) else {
                throw GitError(code: .generic, operation: "read the commit", subject: id.hex, message: "its header is malformed")
            }
            return commit
        }
        if let parents = overrides.parents[id] { commit.parents = parents }
        return commit
    }
}

extension RawCommit {
    /// Reads the beginning of a commit, which may be cut after its committer; nil unless everything up to there is as git writes it.
    init?(parsingBeginning bytes: UnsafeRawBufferPointer) {
        guard let commit = RawCommit(parsing: bytes), commit.date > 0 else { return nil }
        self = commit
    }

    /// Reads `tree`, the `parent` lines and the committer's time from a commit's header.
    ///
    /// A time that cannot be read is 0, as for git; a header without a tree is nil.
    init?(parsing bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 46, bytes.hasPrefix("tree ", at: 0), bytes[45] == UInt8(ascii: "\n"), let tree = bytes.id(at: 5) else {
            return nil
        }
        var offset = 46
        var parents: [ObjectID] = []
        while offset + 48 <= bytes.count, bytes.hasPrefix("parent ", at: offset) {
            guard bytes[offset + 47] == UInt8(ascii: "\n"), let parent = bytes.id(at: offset + 7) else { return nil }
            parents.append(parent)
            offset += 48
        }
        self.init(tree: tree, parents: parents, date: bytes.committerTime(after: offset))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func hasPrefix(_ text: StaticString, at offset: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset + length <= count else { return false }
        for index in 0..<length where self[offset + index] != text.utf8Start[index] { return false }
        return true
    }

    /// The object id whose 40 digits start at `offset`, which lie inside the buffer.
    fileprivate func id(at offset: Int) -> ObjectID? {
        func word(_ start: Int, _ digits: Int) -> UInt64? {
            var value: UInt64 = 0
            for index in start..<start + digits {
                let byte = self[offset + index]
                switch byte {
                case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
                case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
                default: return nil
                }
            }
            return value
        }
        guard let first = word(0, 16), let second = word(16, 16), let third = word(32, 8) else { return nil }
        return ObjectID(first: first, second: second, third: UInt32(third))
    }

    /// The time of the `committer` line that follows the `author` line at `offset`.
    fileprivate func committerTime(after offset: Int) -> Int64 {
        guard hasPrefix("author ", at: offset), let end = lineEnd(from: offset), hasPrefix("committer ", at: end + 1) else { return 0 }
        guard let stop = lineEnd(from: end + 1) else { return 0 }
        // Git takes what follows the last '>' of the line.
        guard let bracket = self[end + 1..<stop].lastIndex(of: UInt8(ascii: ">")) else { return 0 }
        var index = bracket + 1
        while index < stop, self[index] == UInt8(ascii: " ") { index += 1 }
        var value: Int64 = 0
        while index < stop, case 0x30...0x39 = self[index] {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, next <= Int64.max - 9 else { return 0 }
            value = next + Int64(self[index] - 0x30)
            index += 1
        }
        return value
    }

    private func lineEnd(from offset: Int) -> Int? { self[offset...].firstIndex(of: UInt8(ascii: "\n")) }
}
