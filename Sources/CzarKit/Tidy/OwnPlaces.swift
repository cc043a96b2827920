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
        if FileKind(at: worktree + "/" + WorkerFiles.folder) == .folder { found += try files(below: WorkerFiles.folder, isOwn: Self.isOwn) }
        found += try strangers(at: WorkerFiles.identity, expected: try written())
        found += try strangers(at: Self.mark, expected: nil)
        guard !found.isEmpty, let head = try repository.head().commit else { return found.sorted() }
        let tree = try repository.tree(of: head)
        return try found.filter { try !repository.tracks($0, in: tree) }.sorted()
    }

    private static let mark = ".WORKER_COMPLETE"

    private func written() throws -> String? {
        try fileContent(entry + "/" + WorkerFiles.writtenIdentity).map { String(decoding: $0, as: UTF8.self) } ?? identity
    }

    /// What is under that name, unless it is a file with the expected words; of a folder all that is in it.
    private func strangers(at name: String, expected: String?) throws -> [RepositoryPath] {
        switch FileKind(at: worktree + "/" + name) {
        case nil, .other: return []
        case .symlink: return [RepositoryPath(name)]
        case .folder: return try files(below: name) { _, _ in false }
        case .file:
            let text = String(decoding: try fileContent(worktree + "/" + name) ?? [], as: UTF8.self)
            return text != expected && !text.allSatisfy(\.isWhitespace) ? [RepositoryPath(name)] : []
        }
    }

    /// The files and links in a folder, however deep, without Czar's own.
    private func files(below folder: String, isOwn: (_ path: String, _ kind: FileKind) -> Bool) throws -> [RepositoryPath] {
        var found: [RepositoryPath] = []
        var waiting = [Array(folder.utf8)]
        let root = try Folder(opening: worktree)
        while let path = waiting.popLast() {
            for (name, kind) in try root.children(of: path) {
                let below = path + [0x2F] + name
                if isOwn(String(decoding: below, as: UTF8.self), kind) { continue }
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
    /// these, what is in it is somebody's.
    private static func isOwn(_ path: String, _ kind: FileKind) -> Bool {
        guard kind == .file || kind == .symlink else { return false }
        if path == WorkerFiles.program || path.hasPrefix(WorkerFiles.folder + "/.czar.") { return true }
        guard kind == .file else { return false }
        let own = [
            WorkerFiles.prompt, WorkerFiles.events, WorkerFiles.log, WorkerFiles.folder + "/events.bad",
            WorkerFiles.folder + "/" + WorkerFiles.identity, WorkerFiles.folder + "/" + WorkerFiles.writtenIdentity,
        ]
        // What was reported, and what of it was refused.
        let reports = [WorkerFiles.outbox, WorkerFiles.outbox + "/refused"]
        return own.contains(path) || reports.contains(splitPath(path).folder)
            || path.hasPrefix(WorkerFiles.folder + "/.") && path.hasSuffix(".tmp")
    }
}
