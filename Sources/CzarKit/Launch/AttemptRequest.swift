import FoundationEssentials

/// All that a supervisor has to know. The spawner resolves it; it goes over as a file without a name, never as arguments:
/// an environment holds secrets, and arguments can be read by everybody and are limited.
package struct AttemptRequest: Hashable, Sendable, Codable {
    package var attempt: AttemptID
    package var command: ResolvedCommand
    /// Runs before the command; nil when the worktree is prepared.
    package var setup: SetupRequest?
    /// The tmux session in which it gets a window with a terminal of its own; nil: it has no terminal.
    package var terminalSession: String?
    /// `<common dir>/czar`.
    package var stateFolder: String
    /// `.czarina`, holding `logs`.
    package var czarinaFolder: String
    /// What its logs' names begin with (``AttemptLog``).
    package var logStem: String
    /// How long the command may take to end after SIGTERM, in seconds.
    package var grace: Double
    /// Passed through for whoever settles: the journal's path, the repository, anything.
    package var context: [String: String]

    package init(
        attempt: AttemptID, command: ResolvedCommand, stateFolder: String, czarinaFolder: String, grace: Double = 10,
        context: [String: String] = [:], setup: SetupRequest? = nil, terminalSession: String? = nil, logStem: String? = nil
    ) {
        (self.attempt, self.command, self.stateFolder) = (attempt, command, stateFolder)
        (self.czarinaFolder, self.grace, self.context) = (czarinaFolder, grace, context)
        (self.setup, self.terminalSession) = (setup, terminalSession)
        self.logStem = logStem ?? attempt.worker
    }

    /// The log below `.czarina/logs`.
    var logName: String { "\(logStem).\(attempt.number).log" }

    /// The log of the set-up there.
    var setupLogName: String { "\(logStem).setup.log" }

    package func encoded() throws(LaunchError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(self))
        } catch {
            throw .unreadable(what: "the request for attempt \(attempt)", reason: String(describing: error))
        }
    }

    package init(decoding bytes: [UInt8]) throws(LaunchError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .unreadable(what: "the supervisor's request", reason: String(describing: error))
        }
    }
}

/// A command with nothing left to fill in.
package struct ResolvedCommand: Hashable, Sendable, Codable {
    /// One argument or variable that Linux takes (MAX_ARG_STRLEN), with its closing zero.
    static let longestArgument = 131_072

    /// Never empty. The first element is looked up in the environment's `PATH` unless it holds a `/`.
    package var arguments: [String]
    /// The whole environment: nothing else is inherited.
    package var environment: [String: String]
    /// Absolute.
    package var folder: String
    package var input: Input

    /// What the command reads on its standard input; never the spawner's.
    package enum Input: Hashable, Sendable, Codable {
        case nothing
        /// A file inside `folder`, by its path from there.
        case file(String)
    }

    package init(arguments: [String], environment: [String: String], folder: String, input: Input = .nothing) {
        (self.arguments, self.environment, self.folder, self.input) = (arguments, environment, folder, input)
    }

    /// The path of its program.
    /// - Throws: ``LaunchError/badProgram(name:reason:)``.
    package func programPath() throws(LaunchError) -> String {
        do throws(Program.Missing) {
            return try Program.path(of: arguments[0], in: folder, searchPath: environment["PATH"])
        } catch {
            throw .badProgram(name: arguments[0], reason: error.reason)
        }
    }
}
