import CLibgit2

extension Repository {
    /// Of a worktree's files that were written from these blobs: which hold the input of a filter or encoding that Czar does not run, as
    /// ``CheckoutReport/unfiltered`` names them. The attributes are those of a tree.
    /// - Complexity: O(files).
    func unfiltered(_ entries: [TreeEntry], attributesOf tree: ObjectID) throws(GitError) -> [String: Int] {
        let settings = try CheckoutSettings(self)
        let sources = try attributeSources(of: try files(in: tree), settings)
        if AttributeRelevance(sources, settings).isEmpty { return [:] }
        let attributes = AttributeReader(settings, sources)
        let reader = try ObjectReader(self, following: Replacements(of: self))
        let largeObjects = LargeObjects(settings: settings)
        var found: [String: Int] = [:]
        for entry in entries.sorted(by: { $0.path < $1.path }) where entry.mode & 0o170000 == 0o100000 && fileFacts(entry.path) != nil {
            let wanted = attributes.wanted(for: entry.path.bytes)
            if let encoding = wanted.unknownEncoding { found["working-tree-encoding=\(encoding)", default: 0] += 1 }
            if let encoding = wanted.conversion.encoding, try !isEncoded(entry.id, encoding, reader) {
                found["working-tree-encoding=\(encoding.name)", default: 0] += 1
            }
            guard let filter = wanted.filter else { continue }
            if filter == "lfs", try !isLeftPointer(entry.id, reader, largeObjects) { continue }
            found["filter=\(filter)", default: 0] += 1
        }
        return found
    }

    /// What a checkout of these files goes by; of two for one path the later counts.
    func attributes(of entries: [TreeEntry]) throws(GitError) -> AttributeReader {
        let settings = try CheckoutSettings(self)
        return AttributeReader(settings, try attributeSources(of: entries, settings))
    }

    private func attributeSources(of entries: [TreeEntry], _ settings: CheckoutSettings) throws(GitError) -> AttributeSources {
        let named = entries.filter { $0.path.name.elementsEqual(".gitattributes".utf8) }
        return try AttributeSources(outsideOfTrees: settings, with: named.map { AttributeFile(path: $0.path, id: $0.id) }, of: self)
    }

    /// Whether a checkout of a blob can encode it.
    private func isEncoded(
        _ id: ObjectID, _ encoding: WorkingTreeEncoding, _ reader: borrowing ObjectReader
    ) throws(GitError) -> Bool {
        try reader.withObject(id) { (_, bytes) in encoding.encode(bytes) != nil }
    }

    /// Whether a blob is a pointer whose object is not in the local store of LFS.
    private func isLeftPointer(_ id: ObjectID, _ reader: borrowing ObjectReader, _ objects: LargeObjects) throws(GitError) -> Bool {
        guard try reader.size(of: id) < LargeObjects.longestPointer else { return false }
        var isLeft = false
        try reader.withObject(id) { (_, bytes) throws(GitError) in
            if LargeObjects.isPointer(bytes) { isLeft = try objects.content(of: bytes) == nil }
        }
        return isLeft
    }
}
