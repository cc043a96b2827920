import CzarGit
import CzarPlanning
import SystemPackage

/// One daemon per repository: a lock that its process holds for its whole life, and a file that says who it is.
package struct DaemonLock: ~Copyable {
    private let lock: FileLock
    /// - Throws: ``OperationError/daemonRuns(pid:)`` when another process holds it.
    package static func acquire(_ project: ProjectLayout) throws -> DaemonLock {
        let lock = DaemonLock(lock: try take(project))
        let identity = try ProcessIdentity.current()
        let text = "\(identity.text) since=\(currentTime())\n"
        try Folder(opening: project.stateFolder).write(text.utf8, to: "daemon", mode: .asParent, durable: false)
        return lock
    }

    /// Takes the daemon's name off the door: it ends now, although its process still has something to say.
    package static func clear(_ project: ProjectLayout) throws {
        try Folder(opening: project.stateFolder).removeFile("daemon")
    }

    /// Marks until where the lock is held.
    package borrowing func hold() {}

    private static func take(_ project: ProjectLayout) throws -> FileLock {
        do {
            return try project.lock("daemon", timeout: .zero)
        } catch let error as FileError where error.errno == .wouldBlock {
            throw OperationError.daemonRuns(pid: try recorded(project).map(\.pid) ?? 0)
        }
    }

    /// Whether some process holds the lock of this very repository.
    static func isHeld(_ project: ProjectLayout) throws -> Bool {
        do {
            try take(project).hold()
            return false
        } catch OperationError.daemonRuns {
            return true
        }
    }

    /// The running daemon; nil when there is none. Takes no lock and writes nothing.
    package static func holder(_ project: ProjectLayout) throws -> StatusReport.Daemon? {
        guard let identity = try recorded(project), identity.isAlive else { return nil }
        return StatusReport.Daemon(pid: Int(identity.pid), since: try since(project))
    }

    package static func recorded(_ project: ProjectLayout) throws -> ProcessIdentity? {
        try fields(project).flatMap(ProcessIdentity.init(fields:))
    }

    private static func since(_ project: ProjectLayout) throws -> Timestamp? { try fields(project)?["since"].flatMap { Timestamp($0) } }

    private static func fields(_ project: ProjectLayout) throws -> [String: String]? {
        guard FileKind(at: project.stateFolder) == .folder else { return nil }
        let content: [UInt8]?
        do throws(FileError) { content = try Folder(opening: project.stateFolder).read("daemon") } catch {
            // Another user's: who may not read the journal either is told so there.
            guard error.errno == .permissionDenied else { throw error }
            return nil
        }
        guard let bytes = content else { return nil }
        var fields: [String: String] = [:]
        for part in String(decoding: bytes, as: UTF8.self).split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
        }
        return fields
    }
}
