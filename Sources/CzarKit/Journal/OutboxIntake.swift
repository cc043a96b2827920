import CzarGit
import CzarPlanning
import Glibc

extension Outbox {
    /// Events in one transaction; the rest waits for the next turn of the loop.
    private static let batch = 200

    /// Takes in every waiting event of one worker, once and in the order of the files' names.
    ///
    /// The entries are durable before a file is removed, and its origin is remembered, so a crash in between doubles nothing. What is
    /// refused (a reserved type, another worker, no plain file, unreadable) moves to `outbox/refused/` beside a `.reason`.
    package static func take(
        into journal: Journal, worktree: String, worker: WorkerKey, now: Timestamp? = nil
    ) throws(JournalError) -> Intake {
        try take(into: journal, worktree: worktree, worker: worker, now: now, following: nil)
    }

    /// With what follows from each event.
    static func take(
        into journal: Journal, worktree: String, worker: WorkerKey, now: Timestamp? = nil, following: Consequences?
    ) throws(JournalError) -> Intake {
        var intake = Intake()
        guard let folder = try existingFolder(worktree) else { return intake }
        let source = IntakeSource(worker: worker, actor: "outbox", now: now ?? currentTime())
        let names = try names(in: folder)
        var start = names.startIndex
        while start < names.endIndex {
            let end = min(start + batch, names.endIndex)
            try take(names[start..<end], in: folder, source, journal, following, &intake)
            start = end
        }
        return intake
    }

    /// What waits of one worker and would be taken in, in that order; nothing is changed.
    package static func waiting(in worktree: String, of worker: WorkerKey) throws(JournalError) -> [Event] {
        guard let folder = try existingFolder(worktree) else { return [] }
        let source = IntakeSource(worker: worker, actor: "outbox", now: currentTime())
        var events: [Event] = []
        for name in try names(in: folder) {
            if case .event(let found) = try read(name, in: folder, source) { events.append(found.event) }
        }
        return events
    }

    /// Those of its files, in the order of their writing.
    private static func names(in folder: borrowing Folder) throws(JournalError) -> [String] {
        try JournalError.onFiles { () throws(FileError) in try folder.names() }.filter { !$0.hasPrefix(".") && $0 != "refused" }
    }

    private static func take(
        _ names: ArraySlice<String>, in folder: borrowing Folder, _ source: IntakeSource, _ journal: Journal, _ following: Consequences?,
        _ intake: inout Intake
    ) throws(JournalError) {
        var events: [OriginatedEvent] = []
        var done: [String] = []
        for name in names {
            switch try read(name, in: folder, source) {
            case .gone: continue
            case .event(let event):
                events.append(event)
                done.append(name)
            case .refused(let refusal):
                try refuse(name, in: folder, refusal)
                intake.refused.append(Intake.Refused(what: name, reason: refusal.description))
            }
        }
        let appended = try journal.append(events, following: following)
        try JournalError.onFiles { () throws(FileError) in for name in done { try folder.removeFile(name) } }
        intake.entries += appended.entries
        intake.mirrorProblem = appended.mirrorProblem ?? intake.mirrorProblem
    }

    private enum Found {
        /// Another process has taken the file meanwhile.
        case gone
        case event(OriginatedEvent)
        case refused(EventRefusal)
    }

    /// Throws only what is no fault of the file.
    private static func read(_ name: String, in folder: borrowing Folder, _ source: IntakeSource) throws(JournalError) -> Found {
        guard folder.kind(of: name) != nil else { return .gone }
        let bytes: [UInt8]
        let status: stat
        do throws(FileError) {
            let file = try folder.file(name, O_RDONLY)
            status = try file.status()
            bytes = try file.read(longestFile + 1, at: 0)
        } catch {
            guard folder.kind(of: name) != nil else { return .gone }
            let failure = JournalError(error)
            switch failure {
            case .unsafe, .denied: return .refused(.unreadable(failure.description))
            default: throw failure
            }
        }
        guard bytes.count <= longestFile else { return .refused(.longEvent(bytes: Int(status.st_size))) }
        let written = Timestamp(status.st_mtim)
        do throws(EventRefusal) {
            let event = try EventAdmission.event(try EventAdmission.line(bytes), from: source, written: written)
            return .event(OriginatedEvent(event, origin: origin(name, status)))
        } catch {
            return .refused(error)
        }
    }

    /// A name of ``put(_:worktree:)`` is unique. An agent may use its own names twice: there the file itself is the origin.
    private static func origin(_ name: String, _ status: stat) -> String {
        let parts = name.split(separator: "-")
        if parts.count == 2, parts[0].utf8.count == 19, parts[1].utf8.count == 37 { return "outbox:" + name }
        return "outbox:\(name):\(status.st_dev):\(status.st_ino):\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    private static func refuse(_ name: String, in folder: borrowing Folder, _ refusal: EventRefusal) throws(JournalError) {
        try JournalError.onFiles { () throws(FileError) in
            let refused = try folder.subfolder("refused", creating: .asParent, durable: true)
            // Cut, because a file name has at most 255 bytes; and what was refused before is not overwritten.
            var kept = String(decoding: name.utf8.prefix(200), as: UTF8.self)
            if refused.kind(of: kept) != nil || refused.kind(of: kept + ".reason") != nil { kept = nanoseconds() + "-" + kept }
            try refused.file(kept + ".reason", O_WRONLY | O_CREAT | O_EXCL).write(Array((refusal.description + "\n").utf8))
            guard folder.kind(of: name) != nil else { return }
            try folder.rename(name, to: kept, in: refused)
        }
    }

    private static func existingFolder(_ worktree: String) throws(JournalError) -> Folder? {
        try JournalError.onFiles { () throws(FileError) in
            let root = try Folder(opening: worktree)
            guard root.kind(of: ".czar") != nil else { return nil }
            let own = try root.subfolder(".czar")
            guard own.kind(of: "outbox") != nil else { return nil }
            return try own.subfolder("outbox")
        }
    }
}
