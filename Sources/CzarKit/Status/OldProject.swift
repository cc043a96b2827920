import CzarGit
import CzarPlanning

/// The marks of completion that an old Czarina folder holds. They are claims: shown as claimed, never taken for done.
struct OldProject {
    let project: ProjectLayout

    init(_ project: ProjectLayout) { self.project = project }

    /// Workers for which a `WORKER_COMPLETE` line, a log that holds one, or a `.WORKER_COMPLETE` file stands.
    ///
    /// Once there is a journal, the logs in their places are its mirrors, and the old ones lie beside them as `<name>.found-…`.
    func completionClaims(_ plan: Plan, hasJournal: Bool) throws -> Set<WorkerID> {
        var paths = hasJournal ? [] : [project.folder + "/events.log", project.logsFolder + "/events.jsonl"]
        if FileKind(at: project.logsFolder) == .folder {
            let names = try Folder(opening: project.logsFolder).names()
            paths += names.filter { $0.contains(".found-") }.map { project.logsFolder + "/" + $0 }
        }
        let events = try paths.map(text).joined(separator: "\n")
        var claimed: Set<WorkerID> = []
        for worker in plan.definitions {
            let names = Set([worker.id.rawValue, worker.displayName].compactMap { $0 })
            let mark = project.worktreePath(of: worker, under: nil) + "/.WORKER_COMPLETE"
            let hasMark = FileKind(at: mark) == .file
            let log = try text("\(project.logsFolder)/\(worker.id).log")
            if hasMark || Self.says(names, in: events) || Self.says(names, in: log) { claimed.insert(worker.id) }
        }
        return claimed
    }

    /// The names of the logs that hold something and stand where Czar's mirrors will.
    var logs: [String] {
        ["events.log", "logs/events.jsonl"].filter { FileFingerprint(project.folder + "/" + $0)?.size ?? 0 > 0 }
            .map { splitPath($0).name }
    }

    /// Says where the logs of these names were put when the mirrors came; nil where none was.
    func whereabouts(of former: [String]) throws -> String? {
        guard !former.isEmpty, FileKind(at: project.logsFolder) == .folder else { return nil }
        let places = try Folder(opening: project.logsFolder).names().filter { name in former.contains { name.hasPrefix($0 + ".found-") } }
        guard !places.isEmpty else { return nil }
        return "the logs of the old project lie in '\(project.logsFolder)' as \(places.joined(separator: ", ")) now; "
            + "'czar import' takes their events in"
    }

    /// Whether a whole, well-formed event line of one of the names says WORKER_COMPLETE.
    private static func says(_ names: Set<String>, in text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { line in
            guard line.contains("WORKER_COMPLETE") else { return false }
            let words = line.split(separator: " ", maxSplits: 3)
            if words.count >= 3, Timestamp(String(words[0])) != nil, words[2] == "WORKER_COMPLETE" {
                return names.contains(String(words[1]))
            }
            return line.hasPrefix("{") && line.contains("\"event\":\"WORKER_COMPLETE\"")
                && names.contains { line.contains("\"worker\":\"\($0)\"") }
        }
    }

    private func text(_ path: String) throws -> String {
        guard FileKind(at: path) == .file, let bytes = try fileContent(path) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
