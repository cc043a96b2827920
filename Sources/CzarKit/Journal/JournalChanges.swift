import Glibc

/// Wakes up when any process appends to the journal, without polling.
///
/// Watches the folder of the database by inotify: an append writes the log file there. Nothing is missed between two waits, since
/// every wait compares sequence numbers; a notification only says when to look. Not for several threads at once.
package final class JournalChanges: Sendable {
    private let journal: Journal
    /// Readable when something may have changed: for a poll set of one's own, followed by ``drain()``. Nil where inotify is exhausted.
    package let descriptor: CInt?

    /// Looks at least this often, in case a notification was lost.
    private static let safetyNet = Duration.seconds(30)
    /// Without inotify, looking now and then is all that is left.
    private static let withoutNotification = Duration.seconds(1)

    package init(of journal: Journal) throws(JournalError) {
        self.journal = journal
        let created = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
        if created < 0 {
            guard errno == EMFILE || errno == ENFILE || errno == ENOSYS else {
                throw JournalError(errno: errno, "watch", journal.place.folder)
            }
            descriptor = nil
        } else if inotify_add_watch(created, journal.place.folder, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)) < 0 {
            let number = errno
            close(created)
            guard number == ENOSPC || number == ENOMEM else { throw JournalError(errno: number, "watch", journal.place.folder) }
            descriptor = nil
        } else {
            descriptor = created
        }
    }

    deinit { if let descriptor { close(descriptor) } }

    /// Blocks until the journal holds an entry after `sequence`, for at most `timeout` (nil: no limit). False at the time-out.
    package func wait(after sequence: Int64, timeout: Duration? = nil) throws(JournalError) -> Bool {
        let start = ContinuousClock.now
        while try journal.lastSequence() <= sequence {
            let left = timeout.map { $0 - start.duration(to: .now) }
            if let left, left <= .zero { return false }
            try pause(min(left ?? Self.safetyNet, descriptor == nil ? Self.withoutNotification : Self.safetyNet))
        }
        return true
    }

    /// Forgets pending notifications: call it before reading the journal, so that what comes later is notified again.
    package func drain() {
        guard let descriptor else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &buffer, buffer.count) > 0 {}
    }

    private func pause(_ limit: Duration) throws(JournalError) {
        let (seconds, attoseconds) = limit.components
        let milliseconds = CInt(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
        var set = pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        guard poll(&set, 1, milliseconds) >= 0 || errno == EINTR else { throw JournalError(errno: errno, "wait for", journal.place.folder) }
        drain()
    }
}
