import CzarGit
import CzarPlanning
import Glibc

/// What stands in a worktree at the places of Czar's own files and is not Czar's: notes beside its folder's files, an identity that
/// somebody has written into, a mark with words in it, a folder in the place of one of its files. Git does not show it, and it is somebody's work all the same.
struct OwnPlaces {
    let worktree: String
    /// The worktree's own git directory.
    let entry: String
    /// What Czar would write into the identity file now; nil where the plan does not have the worker any more.
    let identity: String?

    /// - Complexity: O(files in `.czar`).
    func strangers(_ repository: borrowing Repository) throws -> [RepositoryPath] {
        var found: [RepositoryPath] = []
        if FileKind(at: worktree + "/" + WorkerFiles.folder) == .folder { found += try files(below: WorkerFiles.folder, isOwn: isOwn) }
        found += try strangers(at: WorkerFiles.identity, expected: try written())
        found += try strangers(at: Self.mark, expected: [])
        guard !found.isEmpty, let head = try repository.head().commit else { return found.sorted() }
        let tree = try repository.tree(of: head)
        return try found.filter { try !repository.tracks($0, in: tree) }.sorted()
    }

    private static let mark = ".WORKER_COMPLETE"

    private func written() throws -> [String] {
        let copies = try [WorkerFiles.writtenIdentity, WorkerFiles.comingIdentity].compactMap { name in
            try fileContent(entry + "/" + name).map { String(decoding: $0, as: UTF8.self) }
        }
        return copies.isEmpty ? [identity].compactMap { $0 } : copies
    }

    /// What is under that name, unless it is a file with expected words; of a folder all that is in it.
    private func strangers(at name: String, expected: [String]) throws -> [RepositoryPath] {
        switch FileKind(at: worktree + "/" + name) {
        case nil, .other: return []
        case .symlink: return [RepositoryPath(name)]
        case .folder: return try files(below: name) { _, _ in false }
        case .file:
            let text = String(decoding: try fileContent(worktree + "/" + name) ?? [], as: UTF8.self)
            return !expected.contains(text) && !text.allSatisfy(\.isWhitespace) ? [RepositoryPath(name)] : []
        }
    }

    /// The files and links in a folder, however deep, without Czar's own.
    private func files(below folder: String, isOwn: (_ path: String, _ kind: FileKind) throws -> Bool) throws -> [RepositoryPath] {
        var found: [RepositoryPath] = []
        var waiting = [Array(folder.utf8)]
        let root = try Folder(opening: worktree)
        while let path = waiting.popLast() {
            for (name, kind) in try root.children(of: path) {
                let below = path + [0x2F] + name
                if try isOwn(String(decoding: below, as: UTF8.self), kind) { continue }
                switch kind {
                case .folder: waiting.append(below)
                case .file, .symlink: found.append(RepositoryPath(bytes: below))
                case .other: continue
                }
            }
        }
        return found
    }

    /// What Czar writes there, what a worker reports through, and pieces that a killed process of Czar's left. Where a folder has a name of
    /// these, or a file has other words than Czar or a worker's report, it is somebody's.
    private func isOwn(_ path: String, _ kind: FileKind) throws -> Bool {
        let (folder, name) = splitPath(path)
        guard kind == .file else {
            // One that was to take the place of the other is named after that.
            return kind == .symlink && (path == WorkerFiles.program || path.hasPrefix(WorkerFiles.folder + "/.czar."))
        }
        let own = [
            WorkerFiles.events, WorkerFiles.log, WorkerFiles.folder + "/events.bad", WorkerFiles.folder + "/" + WorkerFiles.identity,
            WorkerFiles.folder + "/" + WorkerFiles.writtenIdentity, WorkerFiles.folder + "/" + WorkerFiles.comingIdentity,
            WorkerFiles.folder + "/" + WorkerFiles.writtenPrompt,
        ]
        if own.contains(path) || Piece.isOne(name) { return true }
        if path == WorkerFiles.prompt { return try PromptFile(worktree: worktree, entry: entry).isAsWritten() }
        if folder == WorkerFiles.outbox { return try isReport(path) }
        guard folder == Self.refused else { return false }
        // Beside what was refused is the reason.
        let isReason = name.hasSuffix(".reason") && FileKind(at: worktree + "/" + path.dropLast(".reason".count)) != nil
        return try isReason || isReport(path)
    }

    private static let refused = WorkerFiles.outbox + "/refused"

    /// Whether a file is an event in one of the forms that are taken in, be it for another worker or of a reserved type.
    private func isReport(_ path: String) throws -> Bool {
        let bytes = try fileContent(worktree + "/" + path) ?? []
        do throws(EventRefusal) {
            _ = try EventAdmission.line(bytes)
            return true
        } catch {
            return bytes.isEmpty
        }
    }
}
