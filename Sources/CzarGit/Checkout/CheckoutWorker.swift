import CLibgit2
import Glibc

/// One thread's part of a fan-out: takes folders' worth of entries, reads each blob once, and writes it to every worktree that has it.
///
/// What it reads is collected up to half a megabyte, then written worktree by worktree: so each folder is opened once, and a thread needs
/// two descriptors however many worktrees there are.
final class CheckoutWorker {
    let shared: FanOut
    private let number: Int
    let reader: ObjectReader
    var attributes: [Int: AttributeReader] = [:]
    private var collected: [UInt8] = []
    private var pieces: [Piece] = []
    /// By layout: what was left as a filter's input, and in how many files.
    var unfiltered: [Int: [String: Int]] = [:]

    /// Content for some of an entry's worktrees.
    private struct Piece {
        let entry: Int
        let layouts: LayoutSet
        let range: Range<Int>
        /// As in ``TargetWriter/finish(_:position:isInput:path:)``.
        var isInput = false
    }

    /// What a file's worktrees want of its blob.
    struct Variant {
        let wanted: AttributeReader.Wanted
        var layouts: LayoutSet
    }

    /// Larger blobs are written from where they were inflated to.
    static let large = 1 << 20
    private static let longestLink = 1 << 16
    private static let enough = 512 << 10

    init(_ shared: FanOut, number: Int) throws(GitError) {
        (self.shared, self.number) = (shared, number)
        reader = try ObjectReader(Repository(opening: shared.settings.commonDirectory), following: shared.replacements)
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
            } else if entry.isFile, let concerned = variants(of: entry, live) {
                try readConverted(number, entry, concerned)
            } else {
                try readPlain(number, entry, live)
            }
        } catch {
            shared.fail(live, error)
        }
    }

    /// Takes the content from another worktree's file; false when none has it.
    private func copy(_ number: Int, _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet) -> Bool {
        // A blob that is missing is a failure, as with git, even where a file has its content.
        guard entry.isFile, !isReplaced(entry), reader.holds(entry.id), let size = shared.donate(number, upTo: Self.large, to: &collected)
        else { return false }
        pieces.append(Piece(entry: number, layouts: layouts, range: (collected.count - size)..<collected.count))
        return true
    }

    private func readPlain(_ number: Int, _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet) throws(GitError) {
        if copy(number, entry, layouts) { return }
        let size = try reader.size(of: entry.id)
        if entry.isLink, size > Self.longestLink {
            throw GitError(
                code: .system(ENAMETOOLONG), operation: "create the link to", subject: entry.id.hex, message: "its target is too long")
        }
        guard size <= Self.large else { return try readLarge(number, entry, [Variant(wanted: .init(), layouts: layouts)], size) }
        let start = collected.count
        try withBlob(entry.id) { (bytes) in collected.append(contentsOf: bytes) }
        // symlink(2) wants a NUL at the end.
        if entry.isLink { collected.append(0) }
        pieces.append(Piece(entry: number, layouts: layouts, range: start..<collected.count, isInput: isReplaced(entry)))
    }

    func isReplaced(_ entry: CheckoutPlan.Entry) -> Bool { shared.replacements.replaces(entry.id) }

    private func readConverted(_ number: Int, _ entry: CheckoutPlan.Entry, _ variants: [Variant]) throws(GitError) {
        let size = try reader.size(of: entry.id)
        guard size <= Self.large else { return try readLarge(number, entry, variants, size) }
        try withBlob(entry.id) { (bytes) throws(GitError) in
            for variant in variants {
                try convert(bytes, entry, variant) { (result, file, isInput) throws(GitError) in
                    if let file, result.count > Self.large { return try writeMapped(file, entry, variant.layouts, isInput: isInput) }
                    let start = collected.count
                    collected.append(contentsOf: result)
                    pieces.append(Piece(entry: number, layouts: variant.layouts, range: start..<collected.count, isInput: isInput))
                }
            }
        }
    }

    func withName(of entry: CheckoutPlan.Entry, _ body: (_ name: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>) -> Void) {
        shared.plan.withPath(entry) { body($0 + Int(entry.name - entry.path), $0) }
    }

    func withBlob(_ id: ObjectID, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        try reader.withObject(id) { (type, bytes) throws(GitError) in
            guard type == GIT_OBJECT_BLOB else {
                throw GitError(code: .generic, operation: "read the blob", subject: id.hex, message: "it is no blob: 'git fsck' says more")
            }
            try body(bytes)
        }
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
                        let content = UnsafeRawBufferPointer(rebasing: buffer[piece.range])
                        write(content, shared.plan.entries[piece.entry], writer, folder, isInput: piece.isInput)
                        (files, bytes) = (files + 1, bytes + piece.range.count)
                    }
                }
            }
        }
        shared.report(files: files, bytes: bytes)
        pieces.removeAll(keepingCapacity: true)
        collected.removeAll(keepingCapacity: true)
    }

    func withFolder(of entry: CheckoutPlan.Entry, _ writer: TargetWriter, _ body: (Int32) -> Void) {
        shared.plan.withFolderPath(entry) { writer.withFolder($0, body) }
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, _ entry: CheckoutPlan.Entry, _ writer: TargetWriter, _ folder: Int32, isInput: Bool
    ) {
        let position = shared.plan.position(of: entry, in: writer.layout)
        shared.plan.withPath(entry) { path in
            let name = path + Int(entry.name - entry.path)
            if entry.isSubmodule {
                writer.makeSubmodule(name, in: folder, position: position, path: path)
            } else if entry.isLink, shared.settings.makesLinks {
                let destination = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
                writer.link(to: destination, name, in: folder, position: position, isInput: isInput, path: path)
            } else {
                let content = entry.isLink ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes
                writer.write(
                    content, name, in: folder, isExecutable: entry.isExecutable, position: position, isInput: isInput, path: path)
            }
        }
    }
}
