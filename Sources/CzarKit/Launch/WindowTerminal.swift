import CzarGit
import CzarPlanning
import Glibc
import SystemPackage

/// The terminal of a supervisor that runs in a window: what its command reads and writes, with a copy of all output in the log.
struct WindowTerminal: Sendable {
    let place: TerminalPlace
    /// The supervisor's own standard input and output.
    private static let descriptor = STDIN_FILENO

    /// How long to wait for tmux to bring the last output into the log.
    private static let patience = Duration.seconds(5)

    /// Lets tmux write everything that is shown from now on to the end of a file.
    func copyOutput(to path: String) async throws(LaunchError) {
        // The words go through a shell, and before that tmux looks for its own formats in them.
        let quoted = "'" + path.replacing("'", with: "'\\''") + "'"
        let command = "exec cat >> " + quoted.replacing("#", with: "##").replacing("%", with: "%%")
        let result = try await TmuxSession.run(["-S", place.socket, "pipe-pane", "-t", place.pane, command])
        guard result.status == 0 else { throw .noTerminal(reason: "tmux: \(result.errors)") }
    }

    /// Gives the terminal to the command, which leads a group of its own: it may read from it, and is told of keys and sizes.
    func handOver(to group: Int32) {
        signal(SIGTTOU, SIG_IGN)
        tcsetpgrp(Self.descriptor, group)
        // It may have tried to read before, and was stopped for it.
        kill(-group, SIGCONT)
    }

    /// Takes the terminal back, says how the attempt ended, and returns when that has arrived in the log behind all other output.
    func close(_ ending: String, log: String) throws(FileError) {
        tcsetpgrp(Self.descriptor, getpgrp())
        let mark = "[czar: \(ending)]"
        var bytes = Array("\n\(mark)\n".utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // The window is gone: nothing is shown any more, and nothing will be copied.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
        let wanted = Array(mark.utf8)
        let (folder, name) = splitPath(log)
        let changes = FileChanges(of: log)
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let file = try Folder(opening: folder).file(name, O_RDONLY)
            let size = try Int64(file.status().st_size)
            let tail = try file.read(4096, at: max(0, size - 4096))
            if tail.count >= wanted.count, tail.indices.contains(where: { tail[$0...].starts(with: wanted) }) { return }
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard left > 0 else { return }
            // tmux copies in its own time: the file itself tells when.
            changes.wait(atMost: Int32(left.rounded(.up)))
        }
    }
}
