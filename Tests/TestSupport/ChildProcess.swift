import Glibc
import Synchronization

/// A process that a test started.
///
/// Not Foundation's `Process`: that one learns of an end by a socket which every other child that is started meanwhile inherits, so in
/// parallel tests it waits until the longest of them has ended.
package final class ChildProcess: Sendable {
    /// Its process id.
    package let pid: Int32
    /// The wait status, once it was reaped.
    private let ended = Mutex<Int32?>(nil)

    /// Starts `arguments`, whose first is looked up in `PATH`, with exactly this environment. Output goes to the named files.
    package init(
        _ arguments: [String], in folder: String? = nil, environment: [String: String], input: String = "/dev/null",
        output: String = "/dev/null", errors: String = "/dev/null"
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whatever this process blocks or ignores is no business of the child's.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // The folder is changed by env, because the tests are threads of one process with one folder.
        let command = ["/usr/bin/env"] + (folder.map { ["-C", $0] } ?? []) + arguments
        var argv = command.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, command[0], &actions, &attributes, &argv, &envp)
        guard status == 0 else { throw ProcessFailure(description: "cannot start \(arguments): \(String(cString: strerror(status)))") }
        pid = child
    }

    deinit { if isRunning { kill(pid, SIGKILL); waitForEnd() } }

    /// Whether it has not ended yet.
    package var isRunning: Bool {
        ended.withLock { ended in
            if ended != nil { return false }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid { ended = status }
            return ended == nil
        }
    }

    /// Blocks until it has ended. Returns the exit status, or 128 and the signal.
    @discardableResult
    package func waitForEnd() -> Int32 {
        var information = siginfo_t()
        // Looked at first and reaped under the lock, so that its pid is never another's while this value stands for it.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        return ended.withLock { ended in
            var status: Int32 = ended ?? 0
            if ended == nil, waitpid(pid, &status, 0) == pid { ended = status }
            return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        }
    }

    /// Sends a signal, unless it has ended.
    package func signal(_ number: Int32) { if isRunning { kill(pid, number) } }
}
