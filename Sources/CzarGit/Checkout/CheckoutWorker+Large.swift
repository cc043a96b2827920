/// Blobs that are not collected with others: from memory within a budget, or in pieces.
extension CheckoutWorker {
    private static let filesAtOnce = 8
    private static let mappedAtOnce = 4 << 20

    /// A large blob is written at once: copied, or piece by piece where it can be read so, else from memory, within the budget.
    func readLarge(_ number: Int, _ entry: CheckoutPlan.Entry, _ variants: [Variant], _ size: Int) throws(GitError) {
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

    /// A file of the LFS store, whose pages are let go of on the way.
    func writeMapped(
        _ file: MappedFile, _ entry: CheckoutPlan.Entry, _ layouts: LayoutSet, isInput: Bool
    ) throws(GitError) {
        try writeInPieces(entry, layouts, isInput: isInput) { (use) throws(GitError) in
            for start in stride(from: 0, to: file.bytes.count, by: Self.mappedAtOnce) {
                try use(UnsafeRawBufferPointer(rebasing: file.bytes[start..<min(file.bytes.count, start + Self.mappedAtOnce)]))
                file.letGo()
            }
        }
    }
}
