import SystemPackage

extension RepositoryLocation {
    /// The references that have a file of their own which cannot be read. Packed ones are read together, and with them all of these.
    ///
    /// - Complexity: O(files below `refs`).
    package func unreadableReferences() throws(GitError) -> [(name: String, error: ReferenceError)] {
        var names: [String] = []
        try onFiles { () throws(FileError) in
            try forEachFile(below: joinPath(commonDirectory, "refs")) { (path) throws(FileError) in
                if !path.hasSuffix(".lock") { names.append(String(path.dropFirst(commonDirectory.count + 1))) }
            }
        }
        let repository = try Repository(opening: commonDirectory)
        var found: [(name: String, error: ReferenceError)] = []
        for name in names.sorted() {
            do throws(ReferenceError) { _ = try repository.referenceTarget(name) } catch {
                // What has no reference's name is none.
                guard case .git = error else { continue }
                found.append((name, error))
            }
        }
        return found
    }
}
