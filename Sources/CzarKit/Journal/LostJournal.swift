import CzarGit
import CzarPlanning

/// A journal that is not there, or is empty, and was there once: whoever would begin a new one instead would forget the history.
extension JournalPlace {
    private static let aside = databaseName + ".damaged-"

    /// The name under which a damaged journal is kept from now on.
    static func asideName() -> String { "\(aside)\(currentTime().milliseconds)" }

    /// To be asked where there is no entry; throws ``JournalError/damaged(path:reason:)`` when there were some.
    ///
    /// They show in a journal that was put aside as damaged. A mirror alone tells nothing: it also stays where somebody has put another
    /// `.git` in the place of the first, or has taken Czar's folder away to begin anew.
    func refuseToForget() throws(JournalError) {
        let kept = try JournalError.onFiles { () throws(FileError) in
            guard FileKind(at: self.folder) == .folder else { return nil as String? }
            return try openFolder(making: false).names().last { $0.hasPrefix(Self.aside) && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        }
        if let kept { throw .damaged(path: database, reason: "it is not there, and '\(folder)/\(kept)' was put aside as damaged") }
    }

    /// To be asked before a journal is begun: a file of no bytes that is there already was emptied, where a mirror has entries of this very
    /// folder's journal. Nobody takes a journal away so.
    ///
    /// - Complexity: linear in the mirror's size, where there is such a file.
    func refuseEmptied() throws(JournalError) {
        guard fingerprint()?.size == 0, let jsonMirror,
            let last = try MirrorReader.read(jsonMirror).entries.last(where: { $0.event.type.namesTheJournal }),
            let recorded = JournalIdentity(last.event.fields), try recorded.isSameFolder(as: JournalIdentity(of: commonDirectory))
        else { return }
        throw .damaged(path: database, reason: "it is empty, and its mirror '\(jsonMirror)' is not")
    }
}

extension EventType {
    /// Whether entries of this type say which folder the journal belongs to.
    fileprivate var namesTheJournal: Bool { self == .journalOpened || self == .journalRebuilt }
}
