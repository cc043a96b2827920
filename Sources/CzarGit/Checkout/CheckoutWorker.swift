import CLibgit2
import Glibc

/// One thread's part of a fan-out: takes folders' worth of entries, reads each blob once, and writes it to every worktree that has it.
///
/// What it reads is collected up to half a megabyte, then written worktree by worktree: so each folder is opened once, and a thread needs
/// two descriptors however many worktrees there are.
final class CheckoutWorker {
    private let shared: FanOut
    private let number: Int
    private let reader: ObjectReader
    private var attributes: [Int: AttributeReader] = [:]
    private var collected: [UInt8] = []
    private var pieces: [Piece] = []
    /// By layout: what was left as a filter's input, and in how many files.
    private(set) var unfiltered: [Int: [String: Int]] = [:]

    /// Content for some of an entry's worktrees.
    private struct Piece {
        let entry: Int
        let layouts: LayoutSet
        let range: Range<Int>
    }

    /// What a file's worktrees want of its blob.
    private struct Variant {
        let wanted: AttributeReader.Wanted
        var layouts: LayoutSet
    }

    /// Larger blobs are written from where they were inflated to.
    private static let large = 1 << 20
    private static let longestLink = 1 << 16
    private static let enough = 512 << 10

    init(_ shared: FanOut, number: Int) throws(GitError) {
        (self.shared, self.number) = (shared, number)
        reader = try ObjectReader(Repository(opening: shared.settings.commonDirectory))
        collected.reserveCapacity(Self.enough + Self.large)
    }

    /// Works until nothing is left.
    func run() {
        while let unit = shared.takeUnit() {
            for entry in unit {
                read(Int(shared.plan.order[entry]))
                if collected.count >= Self.enough { flush() }
            }
            flush()
        }
    }

    // MARK: - Reading

    private func read(_ number: Int) {
        let entry = shared.plan.entries[number]
        let live = entry.layouts & shared.liveLayouts()
        guard live != 0 else { return }
        do throws(GitError) {
            if entry.isSubmodule {
                pieces.append(Piece(entry: number, layouts: live, range: 0..<0))
            } else if entry.isFile, let concerned = try variants(of: entry, live) {
                try readConverted(number, entry, concerned)
            } else {
                try readPlain(number, entry, live)
            }
        } catch {
            shared.fail(live, error)
        }
    }

    /// Takes the content from another worktree's file; false when none has it.
    private func copy(_ number: Int, _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet) throws(GitError) -> Bool {
        let start = collected.count
        // A blob that is missing is a failure, as with git, even where a file has its content.
        guard entry.isFile, reader.holds(entry.id), shared.donate(number, upTo: Self.large, to: &collected) else { return false }
        // Attributes that the branch no longer has could have made this content. Then its size is not the blob's, which costs a look into
        // the pack, so only content that a conversion could have made is held against it.
        if collected.withUnsafeBytes({ mayBeConverted(UnsafeRawBufferPointer(rebasing: $0[start...])) }),
            try reader.size(of: entry.id) != collected.count - start
        {
            collected.removeLast(collected.count - start)
            return false
        }
        pieces.append(Piece(entry: number, layouts: layouts, range: start..<collected.count))
        return true
    }

    private func readPlain(_ number: Int, _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet) throws(GitError) {
        if try copy(number, entry, layouts) { return }
        let size = try reader.size(of: entry.id)
        if entry.isLink, size > Self.longestLink {
            throw GitError(
                code: .system(ENAMETOOLONG), operation: "create the link to", subject: entry.id.hex, message: "its target is too long")
        }
        guard size <= Self.large else { return try readLarge(entry, [Variant(wanted: .init(), layouts: layouts)], size) }
        let start = collected.count
        try withBlob(entry.id) { (bytes) in collected.append(contentsOf: bytes) }
        // symlink(2) wants a NUL at the end.
        if entry.isLink { collected.append(0) }
        pieces.append(Piece(entry: number, layouts: layouts, range: start..<collected.count))
    }

    private func readConverted(_ number: Int, _ entry: CheckoutPlan.Entry, _ variants: [Variant]) throws(GitError) {
        let size = try reader.size(of: entry.id)
        guard size <= Self.large else { return try readLarge(entry, variants, size) }
        try withBlob(entry.id) { (bytes) throws(GitError) in
            for variant in variants {
                try convert(bytes, entry, variant) { result in
                    let start = collected.count
                    collected.append(contentsOf: result)
                    pieces.append(Piece(entry: number, layouts: variant.layouts, range: start..<collected.count))
                }
            }
        }
    }

    /// A large blob is written at once, to one worktree after the other, within the budget of memory.
    private func readLarge(_ entry: CheckoutPlan.Entry, _ variants: [Variant], _ size: Int) throws(GitError) {
        // A delta is inflated beside its base; a conversion beside its input.
        try shared.budget.with(2 * size) { () throws(GitError) in
            try withBlob(entry.id) { (bytes) throws(GitError) in
                for variant in variants {
                    try convert(bytes, entry, variant) { result in
                        for writer in shared.writers where writer.isLive && writer.bit & variant.layouts != 0 {
                            withFolder(of: entry, writer) { write(result, entry, writer, $0) }
                            shared.report(files: 1, bytes: result.count)
                        }
                    }
                }
            }
        }
    }

    private func withBlob(_ id: ObjectID, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        try reader.withObject(id) { (type, bytes) throws(GitError) in
            guard type == GIT_OBJECT_BLOB else {
                throw GitError(code: .generic, operation: "read the blob", subject: id.hex, message: "it is no blob: 'git fsck' says more")
            }
            try body(bytes)
        }
    }

    // MARK: - Conversion

    /// What the worktrees' attributes say; nil when they concern nobody.
    private func variants(of entry: CheckoutPlan.Entry, _ layouts: LayoutSet) throws(GitError) -> [Variant]? {
        guard shared.hasAttributes else { return nil }
        var result: [Variant] = []
        var isConcerned = false
        var rest = layouts
        while rest != 0 {
            let bit = rest & (~rest + 1)
            rest &= rest - 1
            let kind = shared.attributeKind(of: bit.trailingZeroBitCount)
            var wanted = AttributeReader.Wanted()
            if shared.concerns(kind, entry) {
                let lookup = try attributeReader(kind)
                wanted = try shared.plan.withPath(entry) { (path) throws(GitError) in try lookup.wanted(for: path) }
                isConcerned = true
            }
            if let same = result.firstIndex(where: { $0.wanted == wanted }) {
                result[same].layouts |= bit
            } else {
                result.append(Variant(wanted: wanted, layouts: bit))
            }
        }
        return isConcerned ? result : nil
    }

    private func attributeReader(_ kind: Int) throws(GitError) -> AttributeReader {
        if let known = attributes[kind] { return known }
        let made = try shared.makeAttributeReader(kind)
        attributes[kind] = made
        return made
    }

    private func convert(
        _ bytes: UnsafeRawBufferPointer, _ entry: CheckoutPlan.Entry, _ variant: Variant, _ use: (UnsafeRawBufferPointer) -> Void
    ) throws(GitError) {
        let converted = variant.wanted.conversion.apply(to: bytes, of: entry.id)
        if let encoding = variant.wanted.encoding { leave("working-tree-encoding=\(encoding)", variant.layouts) }
        if let filter = variant.wanted.filter {
            if filter == "lfs", let object = try shared.largeObjects.content(of: bytes) { return use(object.bytes) }
            leave("filter=\(filter)", variant.layouts)
        }
        if let converted { converted.withUnsafeBytes(use) } else { use(bytes) }
    }

    private func leave(_ what: String, _ layouts: LayoutSet) {
        forEach(layouts) { unfiltered[$0, default: [:]][what, default: 0] += 1 }
    }

    // MARK: - Writing

    private func flush() {
        guard !pieces.isEmpty else { return }
        let count = shared.writers.count
        // Threads start at different worktrees, so that they rarely wait for the same folder's lock in the kernel.
        let offset = number * count / shared.threads
        var (files, bytes) = (0, 0)
        collected.withUnsafeBytes { buffer in
            for step in 0..<count {
                let writer = shared.writers[(step + offset) % count]
                guard writer.isLive, let first = pieces.first(where: { $0.layouts & writer.bit != 0 }) else { continue }
                withFolder(of: shared.plan.entries[first.entry], writer) { folder in
                    for piece in pieces where piece.layouts & writer.bit != 0 && writer.isLive {
                        write(UnsafeRawBufferPointer(rebasing: buffer[piece.range]), shared.plan.entries[piece.entry], writer, folder)
                        (files, bytes) = (files + 1, bytes + piece.range.count)
                    }
                }
            }
        }
        shared.report(files: files, bytes: bytes)
        pieces.removeAll(keepingCapacity: true)
        collected.removeAll(keepingCapacity: true)
    }

    private func withFolder(of entry: CheckoutPlan.Entry, _ writer: TargetWriter, _ body: (Int32) -> Void) {
        shared.plan.withFolderPath(entry) { writer.withFolder($0, body) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ entry: CheckoutPlan.Entry, _ writer: TargetWriter, _ folder: Int32) {
        let position = shared.plan.position(of: entry, in: writer.layout)
        shared.plan.withPath(entry) { path in
            let name = path + Int(entry.name - entry.path)
            if entry.isSubmodule {
                writer.makeSubmodule(name, in: folder, position: position, path: path)
            } else if entry.isLink, shared.settings.makesLinks {
                let destination = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
                writer.link(to: destination, name, in: folder, position: position, path: path)
            } else {
                let content = entry.isLink ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes
                writer.write(
                    content, name, in: folder, isExecutable: entry.mode & 0o100 != 0 && entry.isFile, position: position, path: path)
            }
        }
    }
}

/// Whether git could have made these bytes from others on their way into a worktree: there are carriage returns, an expanded keyword, or
/// bytes beyond ASCII, NULs and escapes, as encodings make them.
private func mayBeConverted(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return false }
    var sum: UInt8 = 0
    for byte in bytes { sum |= byte }
    if sum & 0x80 != 0 { return true }
    for byte: Int32 in [0x0D, 0x00, 0x1B] where memchr(start, byte, bytes.count) != nil { return true }
    var rest = start
    while let dollar = memchr(rest, 0x24, start + bytes.count - rest) {
        rest = UnsafeRawPointer(dollar) + 1
        if start + bytes.count - rest >= 4, memcmp(rest, "Id: ", 4) == 0 { return true }
    }
    return false
}
