import Glibc

/// The two output channels: answers on standard output, progress, hints and errors on standard error.
enum Console {
    /// Writes an answer. A reader that went away (`czar events | head`) is no error: the program ends quietly.
    static func answer(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO) }

    /// Writes bytes as they are: content whose encoding is its own business.
    static func answer(bytes: some Sequence<UInt8>) { write(Array(bytes)[...], to: STDOUT_FILENO) }

    /// Control characters for the terminal on standard output, without a line of their own.
    static func signal(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func note(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: STDERR_FILENO) }

    /// Writes something that is drawn over again: a piece of a line on the terminal.
    static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8)[...], to: descriptor) }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var bytes = bytes
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno == EPIPE {
                exit(0)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}
