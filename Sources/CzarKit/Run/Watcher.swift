import CzarGit
import Glibc
import SystemPackage

/// Tells the daemon that something may have happened, so that it sleeps the rest of the time.
///
/// Watches by inotify: the journal's folder, branches (loose below `refs/heads`, packed), the plan's folder, and the folders in worktrees where
/// workers leave events; by pidfd: supervisors of running attempts; and a pipe for signals and for ends of supervisors. What a notification
/// means is found out by looking, so a lost or doubled one does no harm; a look every half minute is the net below.
final class Watcher: Sendable {
    private let inotify: Int32
    private let wakeRead: Int32
    private let wakeWrite: Int32
    private let commonDirectory: String

    private static let safetyNet = Duration.seconds(30)
    private static let withoutNotification = Duration.seconds(1)

    init(commonDirectory: String) throws {
        self.commonDirectory = commonDirectory
        // Without inotify (its instances are used up) the watcher looks once a second.
        inotify = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LaunchError.system(operation: "make", subject: "a pipe", errno: Errno(rawValue: errno)) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeRead, wakeWrite) = (ends[0], ends[1])
    }

    deinit { for descriptor in [inotify, wakeRead, wakeWrite] where descriptor >= 0 { close(descriptor) } }

    /// Ends a wait from any thread.
    func wake() {
        var byte: UInt8 = 1
        // A full pipe means that a wake-up is pending already.
        _ = write(wakeWrite, &byte, 1)
    }

    /// Watches what there is now; watching twice is watching once.
    /// - Complexity: O(folders below `refs/heads` + worktrees).
    func watch(worktrees: [String], planFolder: String) throws {
        guard inotify >= 0 else { return }
        let written = UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_CLOSE_WRITE)
        add(commonDirectory + "/czar", UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO))
        add(commonDirectory, UInt32(IN_MOVED_TO) | UInt32(IN_CREATE))
        try addBranches(commonDirectory + "/refs/heads", depth: 0)
        for folder in [planFolder, planFolder + "/workers"] {
            add(folder, UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE))
        }
        for path in worktrees {
            add(path + "/" + WorkerFiles.folder, written)
            add(path + "/" + WorkerFiles.outbox, written)
        }
    }

    private func addBranches(_ folder: String, depth: Int) throws {
        guard depth < 32, FileKind(at: folder) == .folder else { return }
        add(folder, UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE))
        for name in try Folder(opening: folder).entries() {
            let path = folder + "/" + String(decoding: name, as: UTF8.self)
            if FileKind(at: path) == .folder { try addBranches(path, depth: depth + 1) }
        }
    }

    /// A folder that is not there, or a limit that is reached, is left to the safety net.
    private func add(_ path: String, _ mask: UInt32) { _ = inotify_add_watch(inotify, path, mask | UInt32(IN_ONLYDIR)) }

    /// Blocks until something may have happened, a watched process has ended, or the time is up.
    func wait(_ limit: Duration?, processes: [ProcessIdentity]) throws(LaunchError) {
        var handles: [Handle] = []
        for process in processes { if let handle = try Handle(process) { handles.append(handle) } }
        var set = [pollfd(fd: inotify, events: Int16(POLLIN), revents: 0), pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0)]
        set += handles.map { pollfd(fd: $0.process.descriptor, events: Int16(POLLIN), revents: 0) }
        let longest = inotify >= 0 ? Self.safetyNet : Self.withoutNotification
        let deadline = Deadline(after: min(limit ?? longest, longest))
        let ready = poll(&set, nfds_t(set.count), deadline.millisecondsLeft)
        guard ready >= 0 || errno == EINTR else {
            throw .system(operation: "wait for", subject: commonDirectory, errno: Errno(rawValue: errno))
        }
        drain()
    }

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        if inotify >= 0 { while read(inotify, &buffer, buffer.count) > 0 {} }
        while read(wakeRead, &buffer, buffer.count) > 0 {}
    }

    /// Keeps a pidfd in an array, which takes no noncopyable values.
    private final class Handle {
        let process: ProcessHandle
        init?(_ watched: ProcessIdentity) throws(LaunchError) {
            guard !watched.isOutOfSight, let handle = try ProcessHandle.of(watched) else { return nil }
            process = handle
        }
    }
}
