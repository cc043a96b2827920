import CzarKit
import Glibc

/// The terminal of `czar status --watch`: a key counts without Enter, and however the program ends, the terminal is as it was.
enum WatchTerminal {
    private static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGSEGV, SIGFPE]

    /// From here on `q` ends the program; nothing where nobody can type it: without a terminal, or in the background.
    static func endAtQ() {
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &asItWas) == 0, tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        atexit { giveBack() }
        for number in endings {
            signal(number) { number in
                giveBack()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        // Stopped, it leaves the terminal to the shell, and takes it again when it goes on.
        signal(SIGTSTP, stop)
        signal(SIGCONT) { _ in
            takeKeys()
            signal(SIGTSTP, stop)
        }
        takeKeys()
        Task.detached(executorPreference: TaskThreads.shared) { await onOwnThread("keys") { waitForQ() } }
    }

    /// How many lines a picture may have; nil where there is no terminal.
    static var height: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 4 else { return nil }
        // The cursor stands on a line of its own below it.
        return Int(size.ws_row) - 1
    }

    /// Blocks until somebody types it; without an end of input nothing is asked again and again.
    private static func waitForQ() {
        var key: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &key, 1)
            if count == 1, [UInt8(ascii: "q"), UInt8(ascii: "Q")].contains(key) { exit(0) }
            if count == 0 || count < 0 && errno != EINTR { return }
        }
    }
}

/// Unsafe to be seen from anywhere, but written once, before any handler that reads it exists.
private nonisolated(unsafe) var asItWas = termios()

private let stop: @convention(c) (Int32) -> Void = { number in
    giveBack()
    signal(number, SIG_DFL)
    raise(number)
}

/// tcsetattr(3) may be called by a handler of signals.
private func giveBack() {
    var terminal = asItWas
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal)
}

private func takeKeys() {
    var terminal = asItWas
    terminal.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal)
}
