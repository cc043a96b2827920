import CzarGit
import CzarPlanning
import Glibc
import SystemPackage

/// Reads what running commands have printed last.
struct LastLineReader {
    /// Bytes of a log's end: nearly every line is shorter than the first, and the second is read only where none is.
    private static let lengths: [Int64] = [8 << 10, 256 << 10]

    private let folder: String

    init(_ project: ProjectLayout) { folder = project.logsFolder }

    /// - Complexity: one short read a running command, whatever it has printed.
    func lines(_ plan: Plan, _ state: ProjectState) throws(FileError) -> [WorkerID: String] {
        var lines: [WorkerID: String] = [:]
        for worker in plan.definitions {
            let attempts = state[worker.key].attempts
            guard attempts.running != nil, let log = attempts.log, let size = fileSize(of: folder + "/" + log) else { continue }
            lines[worker.id] = try line(of: log, size: Int64(size))
        }
        return lines
    }

    private func line(of log: String, size: Int64) throws(FileError) -> String? {
        do throws(FileError) {
            let file = try Folder(opening: folder).file(log, O_RDONLY)
            for length in Self.lengths {
                let start = max(0, size - length)
                if let line = LastLine.of(try file.read(Int(length), at: start), isWhole: start == 0) { return line }
                if start == 0 { return nil }
            }
            return nil
        } catch {
            // It says nothing to who may not read it, or it was removed just now.
            guard [.permissionDenied, .noSuchFileOrDirectory].contains(error.errno) else { throw error }
            return nil
        }
    }
}
