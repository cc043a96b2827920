import Glibc
import SystemPackage

/// What is piped into the program.
enum StandardInput {
    /// Everything up to its end.
    /// - Throws: ``Failure`` (65) when it cannot be read, (64) at a terminal, where nobody may be there to end it.
    static func all() throws -> [UInt8] {
        guard isatty(STDIN_FILENO) == 0 else {
            throw Failure(message: "'-' reads standard input, which is a terminal here", hint: "czar add ID --brief FILE", code: 64)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw Failure(message: "cannot read standard input: \(Errno(rawValue: errno))", hint: "czar add ID --brief FILE", code: 65)
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
