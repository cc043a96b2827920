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
    private static let withoutNotification: Int32 = 1000
    private static let chunk = 1024 * 1024

    /// Without a supervisor nothing runs any more, and following ends at the end of the file.
    package init(_ path: String, supervisor: ProcessIdentity?) { (self.path, self.supervisor) = (path, supervisor) }

    /// Gives what is in the log, and what comes later, to `body`. Blocks the calling thread.
    package func follow(_ body: ([UInt8]) -> Void) throws {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { close(file.rawValue) }
        let notifications = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        defer { if notifications >= 0 { close(notifications) } }
        let isWatched = notifications >= 0 && inotify_add_watch(notifications, path, UInt32(IN_MODIFY)) >= 0
        let end = try supervisor.flatMap { try End(of: $0) }
        while true {
            // Looked at before reading: what was written before the end is read after it.
            let hasEnded = !(supervisor?.isAlive ?? false)
            while try take(from: file, body) {}
            if hasEnded { return }
            var set = [
                pollfd(fd: isWatched ? notifications : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: end?.handle.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&set, 2, isWatched && end != nil ? Self.safetyNet : Self.withoutNotification)
            guard ready >= 0 || errno == EINTR else {
                throw LaunchError.system(operation: "wait for", subject: path, errno: Errno(rawValue: errno))
            }
            drain(notifications)
        }
    }

    /// Keeps a pidfd where an optional takes no noncopyable value.
    private final class End {
        let handle: ProcessHandle

        init?(of process: ProcessIdentity) throws(LaunchError) {
            guard process.isAlive, let handle = try ProcessHandle(process.pid) else { return nil }
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

    private func drain(_ notifications: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while notifications >= 0, read(notifications, &buffer, buffer.count) > 0 {}
    }
}
