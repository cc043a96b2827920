import FoundationEssentials

/// How an attempt ended, kept in a file because the journal would not take it.
package struct UnrecordedEnding: Hashable, Sendable, Codable {
    package let attempt: AttemptID
    package let ending: AttemptEnding

    package init(attempt: AttemptID, ending: AttemptEnding) { (self.attempt, self.ending) = (attempt, ending) }

    func keep(in stateFolder: String) throws(LaunchError) { try AttemptReserve(.ended, in: stateFolder).keep(self, of: attempt) }

    /// That of one attempt; nil when none was kept.
    static func of(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) -> UnrecordedEnding? {
        guard let file = try AttemptReserve(.ended, in: stateFolder).content(of: attempt) else { return nil }
        return try read(file.bytes, file.path)
    }

    /// All that were kept. A file that cannot be read is named in the error.
    package static func all(in stateFolder: String) throws(LaunchError) -> [UnrecordedEnding] {
        var found: [UnrecordedEnding] = []
        for file in try AttemptReserve(.ended, in: stateFolder).contents() { found.append(try read(file.bytes, file.path)) }
        return found
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(LaunchError) -> UnrecordedEnding {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .unreadable(what: "'\(path)'", reason: "\(error)")
        }
    }

    /// To be called when the journal has it.
    package func remove(from stateFolder: String) throws(LaunchError) { try AttemptReserve.giveBack(attempt, in: stateFolder) }
}
