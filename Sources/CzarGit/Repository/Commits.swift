import CLibgit2
import Glibc

/// A commit's content.
package struct Commit: Hashable, Sendable {
    package let id: ObjectID
    package let tree: ObjectID
    package let parents: [ObjectID]
    package let author: Signature
    package let committer: Signature
    /// The whole message. Bytes that are no UTF-8 are replaced.
    package let message: String

    /// The first paragraph on one line, as `git log --format=%s` gives it.
    package var subject: String { CommitText.subject(of: message) }
}

extension Repository {
    /// Reads a commit.
    package func commit(_ id: ObjectID) throws(GitError) -> Commit {
        try withCommit(id) { (handle) throws(GitError) in
            let parents = (0..<git_commit_parentcount(handle)).map { ObjectID(git_commit_parent_id(handle, $0).pointee) }
            var content = [UInt8](cString: git_commit_raw_header(handle))
            while content.last == 0x0A { content.removeLast() }
            content += [0x0A, 0x0A] + [UInt8](cString: git_commit_message_raw(handle))
            let text = content.withUnsafeBytes { CommitText($0) }
            return Commit(
                id: id, tree: ObjectID(git_commit_tree_id(handle).pointee), parents: parents, author: text.author,
                committer: text.committer, message: text.message)
        }
    }

    /// The tree of a commit, or of what replaces it, as git sees it.
    package func tree(of commit: ObjectID) throws(GitError) -> ObjectID {
        try withCommit(Replacements(of: self).resolve(commit)) { (handle) throws(GitError) in ObjectID(git_commit_tree_id(handle).pointee) }
    }

    /// Whether the object database holds an object of that id.
    package func holdsObject(_ id: ObjectID) throws(GitError) -> Bool {
        let database = try make("open the object database", commonDirectory) { git_repository_odb(&$0, handle) }
        defer { git_odb_free(database) }
        var raw = id.raw
        return git_odb_exists(database, &raw) == 1
    }

    /// Writes a commit object; no reference moves.
    ///
    /// - Throws: ``GitError`` when the tree or a parent does not exist or the disk is full.
    package func createCommit(
        tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature, message: String
    ) throws(GitError) -> ObjectID {
        let treeHandle = try treeHandle(tree)
        defer { git_tree_free(treeHandle) }
        var parentHandles: [OpaquePointer?] = []
        defer { parentHandles.forEach { git_commit_free($0) } }
        for parent in parents { parentHandles.append(try commitHandle(parent)) }
        let rawAuthor = try author.makeRaw()
        defer { git_signature_free(rawAuthor) }
        let rawCommitter = try committer.makeRaw()
        defer { git_signature_free(rawCommitter) }
        // Not `git_commit_create`: in libgit2 1.5 it returns 0 where the object could not be written.
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try check("write a commit", commonDirectory) {
            git_commit_create_buffer(
                &buffer, handle, rawAuthor, rawCommitter, nil, message, treeHandle, parentHandles.count, &parentHandles)
        }
        let database = try make("open the object database", commonDirectory) { git_repository_odb(&$0, handle) }
        defer { git_odb_free(database) }
        var id = git_oid()
        try check("write a commit", commonDirectory) { git_odb_write(&id, database, buffer.ptr, buffer.size, GIT_OBJECT_COMMIT) }
        return ObjectID(id)
    }

    func commitHandle(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        var raw = id.raw
        return try make("read the commit", id.hex) { git_commit_lookup(&$0, handle, &raw) }
    }

    func treeHandle(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        var raw = id.raw
        return try make("read the tree", id.hex) { git_tree_lookup(&$0, handle, &raw) }
    }

    private func withCommit<Result>(_ id: ObjectID, _ body: (OpaquePointer) throws(GitError) -> Result) throws(GitError) -> Result {
        let commit = try commitHandle(id)
        defer { git_commit_free(commit) }
        return try body(commit)
    }
}

extension [UInt8] {
    fileprivate init(cString text: UnsafePointer<CChar>) {
        self.init(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
