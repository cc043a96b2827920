extension CommitGraph {
    /// A commit to which a graph file gives one of these trees, and that has another one: a file can be damaged and have a right checksum.
    ///
    /// - Complexity: O(commits of the files).
    func commitMisnamed(byFilesAs trees: Set<ObjectID>, in repository: borrowing Repository) throws(GitError) -> ObjectID? {
        guard !trees.isEmpty, files.count > 0 else { return nil }
        let reader = try CommitReader(repository, overrides: overrides)
        for layer in files.layers {
            for index in 0..<layer.count where trees.contains(layer.tree(index)) {
                do throws(GitError) {
                    if try reader.commit(layer.id(index)).tree != layer.tree(index) { return layer.id(index) }
                } catch {
                    // What cannot be read contradicts nobody.
                    continue
                }
            }
        }
        return nil
    }
}
