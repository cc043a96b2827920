import CzarGit
import CzarPlanning

/// A person who has taken a worker over (`czar attach --take-over`): while that session lives, nothing else is started in its worktree.
///
/// Who it is stands in a file below the common dir, as of the daemon. The session takes this program's place in the same process, so the file
/// tells the truth as long as somebody reads it: a process that has ended holds nothing, and nobody has to clear up after it.
package struct PersonSession: Hashable, Sendable {
    package let process: ProcessIdentity

    /// Makes this process the one that holds the worker.
    /// - Throws: ``OperationError/inPersonsHands(worker:pid:)`` while another session lives.
    package static func begin(_ worker: WorkerDefinition, _ project: ProjectLayout) throws {
        let own = try ProcessIdentity.current()
        try project.withLock("sessions") {
            if let other = try of(worker.key, project), other.process != own {
                throw OperationError.inPersonsHands(worker: worker.id, pid: other.process.pid)
            }
            let folder = try Folder(opening: project.stateFolder).subfolder("sessions", creating: .asParent)
            try folder.write((own.text + "\n").utf8, to: name(worker.key), mode: .asParent, durable: false)
        }
    }

    /// Refuses what would start something beside a person's session.
    static func requireNone(_ worker: WorkerDefinition, _ project: ProjectLayout) throws {
        guard let session = try of(worker.key, project) else { return }
        throw OperationError.inPersonsHands(worker: worker.id, pid: session.process.pid)
    }

    /// The session that lives; nil when nobody has the worker.
    static func of(_ worker: WorkerKey, _ project: ProjectLayout) throws -> PersonSession? {
        let path = project.stateFolder + "/sessions"
        guard FileKind(at: path) == .folder, let bytes = try Folder(opening: path).read(name(worker)),
            let process = ProcessIdentity(text: String(decoding: bytes, as: UTF8.self).firstLine), process.isAlive
        else { return nil }
        return PersonSession(process: process)
    }

    /// Forgets them all: in a copied repository they are the original's.
    static func clear(_ project: ProjectLayout) throws {
        guard FileKind(at: project.stateFolder + "/sessions") == .folder else { return }
        try Folder(opening: project.stateFolder).removeTree("sessions")
    }

    /// Two phases may have a worker of one id.
    private static func name(_ worker: WorkerKey) -> String { "\(AttemptID(worker, number: 0).safePhase)-\(worker.id)" }
}
