import CLibgit2
import SystemPackage

extension AttributeSources {
    /// Those of the system, of the user and of the repository.
    init(outsideOfTrees settings: CheckoutSettings) throws(GitError) {
        for path in settings.generalAttributes { if let list = try Self.list(path) { general.append(list) } }
        info = try Self.list(settings.repositoryAttributes)
    }

    /// Those that count for files that are committed: each folder's own file, or the one of the index where a folder has none.
    /// - Complexity: O(folders on the way to the paths).
    init(of repository: borrowing Repository, concerning paths: [RepositoryPath], _ settings: CheckoutSettings) throws(GitError) {
        try self.init(outsideOfTrees: settings)
        guard let root = repository.worktree else { return }
        let reader = try onFiles { () throws(FileError) in try FolderReader(opening: root) }
        let index = try make("read the index of", root) { git_repository_index(&$0, repository.handle) }
        defer { git_index_free(index) }
        for folder in CzarGit.folders(of: paths).union([[]]) {
            let file = RepositoryPath(bytes: folder + Array(".gitattributes".utf8))
            if let content = try reader.content(of: file.bytes) {
                folders[Array(folder)] = AttributeList(file: content, mayDefineMacros: folder.isEmpty)
            } else if let entry = file.withCString({ git_index_get_bypath(index, $0, 0)?.pointee }), entry.mode & 0o170000 != 0o160000 {
                folders[Array(folder)] = AttributeList(blob: try repository.blob(ObjectID(entry.id)), mayDefineMacros: folder.isEmpty)
            }
        }
    }

    private static func list(_ path: String) throws(GitError) -> AttributeList? {
        do throws(FileError) {
            return try fileContent(path).map { AttributeList(file: $0) }
        } catch {
            // git goes on without attributes that it may not read, and warns.
            if error.errno == .permissionDenied { return nil }
            throw GitError(error)
        }
    }
}
