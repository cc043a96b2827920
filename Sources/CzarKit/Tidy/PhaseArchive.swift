import CzarGit
import CzarPlanning

/// The folder that keeps what there was of a phase: `.czarina/phases/phase-<N>-v<version>/`.
///
/// Every file is replaced as a whole, so writing it again after an interruption, or after more has landed, is the same as writing it once.
/// What somebody else wrote there is kept aside.
struct PhaseArchive {
    private let project: ProjectLayout
    private let phase: PhaseID
    /// The folder's path below `.czarina`.
    let name: String

    /// Logs beyond this stay where they are: an archive is for reading.
    private static let largestLog = 16 << 20

    init(_ project: ProjectLayout, phase: PhaseID, version: String?) {
        (self.project, self.phase) = (project, phase)
        name = "phases/phase-\(phase)" + (version.map { "-v" + Self.safe($0) } ?? "")
    }

    /// The folder's path from the repository's root.
    var path: String { String((project.folder + "/" + name).dropFirst(project.root.count).drop { $0 == "/" }) }

    private static func safe(_ version: String) -> String {
        String(version.map { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "._+-".contains($0) ? $0 : "-" }.prefix(60))
    }

    private func folder(_ below: String = "") throws -> Folder {
        let inside = String(project.folder.dropFirst(project.root.count).drop { $0 == "/" })
        return try Folder(opening: project.root).subfolder("\(inside)/\(name)/\(below)", creating: project.location.ownFiles.folder)
    }

    private func write(_ text: String, to file: String, in folder: borrowing Folder) throws {
        try write(Array(text.utf8), to: file, in: folder)
    }

    /// Written aside in a folder of Czar's own: what is cut off leaves nothing in an archive that people commit. What somebody else wrote
    /// in the file's place is moved to `<name>.found-<milliseconds>` beside it.
    private func write(_ bytes: [UInt8], to file: String, in folder: borrowing Folder) throws {
        let own = try Folder(opening: project.location.commonDirectory).subfolder(
            "czar/archive", creating: project.location.ownFiles.folder)
        try project.withLock("archive") {
            let mark = String(folder.path.dropFirst(project.folder.count + 1)) + "/" + file
            var marks = try ArchiveMarks(in: own)
            let kind = folder.kind(of: file)
            let found = try kind == .file ? folder.read(file) : nil
            if found == bytes { return try marks.note(bytes, at: mark, in: own) }
            if kind != nil, found.map({ !marks.isOwn($0, at: mark) }) ?? true {
                try folder.rename(file, to: "\(file).found-\(currentTime().milliseconds)", in: folder)
            }
            try marks.note(bytes, at: mark, in: own)
            try folder.write(bytes, to: file, mode: .asParent, durable: false, aside: own)
        }
    }

    /// The report in every form, and the figures.
    func writeReports(_ inputs: ReportInputs) throws {
        let folder = try folder()
        let report = inputs.document(.closeout)
        try write(report.markdown, to: "closeout.md", in: folder)
        try write(report.html, to: "closeout.html", in: folder)
        try write(inputs.json(.closeout).prettyText + "\n", to: "closeout.json", in: folder)
        try write(inputs.metrics.csv, to: "metrics.csv", in: folder)
        try write(inputs.status.json().prettyText + "\n", to: "worker-status.json", in: folder)
        try folder.flush()
    }

    /// The phase's part of the journal.
    func writeJournal(_ entries: [JournalEntry]) throws {
        let folder = try folder()
        let own = entries.filter { $0.event.phase == phase }
        try write(own.map { EventLine($0).text + "\n" }.joined(), to: "events.log", in: folder)
        try write(own.map { EventLine($0).json + "\n" }.joined(), to: "events.jsonl", in: folder)
    }

    /// What stayed of whom, and why; what went is in the journal, with where it is kept.
    func writeKept(_ kept: [ClosedPhase.Kept]) throws {
        let text = kept.isEmpty ? "nothing was kept" : KeptWork.text(kept.map { ($0.worker, $0.why) })
        try write(text + "\n", to: "kept.txt", in: try folder())
    }

    /// The plan, the briefs and the logs of the phase's attempts.
    /// - Returns: the logs that are too large to be copied; they stay in `logs/`.
    func writeSources(_ plan: Plan, entries: [JournalEntry], planFiles: [String]) throws -> [String] {
        let folder = try folder()
        try write(plan.normalised + "\n", to: "plan.json", in: folder)
        for name in planFiles { try copy(name, to: name, into: folder) }
        let briefs = try self.folder("workers")
        for worker in plan.definitions {
            for name in Set([worker.id.rawValue, worker.displayName ?? worker.id.rawValue]) where !name.contains("/") {
                for ending in ["md", "yaml"] { try copy("workers/\(name).\(ending)", to: "\(name).\(ending)", into: briefs) }
            }
        }
        return try copyLogs(entries.filter { $0.event.phase == phase })
    }

    private func copyLogs(_ entries: [JournalEntry]) throws -> [String] {
        let names = Set(entries.filter { $0.event.type == .processStarted }.compactMap { $0.event.fields[Field.log] })
        let kept = names.sorted().filter { !$0.contains("/") && FileKind(at: project.logsFolder + "/" + $0) == .file }
        guard !kept.isEmpty else { return [] }
        let logs = try folder("logs")
        var left: [String] = []
        for name in kept {
            if fileSize(of: project.logsFolder + "/" + name) ?? 0 > Self.largestLog {
                left.append(name)
            } else {
                try copy("logs/" + name, to: name, into: logs)
            }
        }
        return left
    }

    /// Copies a file below `.czarina`, if it is there; links are refused.
    private func copy(_ source: String, to name: String, into folder: borrowing Folder) throws {
        guard FileKind(at: project.folder + "/" + source) != nil, let bytes = try project.planFile(source) else { return }
        try write(bytes, to: name, in: folder)
    }
}
