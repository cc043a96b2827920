import Glibc

/// Wakes up when somebody writes to a file. A notification only says when to look: look first, then wait.
struct FileChanges: ~Copyable {
    /// Readable when the file may have changed; -1, which poll passes over, where inotify is exhausted.
    let descriptor: Int32

    /// Without inotify, looking now and then is all that is left.
    static let withoutNotification: Int32 = 1000

    init(of path: String) {
        let created = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard created >= 0, inotify_add_watch(created, path, UInt32(IN_MODIFY)) < 0 else {
            descriptor = created
            return
        }
        Glibc.close(created)
        descriptor = -1
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// Blocks until the file may have changed, at most so many milliseconds.
    func wait(atMost milliseconds: Int32) {
        var set = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&set, 1, descriptor < 0 ? min(milliseconds, Self.withoutNotification) : milliseconds)
        drain()
    }

    /// Forgets what was notified so far.
    func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while descriptor >= 0, read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
