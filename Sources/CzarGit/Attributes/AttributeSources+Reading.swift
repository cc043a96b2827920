import SystemPackage

extension AttributeSources {
    /// Those of the system, of the user and of the repository.
    init(outsideOfTrees settings: CheckoutSettings) throws(GitError) {
        for path in settings.generalAttributes { if let list = try Self.list(path) { general.append(list) } }
        info = try Self.list(settings.repositoryAttributes)
    }

    /// The same, with those of a tree.
    init(
        outsideOfTrees settings: CheckoutSettings, with files: [AttributeFile], of repository: borrowing Repository
    ) throws(GitError) {
        try self.init(outsideOfTrees: settings)
        guard !files.isEmpty else { return }
        let replacements = try Replacements(of: repository)
        for file in files {
            let blob = try repository.blob(replacements.resolve(file.id))
            folders[file.folder] = AttributeList(blob: blob, mayDefineMacros: file.folder.isEmpty)
        }
    }

    /// Those that count for files that are committed: each folder's own file, or the one of the index where a folder has none.
    ///
    /// `index` answers the blob that the index has at a path.
    /// - Complexity: O(folders on the way to the paths).
    init(
        of repository: borrowing Repository, concerning paths: [RepositoryPath], _ settings: CheckoutSettings,
        index: (RepositoryPath) throws(GitError) -> ObjectID?
    ) throws(GitError) {
        try self.init(outsideOfTrees: settings)
        guard let root = repository.worktree else { return }
        let reader = try onFiles { () throws(FileError) in try FolderReader(opening: root) }
        for folder in CzarGit.folders(of: paths).union([[]]) {
            let file = RepositoryPath(bytes: folder + Array(".gitattributes".utf8))
            if let content = try reader.content(of: file.bytes) {
                folders[Array(folder)] = AttributeList(file: content, mayDefineMacros: folder.isEmpty)
            } else if let id = try index(file) {
                folders[Array(folder)] = AttributeList(blob: try repository.blob(id), mayDefineMacros: folder.isEmpty)
            }
        }
    }

    private static func list(_ path: String) throws(GitError) -> AttributeList? {
        do throws(FileError) {
            return try fileContent(path).map { AttributeList(file: $0) }
        } catch {
            // git goes on without attributes that it may not read, or that are no file, and warns.
            if [.permissionDenied, .isDirectory].contains(error.errno) || error.isNotPlainFile { return nil }
            throw GitError(error)
        }
    }
}
