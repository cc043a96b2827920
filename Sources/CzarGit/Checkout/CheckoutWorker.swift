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
        /// As in ``TargetWriter/finish(_:position:isInput:path:)``.
        var isInput = false
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
    private static let filesAtOnce = 8
    private static let mappedAtOnce = 4 << 20

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

    private func isReplaced(_ entry: CheckoutPlan.Entry) -> Bool { shared.replacements.replaces(entry.id) }

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

    /// A large blob is written at once: copied, or piece by piece where it can be read so, else from memory, within the budget.
    private func readLarge(_ number: Int, _ entry: CheckoutPlan.Entry, _ variants: [Variant], _ size: Int) throws(GitError) {
        let stored = try reader.storedBlob(entry.id, size: size)
        let isConverted = variants.contains { $0.wanted.conversion != TextConversion() }
        let donor = entry.isFile && !isConverted && !isReplaced(entry) ? shared.donorFile(for: number, size: size) : nil
        if !isConverted, stored != nil || donor != nil {
            let isInput = variants.count { leaveInput($0, nil) } > 0 || isReplaced(entry)
            let layouts = variants.reduce(0) { $0 | $1.layouts }
            return try writeInPieces(entry, layouts, isInput: isInput, copying: donor, size) { (use) throws(GitError) in
                if let stored { return try reader.read(stored, use) }
                try withinBudget(entry, size, size * 2, .delta) { () throws(GitError) in try withBlob(entry.id, use) }
            }
        }
        // A delta is put together beside its base; a conversion beside its input, and a character can take four times as much.
        let isEncoded = variants.contains { $0.wanted.conversion.encoding != nil }
        let memory = size * (1 + (stored == nil ? 1 : 0) + (isConverted ? 1 : 0) + (isEncoded ? 4 : 0))
        try withinBudget(entry, size, memory, stored == nil ? .delta : .conversion) { () throws(GitError) in
            try withBlob(entry.id) { (bytes) throws(GitError) in
                for variant in variants {
                    try convert(bytes, entry, variant) { (result, _, isInput) throws(GitError) in
                        for writer in writers(variant.layouts) {
                            withFolder(of: entry, writer) { write(result, entry, writer, $0, isInput: isInput) }
                            shared.report(files: 1, bytes: result.count)
                        }
                    }
                }
            }
        }
    }

    /// Waits until there is room for a blob; one for which there never is has the memory alone, and is told before.
    private func withinBudget(
        _ entry: CheckoutPlan.Entry, _ size: Int, _ memory: Int, _ why: LargeFile.Reason, _ body: () throws(GitError) -> Void
    ) throws(GitError) {
        if size > shared.budget.bytes {
            let path = shared.plan.withPath(entry) { RepositoryPath(cString: $0) }
            shared.announce(LargeFile(path: path, size: size, why: why, memory: memory))
        }
        try shared.budget.with(memory, body)
    }

    private func writers(_ layouts: LayoutSet) -> [TargetWriter] { shared.writers.filter { $0.isLive && $0.bit & layouts != 0 } }

    /// Writes a file that `read` lends in pieces, to a few worktrees at a time, so that a low limit of open files is enough; `read` is called
    /// for each few, unless `donor` has the content.
    private func writeInPieces(
        _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet, isInput: Bool = false, copying donor: DonorFile? = nil, _ size: Int = 0,
        _ read: ((UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) -> Void
    ) throws(GitError) {
        let all = writers(layouts)
        for start in stride(from: 0, to: all.count, by: Self.filesAtOnce) {
            var files: [(writer: TargetWriter, file: TargetFile)] = []
            for writer in all[start..<min(all.count, start + Self.filesAtOnce)] {
                withFolder(of: entry, writer) { folder in
                    withName(of: entry) { name, path in
                        guard let file = writer.create(name, in: folder, isExecutable: entry.isExecutable, path: path) else { return }
                        files.append((writer, file))
                    }
                }
            }
            // Closed also when reading fails: the worktree is taken back by whoever wanted it.
            defer {
                for (writer, file) in files {
                    let position = shared.plan.position(of: entry, in: writer.layout)
                    withName(of: entry) { writer.finish(file, position: position, isInput: isInput, path: $1) }
                }
            }
            if let donor, copy(donor, to: files, entry, size) { continue }
            try read { (bytes) throws(GitError) in
                guard shared.goesOn() else { throw FanOut.stopped }
                for index in files.indices {
                    withName(of: entry) { files[index].writer.append(bytes, to: &files[index].file, path: $1) }
                    shared.report(files: 0, bytes: bytes.count)
                }
            }
            shared.report(files: files.count, bytes: 0)
        }
    }

    /// False, with the files empty, when the donor's file was changed meanwhile.
    private func copy(
        _ donor: DonorFile, to files: [(writer: TargetWriter, file: TargetFile)], _ entry: CheckoutPlan.Entry, _ size: Int
    ) -> Bool {
        var isWhole = true
        for (writer, file) in files where shared.goesOn() {
            withName(of: entry) { _, path in
                isWhole = writer.copy(donor.descriptor, to: file.descriptor, size, shared.copier, path: path) == size && isWhole
            }
            shared.report(files: 1, bytes: size)
        }
        if isWhole, donor.isUnmodified { return true }
        for (writer, file) in files { withName(of: entry) { writer.empty(file.descriptor, path: $1) } }
        return false
    }

    private func withName(of entry: CheckoutPlan.Entry, _ body: (_ name: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>) -> Void) {
        shared.plan.withPath(entry) { body($0 + Int(entry.name - entry.path), $0) }
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

    /// What the worktrees' attributes say; nil when they change nothing anywhere: then the file may be copied.
    private func variants(of entry: CheckoutPlan.Entry, _ layouts: LayoutSet) -> [Variant]? {
        guard shared.hasAttributes else { return nil }
        var result: [Variant] = []
        var rest = layouts
        while rest != 0 {
            let bit = rest & (~rest + 1)
            rest &= rest - 1
            let kind = shared.attributeKind(of: bit.trailingZeroBitCount)
            var wanted = AttributeReader.Wanted()
            if shared.concerns(kind, entry) {
                wanted = attributeReader(kind).wanted(for: shared.plan.withPath(entry) { RepositoryPath(cString: $0).bytes })
            }
            if let same = result.firstIndex(where: { $0.wanted == wanted }) {
                result[same].layouts |= bit
            } else {
                result.append(Variant(wanted: wanted, layouts: bit))
            }
        }
        return result.contains { $0.wanted != AttributeReader.Wanted() } ? result : nil
    }

    private func attributeReader(_ kind: Int) -> AttributeReader {
        if let known = attributes[kind] { return known }
        let made = shared.makeAttributeReader(kind)
        attributes[kind] = made
        return made
    }

    /// Lends what is to be written, the file it is the content of, if it is one, and whether it is the input of what Czar does not run.
    private func convert(
        _ bytes: UnsafeRawBufferPointer, _ entry: CheckoutPlan.Entry, _ variant: Variant,
        _ use: (UnsafeRawBufferPointer, MappedFile?, Bool) throws(GitError) -> Void
    ) throws(GitError) {
        if variant.wanted.filter == "lfs", let object = try shared.largeObjects.content(of: bytes) {
            return try use(object.bytes, object, isReplaced(entry))
        }
        var isInput = leaveInput(variant, bytes) || isReplaced(entry)
        let converted = variant.wanted.conversion.apply(to: bytes, of: try keyword(of: entry, variant.wanted))
        if converted.isUnencoded, let encoding = variant.wanted.conversion.encoding {
            leave("working-tree-encoding=\(encoding.name)", variant.layouts)
            isInput = true
        }
        guard let result = converted.bytes else { return try use(bytes, nil, isInput) }
        try result.span.withUnsafeBytes { (bytes) throws(GitError) in try use(bytes, nil, isInput) }
    }

    /// The id that stands for `$Id$`. Where a blob is replaced, git takes the original's as long as it converts piece by piece, else that
    /// of what it has read.
    private func keyword(of entry: CheckoutPlan.Entry, _ wanted: AttributeReader.Wanted) throws(GitError) -> ObjectID {
        let isInPieces = wanted.conversion.lineEnds != .carriageReturnsInText && wanted.filter == nil && wanted.conversion.encoding == nil
        return isInPieces ? entry.id : try shared.replacements.resolve(entry.id)
    }

    /// A file of the LFS store, whose pages are let go of on the way.
    private func writeMapped(
        _ file: MappedFile, _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet, isInput: Bool
    ) throws(GitError) {
        try writeInPieces(entry, layouts, isInput: isInput) { (use) throws(GitError) in
            for start in stride(from: 0, to: file.bytes.count, by: Self.mappedAtOnce) {
                try use(UnsafeRawBufferPointer(rebasing: file.bytes[start..<min(file.bytes.count, start + Self.mappedAtOnce)]))
                file.letGo()
            }
        }
    }

    /// Counts what Czar does not run; false where there is nothing.
    private func leaveInput(_ variant: Variant, _ small: UnsafeRawBufferPointer?) -> Bool {
        if let encoding = variant.wanted.unknownEncoding { leave("working-tree-encoding=\(encoding)", variant.layouts) }
        // What is no pointer LFS writes as it is; a large blob is none.
        if let filter = variant.wanted.filter, filter != "lfs" || small.map({ LargeObjects.isPointer($0) }) == true {
            leave("filter=\(filter)", variant.layouts)
            return true
        }
        return variant.wanted.unknownEncoding != nil
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

    private func withFolder(of entry: CheckoutPlan.Entry, _ writer: TargetWriter, _ body: (Int32) -> Void) {
        shared.plan.withFolderPath(entry) { writer.withFolder($0, body) }
    }

    private func write(
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
