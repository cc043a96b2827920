import CzarGit
import CzarPlanning
import Glibc

/// Reads what running commands have printed last.
struct LastLineReader {
    /// Bytes of a log's end: nearly every line is shorter than the first, and the second is read only where none is.
    private static let lengths: [Int64] = [8 << 10, 256 << 10]

    private let folder: String

    init(_ project: ProjectLayout) { folder = project.logsFolder }

    /// - Complexity: one short read a running command, whatever it has printed.
    func lines(_ plan: Plan, _ state: ProjectState) -> [WorkerID: String] {
        var lines: [WorkerID: String] = [:]
        for worker in plan.definitions {
            let attempts = state[worker.key].attempts
            guard attempts.running != nil, let log = attempts.log else { continue }
            lines[worker.id] = line(of: log)
        }
        return lines
    }

    /// Nil also of a log that cannot be read, or is something else by now: `czar logs` says so, and the others are shown all the same.
    private func line(of log: String) -> String? {
        do throws(FileError) {
            let logs = try Folder(opening: folder)
            guard logs.kind(of: log) == .file, let size = fileSize(of: folder + "/" + log).map(Int64.init) else { return nil }
            let file = try logs.file(log, O_RDONLY)
            for length in Self.lengths {
                let start = max(0, size - length)
                if let line = LastLine.of(try file.read(Int(length), at: start), isWhole: start == 0) { return line }
                if start == 0 { return nil }
            }
            return nil
        } catch {
            return nil
        }
    }
}
