import CzarGit
import CzarPlanning

/// A journal that is not there, or is empty, and was there once: whoever would begin a new one instead would forget the history.
extension JournalPlace {
    private static let aside = databaseName + ".damaged-"

    /// The name under which a damaged journal is kept from now on.
    static func asideName() -> String { "\(aside)\(currentTime().milliseconds)" }

    /// To be asked where there is no entry; throws ``JournalError/damaged(path:reason:)`` when there were some.
    ///
    /// They show in a journal that was put aside as damaged, and in a mirror that names this very repository: another one's may lie at
    /// its place after a copy.
    ///
    /// - Complexity: linear in the mirror's size, where there is one.
    func refuseToForget() throws(JournalError) {
        let kept = try JournalError.onFiles { () throws(FileError) in
            guard FileKind(at: self.folder) == .folder else { return nil as String? }
            return try openFolder(making: false).names().last { $0.hasPrefix(Self.aside) && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        }
        if let kept { throw .damaged(path: database, reason: "it is not there, and '\(folder)/\(kept)' was put aside as damaged") }
        guard let jsonMirror, let last = try MirrorReader.read(jsonMirror).entries.last(where: { $0.event.type.namesTheJournal }),
            let recorded = JournalIdentity(last.event.fields), try recorded.isSameFolder(as: JournalIdentity(of: commonDirectory))
        else { return }
        throw .damaged(path: database, reason: "it is not there, and its mirror '\(jsonMirror)' is")
    }
}

extension EventType {
    /// Whether entries of this type say which folder the journal belongs to.
    fileprivate var namesTheJournal: Bool { self == .journalOpened || self == .journalRebuilt }
}
