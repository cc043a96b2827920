/// What files' attributes make of their blobs.
extension CheckoutWorker {
    /// What the worktrees' attributes say; nil when they change nothing anywhere: then the file may be copied.
    func variants(of entry: CheckoutPlan.Entry, _ layouts: LayoutSet) -> [Variant]? {
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
    func convert(
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
        wanted.conversion.streamsIdent ? entry.id : try shared.replacements.resolve(entry.id)
    }

    /// Counts what Czar does not run; false where there is nothing.
    func leaveInput(_ variant: Variant, _ small: UnsafeRawBufferPointer?) -> Bool {
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
}
