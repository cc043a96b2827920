import CLibgit2

/// A piece of a patch: usually a line with its line end.
package struct PatchLine: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `diff --git`, modes, names, ids.
        case header
        /// `@@ -1,3 +1,4 @@`.
        case hunk
        case context
        case added
        case removed
    }

    package let kind: Kind
    /// Exactly what git would print.
    package let bytes: [UInt8]

    init(_ kind: Kind, _ bytes: [UInt8]) { (self.kind, self.bytes) = (kind, bytes) }
}

extension Repository {
    /// Gives the patch of a change to `body`, piece by piece, as `git diff -M` prints it with default settings.
    ///
    /// - Parameters:
    ///   - changes: those of ``changes(from:to:renames:)``.
    ///   - body: is called in order, for each file its header first.
    /// - Complexity: O(changed files); each pair of blobs is compared once more.
    /// - Throws: ``GitError`` with ``GitError/Code/notFound`` where a partial clone lacks a blob.
    package func patch(of changes: TreeChanges, _ body: (PatchLine) -> Void) throws(GitError) {
        let form = try PatchForm(self)
        for file in changes.files {
            if file.status == .typeChanged {
                // git shows the end of the one file and the beginning of the other.
                try patch(of: file.deletion, form, body)
                try patch(of: file.addition, form, body)
            } else {
                try patch(of: file, form, body)
            }
        }
    }

    private func patch(of file: FileChange, _ form: PatchForm, _ body: (PatchLine) -> Void) throws(GitError) {
        let similarity = file.status == .renamed ? try RenameDetection.percent(of: file, in: self) : nil
        for line in try form.header(of: file, similarity: similarity, in: self) { body(PatchLine(.header, line)) }
        if let old = file.oldID, let new = file.newID, old == new { return }
        if file.isBinary { return body(PatchLine(.header, form.binary(file))) }
        var names: [PatchLine]? = form.names(of: file).map { PatchLine(.header, $0) }
        try hunks(of: file) { line in
            names?.forEach(body)
            names = nil
            body(line)
        }
    }

    private func hunks(of file: FileChange, _ body: (PatchLine) -> Void) throws(GitError) {
        let before = try content(file.oldID, file.oldMode)
        let after = try content(file.newID, file.newMode)
        var options = try git_diff_options.plain()
        options.flags |= GIT_DIFF_INDENT_HEURISTIC.rawValue | GIT_DIFF_FORCE_TEXT.rawValue
        try withPatch(from: before, to: after, of: file.path, options) { (patch) throws(GitError) in
            guard let patch else { return }
            for number in 0..<git_patch_num_hunks(patch) { try hunk(number, of: patch, file, body) }
        }
    }

    private func hunk(_ number: Int, of patch: OpaquePointer, _ file: FileChange, _ body: (PatchLine) -> Void) throws(GitError) {
        var hunk: UnsafePointer<git_diff_hunk>?
        var count = 0
        try check("read a hunk of", file.path.description) { git_patch_get_hunk(&hunk, &count, patch, number) }
        guard let hunk else { return }
        body(PatchLine(.hunk, withUnsafeBytes(of: hunk.pointee.header) { Array($0.prefix(hunk.pointee.header_len)) }))
        for index in 0..<count {
            var line: UnsafePointer<git_diff_line>?
            try check("read a line of", file.path.description) { git_patch_get_line_in_hunk(&line, patch, number, index) }
            if let line { body(PatchLine(line.pointee)) }
        }
    }

    private func content(_ id: ObjectID?, _ mode: UInt32) throws(GitError) -> [UInt8] {
        guard let id else { return [] }
        return mode & 0o170000 == 0o160000 ? Array("Subproject commit \(id.hex)\n".utf8) : try blob(id)
    }
}

extension PatchLine {
    fileprivate init(_ raw: git_diff_line) {
        let content = UnsafeRawBufferPointer(start: raw.content, count: raw.content_len)
        switch UInt8(bitPattern: raw.origin) {
        case UInt8(ascii: "+"): self.init(.added, [UInt8(ascii: "+")] + content)
        case UInt8(ascii: "-"): self.init(.removed, [UInt8(ascii: "-")] + content)
        case UInt8(ascii: " "): self.init(.context, [UInt8(ascii: " ")] + content)
        // What is said about a last line without its end, with the line end that is missing.
        default: self.init(.context, Array(content))
        }
    }
}

extension FileChange {
    fileprivate var deletion: FileChange {
        FileChange(
            status: .deleted, oldPath: oldPath, newPath: nil, oldID: oldID, newID: nil, oldMode: oldMode, newMode: 0, insertions: 0,
            deletions: deletions, isBinary: isBinary)
    }

    fileprivate var addition: FileChange {
        FileChange(
            status: .added, oldPath: nil, newPath: newPath, oldID: nil, newID: newID, oldMode: 0, newMode: newMode,
            insertions: insertions, deletions: 0, isBinary: isBinary)
    }
}
