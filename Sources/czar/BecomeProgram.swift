import CzarKit
import CzarPlanning
import Glibc
import SystemPackage

/// Lets another program take this one's place: terminal, standard input and exit code are its own then.
enum BecomeProgram {
    /// Returns only by throwing.
    static func run(_ command: ResolvedCommand) throws {
        let path = try command.programPath()
        guard chdir(command.folder) == 0 else {
            throw ProjectError.unreadable(path: command.folder, why: "\(Errno(rawValue: errno))")
        }
        // Whatever this program ignores is no business of the other's.
        signal(SIGPIPE, SIG_DFL)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = command.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        execve(path, &arguments, &variables)
        throw Failure(message: "cannot run '\(path)': \(Errno(rawValue: errno))", hint: "command -v \(command.arguments[0])", code: 66)
    }
}
