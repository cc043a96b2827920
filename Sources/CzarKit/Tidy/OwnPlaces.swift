import CzarGit
import CzarPlanning
import Glibc

/// What stands in a worktree at the places of Czar's own files and is not Czar's: notes beside its folder's files, an identity that
/// somebody has written into, a mark with words in it. Git does not show it, and it is somebody's work all the same.
struct OwnPlaces {
    let worktree: String
    /// The worktree's own git directory.
    let entry: String
    /// What Czar would write into the identity file now; nil where the plan does not have the worker any more.
    let identity: String?

    /// - Complexity: O(files in `.czar`).
    func strangers(_ repository: borrowing Repository) throws -> [RepositoryPath] {
        var found = try filesInFolder()
        if try isWrittenInto(WorkerFiles.identity, expected: try written()) { found.append(RepositoryPath(WorkerFiles.identity)) }
        if try isWrittenInto(Self.mark, expected: nil) { found.append(RepositoryPath(Self.mark)) }
        guard !found.isEmpty, let head = try repository.head().commit else { return found.sorted() }
        let tree = try repository.tree(of: head)
        return try found.filter { try !repository.tracks($0, in: tree) }.sorted()
    }

    private static let mark = ".WORKER_COMPLETE"

    private func written() throws -> String? {
        try fileContent(entry + "/" + WorkerFiles.writtenIdentity).map { String(decoding: $0, as: UTF8.self) } ?? identity
    }

    /// Whether there is a file of that name with other words than the expected ones, or something else than a file.
    private func isWrittenInto(_ name: String, expected: String?) throws -> Bool {
        switch FileKind(at: worktree + "/" + name) {
        case nil, .other, .folder: return false
        case .symlink: return true
        case .file:
            let text = String(decoding: try fileContent(worktree + "/" + name) ?? [], as: UTF8.self)
            return text != expected && !text.allSatisfy(\.isWhitespace)
        }
    }

    private func filesInFolder() throws -> [RepositoryPath] {
        guard FileKind(at: worktree + "/" + WorkerFiles.folder) == .folder else { return [] }
        var found: [RepositoryPath] = []
        var waiting = [Array(WorkerFiles.folder.utf8)]
        let root = try Folder(opening: worktree)
        while let path = waiting.popLast() {
            for (name, kind) in try root.children(of: path) {
                let below = path + [0x2F] + name
                if Self.isOwn(below) { continue }
                switch kind {
                case .folder: waiting.append(below)
                case .file, .symlink: found.append(RepositoryPath(bytes: below))
                case .other: continue
                }
            }
        }
        return found
    }

    /// What Czar writes there, what a worker reports through, and pieces that a killed process of Czar's left.
    private static func isOwn(_ path: [UInt8]) -> Bool {
        let text = String(decoding: path, as: UTF8.self)
        let own = [
            WorkerFiles.prompt, WorkerFiles.program, WorkerFiles.outbox, WorkerFiles.events, WorkerFiles.log,
            WorkerFiles.folder + "/events.bad", WorkerFiles.folder + "/" + WorkerFiles.identity,
            WorkerFiles.folder + "/" + WorkerFiles.writtenIdentity,
        ]
        return own.contains(text) || text.hasPrefix(WorkerFiles.folder + "/.") && (text.hasSuffix(".tmp") || text.hasPrefix(".czar/.czar."))
    }
}
