/// What a supervisor runs before the command, because the worktree has not had it yet.
package struct SetupRequest: Hashable, Sendable, Codable {
    /// Never empty.
    package var arguments: [String]
    /// Seconds.
    package var timeout: Double
    /// What the plan wrote, by which it is known that this set-up was done.
    package var what: String

    package init(arguments: [String], timeout: Double, what: String) {
        (self.arguments, self.timeout, self.what) = (arguments, timeout, what)
    }
}

/// How a set-up went.
package struct SetupResult: Hashable, Sendable {
    package var ending: AttemptEnding
    package var tookTooLong: Bool
    package var seconds: Double
}
