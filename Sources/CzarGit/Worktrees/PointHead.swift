extension WorktreeEntry {
    /// Lets HEAD name a branch that is at its commit, so that no file changes. What a killed process was writing there goes.
    package func pointHead(at branch: String) throws(FileError) {
        let folder = try Folder(opening: gitDirectory)
        for piece in try folder.leftPieces(of: "HEAD") { try folder.removeFile(piece) }
        try folder.write("ref: refs/heads/\(branch)\n".utf8, to: "HEAD")
    }
}
