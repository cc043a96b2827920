import Glibc
import SystemPackage

/// A process that cannot be confused with a later one of the same number: boot, number and start time.
package struct ProcessIdentity: Hashable, Sendable, CustomStringConvertible {
    package let boot: String
    package let process: Int32
    /// Clock ticks since boot, field 22 of `/proc/<pid>/stat`.
    package let start: UInt64

    /// This process.
    package static func current() throws(FileError) -> ProcessIdentity {
        let process = getpid()
        guard let start = try startTime(of: process)?.start, let boot = try fileLine("/proc/sys/kernel/random/boot_id") else {
            throw FileError("read", "/proc/\(process)/stat", .noSuchFileOrDirectory)
        }
        return ProcessIdentity(boot: boot, process: process, start: start)
    }

    /// Whether that very process still runs; a zombie does not. Other boots are over.
    package func isAlive() throws(FileError) -> Bool {
        guard let boot = try fileLine("/proc/sys/kernel/random/boot_id"), boot == self.boot else { return false }
        guard let now = try Self.startTime(of: process) else { return false }
        return now.start == start && now.state != "Z" && now.state != "X"
    }

    /// `boot pid start`, one line.
    package var description: String { "\(boot) \(process) \(start)" }

    /// Reads ``description``.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let process = Int32(parts[1]), let start = UInt64(parts[2]) else { return nil }
        (boot, self.process, self.start) = (String(parts[0]), process, start)
    }

    private init(boot: String, process: Int32, start: UInt64) {
        (self.boot, self.process, self.start) = (boot, process, start)
    }

    private static func startTime(of process: Int32) throws(FileError) -> (state: Substring, start: UInt64)? {
        let line: String?
        do { line = try fileLine("/proc/\(process)/stat") } catch {
            // The process ended between open and read.
            if error.errno == .noSuchProcess { return nil }
            throw error
        }
        // The name in parentheses may hold spaces and parentheses itself: fields are counted from the last one.
        guard let line, let close = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let start = UInt64(fields[19]) else { return nil }
        return (fields[0], start)
    }
}
