import CzarGit
import Glibc
import SystemPackage

/// Reads the log of an attempt as it grows, and ends when the attempt has ended.
///
/// Sleeps in between: inotify tells of what is written, a pidfd of the supervisor's end. What a notification means is found out by looking,
/// so a lost one does no harm; a look every half minute is the net below.
package struct LogFollower: Sendable {
    private let path: String
    private let supervisor: ProcessIdentity?

    private static let safetyNet: Int32 = 30_000
    private static let chunk = 1024 * 1024

    /// Without a supervisor nothing runs any more, and following ends at the end of the file.
    package init(_ path: String, supervisor: ProcessIdentity?) { (self.path, self.supervisor) = (path, supervisor) }

    /// Gives what is in the log, and what comes later, to `body`. Blocks the calling thread.
    package func follow(_ body: ([UInt8]) -> Void) throws {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { close(file.rawValue) }
        let changes = FileChanges(of: path)
        let end = try supervisor.flatMap { try End(of: $0) }
        while true {
            // Looked at before reading: what was written before the end is read after it.
            let hasEnded = !(supervisor?.isAlive ?? false)
            while try take(from: file, body) {}
            if hasEnded { return }
            var set = [
                pollfd(fd: changes.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: end?.handle.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&set, 2, changes.descriptor >= 0 && end != nil ? Self.safetyNet : FileChanges.withoutNotification)
            guard ready >= 0 || errno == EINTR else {
                throw LaunchError.system(operation: "wait for", subject: path, errno: Errno(rawValue: errno))
            }
            changes.drain()
        }
    }

    /// Keeps a pidfd where an optional takes no noncopyable value.
    private final class End {
        let handle: ProcessHandle

        init?(of process: ProcessIdentity) throws(LaunchError) {
            // Of one that is out of sight, what it writes is looked at again and again.
            guard !process.isOutOfSight, let handle = try ProcessHandle.of(process) else { return nil }
            self.handle = handle
        }
    }

    /// False at the end of the file.
    private func take(from file: FileDescriptor, _ body: ([UInt8]) -> Void) throws -> Bool {
        let bytes = try [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        if !bytes.isEmpty { body(bytes) }
        return !bytes.isEmpty
    }
}
