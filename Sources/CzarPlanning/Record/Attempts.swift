/// The runs of a worker's command.
package struct Attempts: Hashable, Sendable {
    /// The number of the latest attempt; 0 before the first.
    package private(set) var count = 0
    /// How many of them were another worker's, which had its name before it: numbers name logs, and are given once.
    private var countBefore = 0
    /// Automatic retries since a person last started the worker.
    package private(set) var retries = 0
    /// The running attempt, from the supervisor's claim until its end was recorded.
    package private(set) var running: Running?
    package private(set) var lastEnd: End?
    /// Whether the last attempt ended while its worker was held, and nobody has judged that end.
    package private(set) var hasUnjudgedEnd = false
    /// Whether that end came after the worker had said that it is blocked: agents without a terminal ask and end.
    package private(set) var endedAsking = false
    package private(set) var log: String?
    /// The number of the attempt that has it.
    package private(set) var logNumber = 0

    package init() {}

    /// Whether none of them is its own.
    package var isUntried: Bool { count == countBefore }

    /// Those of a worker that has the name of this one after it.
    var followed: Attempts {
        var next = Attempts()
        (next.count, next.countBefore) = (count, count)
        return next
    }

    /// Numbers that were given meanwhile are not given again.
    mutating func passOver(_ number: Int) { count = max(count, number) }

    /// An attempt whose end is not recorded.
    package struct Running: Hashable, Sendable {
        package var number: Int
        /// The supervisor's identity, as the launcher wrote it.
        package var supervisor: String
        /// The command's identity; nil between claim and start.
        package var command: String?
        /// The tmux server's socket and pane of a command with a terminal of its own.
        package var terminal: String?
        package var since: Timestamp
        /// It was told to end because its worker is held: the next attempt goes on.
        package var isToldToEnd = false
    }

    /// How an attempt ended.
    package struct End: Hashable, Sendable {
        package var number: Int
        package var outcome: Outcome
        package var time: Timestamp
        /// Who recorded it, or should have: it settles the worker while it lives.
        package var supervisor: String
    }

    package enum Outcome: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        /// The command could not be started; the reason.
        case notLaunched(String)
        /// What prepares the worktree did not succeed, so that the command was not started; the reason.
        case notPrepared(String)
        /// The supervisor died, so nobody saw how the command ended.
        case lost
        /// The supervisor died before it started anything.
        case neverBegun
        /// It is that of the repository that this one is a copy of, where it goes on.
        case leftToOriginal
    }

    /// Whether the command runs that was to be ended with the move to this state, or to the one before it: whoever recorded that is about to
    /// end it, or was killed before.
    package func isRunning(beyond state: WorkerState) -> Bool {
        guard let running else { return false }
        return switch state {
        // Of a failed one that was given another chance.
        case .failed, .pending, .ready: true
        case .paused: running.isToldToEnd
        case .starting, .active, .blocked, .complete: false
        }
    }

    mutating func claimed(_ number: Int, supervisor: String, at time: Timestamp) {
        count = max(count, number)
        running = Running(number: number, supervisor: supervisor, command: nil, terminal: nil, since: time)
    }

    mutating func started(command: String?, log: String?, terminal: String?) {
        running?.command = command
        running?.terminal = terminal
        if let log { (self.log, logNumber) = (log, count) }
    }

    mutating func ended(_ outcome: Outcome, at time: Timestamp, isBlocked: Bool) {
        endedAsking = isBlocked
        hasUnjudgedEnd = running?.isToldToEnd == false
        lastEnd = End(number: running?.number ?? count, outcome: outcome, time: time, supervisor: running?.supervisor ?? "")
        running = nil
    }

    /// Being held keeps an end for later; every other state is a judgement, or leaves it behind.
    mutating func moved(to state: WorkerState, ends: Bool) {
        if ends {
            if running == nil { hasUnjudgedEnd = false }
            running?.isToldToEnd = true
        }
        switch state {
        case .active, .blocked, .paused: break
        case .pending, .ready, .starting, .complete, .failed: hasUnjudgedEnd = false
        }
    }

    mutating func retried(automatically: Bool) { retries = automatically ? retries + 1 : 0 }
}

extension Attempts.Outcome: CustomStringConvertible {
    /// Whether the command ran, or may have: what it did is done.
    package var mayHaveRun: Bool {
        switch self {
        case .exited, .signalled, .lost, .leftToOriginal: true
        case .notLaunched, .notPrepared, .neverBegun: false
        }
    }

    package var description: String {
        switch self {
        case .exited(let status): "ended with \(status)"
        case .signalled(let signal): "was ended by signal \(signal)"
        case .notLaunched(let why): "could not be started: \(why)"
        case .notPrepared(let why): "was not started: \(why)"
        case .lost: "ended unseen: its supervisor died"
        case .neverBegun: "was not started: its supervisor died before"
        case .leftToOriginal: "is left to the repository that this one is a copy of"
        }
    }

    /// The journal fields of PROCESS_ENDED.
    package var fields: [String: String] {
        switch self {
        case .exited(let status): [Field.exit: String(status)]
        case .signalled(let signal): [Field.signal: String(signal)]
        case .notLaunched(let why): [Field.reason: why]
        case .notPrepared(let why): [Field.reason: why, Field.what: "setup"]
        case .lost: [Field.reason: "lost"]
        case .neverBegun: [Field.reason: "lost", Field.what: "start"]
        case .leftToOriginal: [Field.reason: "lost", Field.what: "copy"]
        }
    }

    /// Reads ``fields``.
    package init(fields: [String: String]) {
        if let status = fields[Field.exit].flatMap({ Int32($0) }) {
            self = .exited(status)
        } else if let signal = fields[Field.signal].flatMap({ Int32($0) }) {
            self = .signalled(signal)
        } else if let reason = fields[Field.reason], reason != "lost" {
            self = fields[Field.what] == "setup" ? .notPrepared(reason) : .notLaunched(reason)
        } else {
            self = fields[Field.what] == "start" ? .neverBegun : fields[Field.what] == "copy" ? .leftToOriginal : .lost
        }
    }
}
