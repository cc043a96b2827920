import CzarKit
import Glibc
import Synchronization

/// The two output channels: answers on standard output, progress, hints and errors on standard error.
///
/// An answer that cannot be written is an error (73); only a reader that went away (`czar events | head`) is none. What cannot be written to
/// standard error has nowhere to be told, and changes nothing.
enum Console {
    private static let outlivesReader = Atomic(false)
    /// Why an answer was lost, as an error number; 0 for none. Nothing is written after it: half an answer is worse than the first part.
    private static let lost = Atomic<Int32>(0)

    /// From here on the program's work is more than its answers: it goes on without them when they cannot be written.
    static func outliveReader() { outlivesReader.store(true, ordering: .relaxed) }

    /// What is to be said at the end about answers that were lost on the way; nil when there are none, or nobody wanted them any more.
    static var failure: Failure? {
        let number = lost.load(ordering: .relaxed)
        return number == 0 || number == EPIPE ? nil : Failure(unwritten: number)
    }

    /// Writes an answer.
    static func answer(_ text: String) { writeAnswer(Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]) }

    /// Writes bytes as they are: content whose encoding is its own business.
    static func answer(bytes: some Sequence<UInt8>) { writeAnswer(Array(bytes)[...]) }

    /// Control characters for the terminal on standard output, without a line of their own.
    static func signal(_ text: String) { writeAnswer(Array(text.utf8)[...]) }

    static func note(_ text: String) { draw(text.hasSuffix("\n") ? text : text + "\n") }

    /// Writes something that is drawn over again: a piece of a line on the terminal.
    static func draw(_ text: String) { _ = write(Array(text.utf8)[...], to: STDERR_FILENO) }

    /// Ends the program when the reader of its answers goes away, also while there is nothing to write to it.
    static func endWithReader() {
        Task.detached(executorPreference: TaskThreads.shared) {
            await onOwnThread("reader") {
                // Asked for nothing, poll(2) tells of errors and hang-ups alone; on a file it waits for ever.
                var set = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
                while poll(&set, 1, -1) < 0 && errno == EINTR {}
            }
            exit(0)
        }
    }

    /// Sees to it that a file which the program opens never gets the number of a standard stream that it was started without: an answer would
    /// be written into that file. The stand-ins can only be used the other way round, so using them fails as before.
    static func keepStandardStreams() {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one, since those below are taken.
            _ = open("/dev/null", mode)
        }
    }

    private static func writeAnswer(_ bytes: ArraySlice<UInt8>) {
        guard lost.load(ordering: .relaxed) == 0, let number = write(bytes, to: STDOUT_FILENO) else { return }
        lost.store(number, ordering: .relaxed)
        guard !outlivesReader.load(ordering: .relaxed) else { return }
        guard let failure else { exit(0) }
        failure.show(asJSON: Invocation.wantsJSON)
        exit(failure.code)
    }

    /// Returns the error number of the write that failed; nil when everything is written.
    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32? {
        var bytes = bytes
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                bytes = bytes.dropFirst(written)
            } else if errno == EAGAIN {
                // Somebody else made it non-blocking.
                var set = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&set, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}

extension Failure {
    /// An answer that could not be written.
    fileprivate init(unwritten number: Int32) {
        self.init(
            message: "cannot write the answer: \(String(cString: strerror(number)))",
            hint: number == ENOSPC || number == EDQUOT ? "df -h" : nil, code: FailureKind.cannotCreate.exitCode)
    }
}
