import CzarGit
import CzarPlanning
import Subprocess
import SystemPackage

/// A tmux session of Czar's, one a repository, in which each worker's command has a window with a terminal of its own.
///
/// It lives in the user's own tmux server, so that keys and looks are as ever. Names are chosen so that no other session has them.
struct TmuxSession: Sendable {
    let name: String

    init(name: String) { self.name = name }

    /// `czar-<folder>-<eight digits of the common folder's hash>`; tmux takes neither `.` nor `:` in a name.
    init(repository: String, commonDirectory: String) {
        let folder = splitPath(repository).name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
        let hash = commonDirectory.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        name = "czar-\(String(folder.prefix(40)))-" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Opens a window and runs the command in it, without a shell between them.
    /// - Throws: ``LaunchError/noTerminal(reason:)``.
    func open(window: String, folder: String, _ command: [String]) async throws(LaunchError) {
        let place = ["-n", window, "-c", folder, "--"] + command
        if try await Self.run(["has-session", "-t", "=" + name]).status != 0 {
            let made = try await Self.run(["new-session", "-d", "-s", name, "-x", "200", "-y", "50"] + place)
            if made.status == 0 { return }
            // Another worker's start made it in the same moment; anything else fails again below, with its reason.
        }
        let opened = try await Self.run(["new-window", "-d", "-t", "=" + name + ":"] + place)
        guard opened.status == 0 else { throw .noTerminal(reason: "tmux: \(opened.errors)") }
    }

    /// Runs tmux with these arguments.
    /// - Returns: its exit status, and what it said on standard error.
    static func run(_ arguments: [String], environment: [String: String]? = nil) async throws(LaunchError) -> (
        status: Int32, errors: String
    ) {
        let variables = environment ?? processEnvironment()
        let program: String
        do throws(Program.Missing) {
            program = try Program.path(of: "tmux", in: "/", searchPath: variables["PATH"])
        } catch {
            throw .noTerminal(reason: error.reason)
        }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
                input: .none, output: .discarded, error: .string(limit: 4096))
            let errors = result.standardError.split(whereSeparator: \.isNewline).joined(separator: "; ")
            return switch result.terminationStatus {
            case .exited(let status): (status, errors)
            case .signaled(let signal): (128 + signal, errors)
            }
        } catch {
            throw .noTerminal(reason: "tmux could not be started: \(error)")
        }
    }
}
