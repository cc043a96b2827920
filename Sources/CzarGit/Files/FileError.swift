import Glibc
import SystemPackage

/// A system call on a file or folder that failed.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done, as a verb phrase: `write`.
    package let operation: String
    package let path: String
    package let errno: Errno

    package init(_ operation: String, _ path: String, _ errno: Errno) {
        (self.operation, self.path, self.errno) = (operation, path, errno)
    }

    /// The error of the system call that has just failed on this thread.
    init(_ operation: String, _ path: String) {
        self.init(operation, path, Errno(rawValue: Glibc.errno))
    }

    /// The disk or the user's quota is full: a state that freeing space repairs.
    package var isNoSpace: Bool { errno == .noSpace || errno == Errno(rawValue: EDQUOT) }

    /// A symbolic link (or something else that is no folder) stands where only a real folder or file is accepted.
    package var isSymlinkRefused: Bool { errno == .tooManySymbolicLinkLevels || errno == .notDirectory }

    /// A FIFO, a device or a folder stands where only a plain file is accepted. `ENXIO` is also what open(2) says to a FIFO without a reader.
    package var isNotPlainFile: Bool { errno == .noSuchAddressOrDevice }

    /// Whether nothing was to be changed.
    package var isReading: Bool { Self.isReading(operation) }

    /// Operations are verb phrases: the verb tells.
    static func isReading(_ operation: String) -> Bool {
        operation == "open the folder" || ["read", "list", "look", "examine", "map"].contains { operation.hasPrefix($0) }
    }

    package var reason: String {
        if isNoSpace { return "no space is left there; free some and run the command again" }
        if errno == .tooManySymbolicLinkLevels { return "a symbolic link stands in the way and is not followed" }
        if isNotPlainFile { return "it is no plain file" }
        return errno.description
    }

    package var description: String { "cannot \(operation) '\(path)': \(reason)" }
}

/// An area's error that a failed file operation can become: the area says once, in its initializer, what each failure means there.
package protocol FileFailure: Error {
    init(_ error: FileError)
}

extension FileFailure {
    /// Runs file operations whose failures are failures of this area.
    package static func onFiles<Value: ~Copyable>(_ body: () throws(FileError) -> Value) throws(Self) -> Value {
        do throws(FileError) { return try body() } catch { throw Self(error) }
    }
}

/// Repeats a system call that a signal interrupted.
func retryingInterrupts<Result: SignedInteger>(_ body: () -> Result) -> Result {
    while true {
        let result = body()
        if result != -1 || Glibc.errno != EINTR { return result }
    }
}
