import Glibc

/// A worktree's index, mapped and taken apart: read at one moment, never locked, never written.
///
/// Format: git's Documentation/gitformat-index.txt, versions 2 to 4 with SHA-1. Git replaces the file by rename, so that a mapping stays
/// what it was. The checksum at the end is not verified, as git does not.
final class IndexFile: Sendable {
    /// Where one entry stands.
    struct Entry: Sendable {
        /// Of its stat data in the file.
        let start: UInt32
        /// Of its path in ``names``.
        let name: UInt32
        let length: UInt32
        let flags: Flags
    }

    /// The bits of an entry that status depends on.
    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let assumeUnchanged = Flags(rawValue: 1)
        static let skipWorktree = Flags(rawValue: 2)
        static let intentToAdd = Flags(rawValue: 4)
        static let conflicted = Flags(rawValue: 8)
    }

    let entries: [Entry]
    /// git's cached tree ids; nil when the index has none.
    let treeCache: TreeCache?
    private let file: MappedFile?
    /// The paths, each ended by NUL: in the file itself, or, where version 4 shortens them there, in memory of our own.
    // Written once, before the object is shared, and freed with it.
    private nonisolated(unsafe) let names: UnsafeRawPointer
    private let ownsNames: Bool

    /// Reads `index` in a git directory; a missing file is an empty index.
    ///
    /// - Returns: nil for a format that is not read here: a mandatory extension (split or sparse index), another version.
    /// - Complexity: O(entries), some ten nanoseconds each.
    /// - Throws: ``GitError`` when the file is damaged or cannot be read.
    static func read(in gitDirectory: String) throws(GitError) -> IndexFile? {
        let path = joinPath(gitDirectory, "index")
        guard let file = try MappedFile.open(path) else { return IndexFile() }
        let bytes = file.bytes
        guard !bytes.isEmpty else {
            throw GitError(
                code: .damaged, operation: "read the index", subject: path,
                message: "the file is empty; remove it and run 'git reset' in that worktree, which makes it again from HEAD")
        }
        guard bytes.count >= 32, bytes.word(0) == 0x4449_5243 else { throw damaged(path) }
        guard (2...4).contains(bytes.word(4)) else { return nil }
        var parser = IndexParser(bytes)
        guard parser.readEntries() else {
            parser.discard()
            guard let form = unreadableForm(bytes) else { throw damaged(path) }
            throw GitError(code: .generic, operation: "read the index", subject: path, message: form)
        }
        guard let treeCache = parser.readExtensions() else {
            parser.discard()
            guard let form = unreadableForm(bytes) else { return nil }
            throw GitError(code: .generic, operation: "read the index", subject: path, message: form)
        }
        return IndexFile(file, parser, treeCache.cache)
    }

    /// What libgit2 cannot read either, and git can rewrite.
    private static func unreadableForm(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let form = Limitation(ofIndex: IndexScan(bytes) { _ in false }) else { return nil }
        return "\(form.sentence); run '\(form.remedy)' in that worktree"
    }

    private static func damaged(_ path: String) -> GitError {
        GitError(code: .damaged, operation: "read the index", subject: path, message: "the file is damaged; 'git fsck' tells more")
    }

    private init() {
        (entries, treeCache, file, ownsNames) = ([], nil, nil, false)
        names = UnsafeRawPointer(bitPattern: 1)!
    }

    private init(_ file: MappedFile, _ parser: IndexParser, _ treeCache: TreeCache?) {
        (self.file, self.treeCache, entries) = (file, treeCache, parser.entries)
        ownsNames = parser.ownNames != nil
        names = UnsafeRawPointer(parser.ownNames?.baseAddress ?? UnsafeMutableRawPointer(mutating: file.bytes.baseAddress!))
    }

    deinit { if ownsNames { names.deallocate() } }

    /// The path of an entry, ended by NUL; valid as long as this object.
    func path(_ entry: Entry) -> UnsafePointer<CChar> { (names + Int(entry.name)).assumingMemoryBound(to: CChar.self) }

    func pathBytes(_ entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: names + Int(entry.name), count: Int(entry.length))
    }

    func repositoryPath(_ entry: Entry) -> RepositoryPath { RepositoryPath(bytes: Array(pathBytes(entry))) }

    func mode(_ entry: Entry) -> UInt32 { word(entry, 24) }

    func id(_ entry: Entry) -> ObjectID { ObjectID(bytes: base + Int(entry.start) + 40) }

    /// 1 to 3 for a side of a conflict, else 0.
    func stage(_ entry: Entry) -> Int { Int(base[Int(entry.start) + 60] >> 4) & 3 }

    /// One number of the entry's stat data, by its offset in the format.
    func word(_ entry: Entry, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: (base + Int(entry.start)).loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// When the file was written, in nanoseconds; the largest number when there is none.
    var written: Int64 { file?.identity.modified ?? .max }

    private var base: UnsafeRawPointer { UnsafeRawPointer(file!.bytes.baseAddress!) }
}

extension UnsafeRawPointer {
    fileprivate subscript(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}

/// Walks over the bytes of an index once.
private struct IndexParser {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private let version: UInt32
    private var position = 12
    private(set) var entries: [IndexFile.Entry] = []
    /// The whole paths of version 4.
    private(set) var ownNames: UnsafeMutableRawBufferPointer?
    private var namesEnd = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        // The last 20 bytes are the checksum.
        end = bytes.count - 20
        version = bytes.word(4)
    }

    func discard() { ownNames?.deallocate() }

    /// False when the file ends too early.
    mutating func readEntries() -> Bool {
        let count = Int(bytes.word(8))
        guard count <= bytes.count / 62 else { return false }
        entries.reserveCapacity(count)
        for _ in 0..<count where !readEntry() { return false }
        return entries.count == count
    }

    private mutating func readEntry() -> Bool {
        guard position + 64 <= end else { return false }
        let start = position
        let flags = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 60, as: UInt16.self))
        var kept: IndexFile.Flags = []
        if flags & 0x8000 != 0 { kept.insert(.assumeUnchanged) }
        if flags & 0x3000 != 0 { kept.insert(.conflicted) }
        position += 62
        if version >= 3, flags & 0x4000 != 0 {
            if bytes[position] & 0x40 != 0 { kept.insert(.skipWorktree) }
            if bytes[position] & 0x20 != 0 { kept.insert(.intentToAdd) }
            position += 2
        }
        guard let (name, length) = version == 4 ? readShortName() : readName(start, Int(flags & 0xFFF)) else { return false }
        entries.append(IndexFile.Entry(start: UInt32(start), name: UInt32(name), length: UInt32(length), flags: kept))
        return true
    }

    private mutating func readName(_ start: Int, _ noted: Int) -> (Int, Int)? {
        let name = position
        var length = noted
        if noted == 0xFFF {
            guard let zero = memchr(bytes.baseAddress! + name, 0, end - name) else { return nil }
            length = UnsafeRawPointer(zero) - (bytes.baseAddress! + name)
        }
        guard length > 0, name + length < end, bytes[name + length] == 0 else { return nil }
        // One to eight NULs, up to a multiple of eight.
        position = start + ((name + length - start) / 8 + 1) * 8
        return (name, length)
    }

    /// Version 4: how much of the path before to drop, and what to append.
    private mutating func readShortName() -> (Int, Int)? {
        let dropped = bytes.offsetNumber(&position)
        guard position < end, let zero = memchr(bytes.baseAddress! + position, 0, end - position) else { return nil }
        let added = UnsafeRawPointer(zero) - (bytes.baseAddress! + position)
        let last = entries.last.map { (Int($0.name), Int($0.length)) } ?? (0, 0)
        guard dropped <= last.1 else { return nil }
        let kept = last.1 - dropped
        guard kept + added > 0 else { return nil }
        growNames(kept + added + 1)
        let names = ownNames!.baseAddress!
        let name = namesEnd
        (names + name).copyMemory(from: names + last.0, byteCount: kept)
        (names + name + kept).copyMemory(from: bytes.baseAddress! + position, byteCount: added + 1)
        namesEnd += kept + added + 1
        position += added + 1
        return (name, kept + added)
    }

    private mutating func growNames(_ count: Int) {
        let size = ownNames?.count ?? 0
        guard namesEnd + count > size else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count * 2, size * 2, namesEnd + count), alignment: 1)
        if let ownNames { larger.baseAddress!.copyMemory(from: ownNames.baseAddress!, byteCount: namesEnd) }
        ownNames?.deallocate()
        ownNames = larger
    }

    /// Nil when one of the extensions must be understood and is not: they have lower-case names.
    mutating func readExtensions() -> (cache: TreeCache?, Void)? {
        var cache: TreeCache?
        while position + 8 <= end {
            let size = Int(bytes.word(position + 4))
            guard position + 8 + size <= end else { return nil }
            if bytes[position] & 0x20 != 0 { return nil }
            if bytes.word(position) == 0x5452_4545 {
                cache = TreeCache(UnsafeRawBufferPointer(rebasing: bytes[(position + 8)..<(position + 8 + size)]))
            }
            position += 8 + size
        }
        return (cache, ())
    }
}
