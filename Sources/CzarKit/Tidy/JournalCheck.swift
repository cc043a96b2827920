import CzarGit
import CzarPlanning
import GRDB

/// Whether the journal is this repository's, whole, and followed by its mirrors.
struct JournalCheck {
    private let project: ProjectLayout
    private let place: JournalPlace
    private let options: Doctor.Options
    private(set) var findings: [DoctorFinding] = []

    init(_ project: ProjectLayout, _ options: Doctor.Options) throws(JournalError) {
        place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: project.folder)
        (self.project, self.options) = (project, options)
    }

    /// Whether there is one, in whatever state.
    static func isThere(_ project: ProjectLayout) throws(JournalError) -> Bool {
        FileKind(at: try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil).database) != nil
    }

    private mutating func add(_ name: String, _ severity: DoctorFinding.Severity, _ sentence: String, _ remedy: String? = nil) {
        findings.append(DoctorFinding(name, severity, sentence, remedy))
    }

    /// Whether the journal can be worked with.
    mutating func examine() throws -> Bool {
        do {
            switch try Self.look(at: place) {
            case nil:
                add("journal", .note, "there is no journal yet", "czar create")
                return false
            case .own(let last): return try examineMirrors(last: last)
            case .foreign(let problem):
                guard options.adopt else {
                    add(
                        "journal-copied", .problem, "\(problem); it can be adopted if this is the repository to work in from now on",
                        "czar doctor --adopt")
                    return false
                }
                guard let left = try adopt() else { return false }
                add("journal-copied", .repaired, "the journal belongs to '\(place.commonDirectory)' now" + left)
                if case .own(let last)? = try Self.look(at: place) { return try examineMirrors(last: last) }
                return true
            }
        } catch let error as JournalError {
            guard case .damaged = error else {
                add("journal", .problem, "\(error)", error.remedy)
                return false
            }
            guard options.repair else {
                add(
                    "journal-damaged", .problem, "\(error); a repair keeps the file aside and rebuilds the journal from its mirror",
                    "czar doctor --repair")
                return false
            }
            return try rebuild()
        }
    }

    private enum Look {
        case own(lastSequence: Int64)
        case foreign(JournalError)
    }

    /// What a reader finds; nil without a journal. The reader is closed again: as long as a process has the write-ahead log open for
    /// reading alone, SQLite lets nobody in that process write it.
    private static func look(at place: JournalPlace) throws -> Look? {
        guard let journal = try Journal.open(place, mode: .readOnly) else { return nil }
        if let damage = try journal.damage() { throw damage }
        if let problem = try journal.identityProblem() { return .foreign(problem) }
        return .own(lastSequence: try journal.lastSequence())
    }

    /// The reader is closed again, as in ``look(at:)``.
    private static func original(at place: JournalPlace) throws -> String? { try Journal.open(place, mode: .readOnly)?.original() }

    /// Takes the journal over, and leaves what runs to the original, where this is a copy: its `czar run`, its commands and who has taken
    /// workers over have the same names in the copy, and whoever stopped them here would end them there.
    ///
    /// The files go first, and the rest is one transaction: what is cut off is done again by the next adoption.
    /// - Returns: what there is to say of that; nil where the original has to be adopted first.
    private mutating func adopt() throws -> String? {
        let recorded = try Self.original(at: place)
        let running = try runningPlaces()
        let found = running.values.compactMap { if case .others(let common) = $0 { common } else { nil } }.min()
        guard let original = recorded ?? found else {
            // No daemon of this very repository runs.
            if try !DaemonLock.isHeld(project) { try DaemonLock.clear(project) }
            // What another user runs is another repository's where this folder is not the one that it was started in.
            let isMoved = try Journal.open(place, mode: .readOnly)?.keepsItsFolder() ?? true
            if !isMoved { try PersonSession.clear(project) }
            return try adopt(leaving: isMoved ? [] : running.filter { $0.value == .hidden }.map(\.key), to: "its original")
        }
        // Renamed, it is found by what runs in it. Until it has its worktrees again, they would be taken for this one's.
        if recorded == nil, !Self.isSettled(original) {
            let folder = Self.workFolder(of: original)
            add(
                "journal-copied", .problem,
                "this is a copy of '\(folder ?? original)', whose commands run and which was moved: that one is to be adopted first"
                    + (folder == nil ? ", in its work folder" : ""),
                folder.map { ShellText.line(["czar", "doctor", "--adopt", "--repair", "-C", $0]) })
            return nil
        }
        try DaemonLock.clear(project)
        try PersonSession.clear(project)
        return try adopt(leaving: running.filter { $0.value != .own }.map(\.key), to: "'\(original)'")
    }

    private func adopt(leaving keys: [WorkerKey], to original: String) throws -> String {
        let journal = try Journal.openForWriting(place)
        let ledger = try Ledger(journal, actor: "doctor")
        let ended = try journal.adopt { state in
            keys.sorted().flatMap { ledger.leavingToOriginal(state[$0]) }
        }.filter { $0.event.type == .processEnded }.compactMap { $0.event.worker?.rawValue }
        return ended.isEmpty ? "" : "; what runs of \(ended.joined(separator: ", ")) is left to \(original)"
    }

    /// Nil where the git directory does not tell.
    private static func workFolder(of common: String) -> String? {
        if splitPath(common).name == ".git" { return splitPath(common).folder }
        do throws(DiscoveryError) { return try RepositoryLocation.discover(from: common).isBare ? common : nil } catch { return nil }
    }

    /// Whose the commands are that the journal says are running. The reader is closed again, as in ``look(at:)``.
    private func runningPlaces() throws -> [WorkerKey: SupervisorPlace] {
        var state = ProjectState()
        for entry in try Journal.open(place, mode: .readOnly)?.entries() ?? [] { state.apply(entry) }
        return try state.workers.compactMapValues { record in try record.supervisor.map { try SupervisorPlace($0, project) } }
    }

    /// Whether a repository's journal was made for it, or adopted; of one that may not be looked at nothing else is known.
    private static func isSettled(_ common: String) -> Bool {
        do throws(JournalError) {
            return try Journal.open(JournalPlace(commonDirectory: common, planFolder: nil), mode: .readOnly)?.identityProblem() == nil
        } catch {
            return true
        }
    }

    private mutating func rebuild() throws -> Bool {
        let rebuilt = try Journal.rebuild(place)
        let bad =
            rebuilt.badLines.isEmpty
            ? "" : "; lines \(rebuilt.badLines.prefix(10).map(String.init).joined(separator: ", ")) of the mirror were unreadable"
        add(
            "journal-damaged", .repaired,
            "the journal was rebuilt from \(rebuilt.entries) entries of its mirror\(bad)"
                + (rebuilt.aside.map { "; the damaged one is '\($0)'" } ?? ""))
        return true
    }

    /// As the journal has it; the reader is closed again, as in ``look(at:)``.
    private static func isMirrorBehind(_ place: JournalPlace) throws -> Bool {
        try Journal.open(place, mode: .readOnly)?.isMirrorBehind() ?? false
    }

    private mutating func examineMirrors(last: Int64) throws -> Bool {
        for path in place.mirrors {
            guard let kind = FileKind(at: path), kind != .file else { continue }
            add("mirror", .problem, "'\(path)' is no file, so Czar does not write its mirror there", ShellText.line(["ls", "-ld", path]))
            return true
        }
        let found = try MirrorReader.read(place.jsonMirror)
        guard try found.entries.last?.sequence ?? 0 < last || Self.isMirrorBehind(place) else { return true }
        if options.repair, let writable = try Journal.open(place, mode: .readWrite(create: false)) {
            if let problem = writable.updateMirrors() {
                add("mirror", .problem, "\(problem)", problem.remedy)
            } else {
                add("mirror", .repaired, "the mirrors are up to date again")
            }
        } else {
            add(
                "mirror", .problem, "the mirrors are behind the journal, which is at #\(last)",
                "czar doctor --repair")
        }
        return true
    }
}

extension Journal {
    /// Why the database cannot be relied on; nil when SQLite finds it whole and every entry can be read.
    ///
    /// - Complexity: O(size of the journal).
    func damage() throws(JournalError) -> JournalError? {
        do throws(JournalError) {
            let complaint = try read("check") { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
            if let complaint, complaint != "ok" { return .damaged(path: place.database, reason: complaint) }
            _ = try entries()
            return nil
        } catch {
            if case .damaged = error { return error }
            throw error
        }
    }
}
