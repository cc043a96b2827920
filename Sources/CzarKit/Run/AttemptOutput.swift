import CzarGit
import CzarPlanning
import Glibc

/// Follows the log of one attempt of an agent and keeps what it says about itself.
struct AttemptOutput: Sendable {
    /// Bytes that are read at once.
    private static let piece = 1 << 20

    let number: Int
    let profile: AgentProfile
    private let logsFolder: String
    private let name: String
    private var reader: AgentOutputReader
    private var offset: Int64 = 0

    /// The latest attempt of a worker; nil where nothing runs whose output could be read.
    init?(_ worker: WorkerDefinition, _ record: WorkerRecord, plan: Plan, project: ProjectLayout) throws(LaunchError) {
        guard case .agent(let agent) = worker.work, record.attempts.count > 0 else { return nil }
        profile = try AgentProfile.named(agent, in: plan.agents)
        // Until the start is recorded nobody knows where the output goes.
        guard let output = profile.output, let log = record.attempts.log, record.attempts.logNumber == record.attempts.count else {
            return nil
        }
        (number, logsFolder, name, reader) = (record.attempts.count, project.logsFolder, log, AgentOutputReader(output))
    }

    /// Reads what has come since the last time.
    /// - Complexity: O(new bytes).
    mutating func readOn() throws(FileError) -> AgentFindings {
        let folder = try Folder(opening: logsFolder)
        guard folder.kind(of: name) == .file else { return reader.found }
        let file = try folder.file(name, O_RDONLY)
        while true {
            let bytes = try file.read(Self.piece, at: offset)
            if bytes.isEmpty { return reader.found }
            offset += Int64(bytes.count)
            reader.take(bytes)
        }
    }

    /// Reads to the end of an output to which nothing will be added.
    mutating func readToEnd() throws(FileError) -> AgentFindings {
        _ = try readOn()
        reader.finish()
        return reader.found
    }
}
