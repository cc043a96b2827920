import CLibgit2

extension Repository {
    /// Of a worktree's files that were written from these blobs: which hold the input of a filter or encoding that Czar does not run, as
    /// ``CheckoutReport/unfiltered`` names them. The attributes are those of a tree.
    /// - Complexity: O(files).
    func unfiltered(_ entries: [TreeEntry], attributesOf tree: ObjectID) throws(GitError) -> [String: Int] {
        let settings = try CheckoutSettings(self)
        let named = try files(in: tree).filter { $0.path.bytes.split(separator: 0x2F).last?.elementsEqual(".gitattributes".utf8) == true }
        let sources = try AttributeSources(
            outsideOfTrees: settings, with: named.map { AttributeFile(path: $0.path, id: $0.id) }, of: self)
        if AttributeRelevance(sources, settings).isEmpty { return [:] }
        let attributes = AttributeReader(settings, sources)
        let reader = try ObjectReader(self)
        let largeObjects = LargeObjects(settings: settings)
        var found: [String: Int] = [:]
        for entry in entries.sorted(by: { $0.path < $1.path }) where entry.mode & 0o170000 == 0o100000 && fileFacts(entry.path) != nil {
            let wanted = attributes.wanted(for: entry.path.bytes)
            if let encoding = wanted.encoding { found["working-tree-encoding=\(encoding)", default: 0] += 1 }
            guard let filter = wanted.filter else { continue }
            if filter == "lfs", try !isLeftPointer(entry.id, reader, largeObjects) { continue }
            found["filter=\(filter)", default: 0] += 1
        }
        return found
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
