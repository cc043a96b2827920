import CzarGit
import FoundationEssentials
import Glibc
import SystemPackage

/// Files for what the journal does not say about an attempt: `<common dir>/czar/attempts/<attempt>.<kind>`.
///
/// Those for what it may refuse to take are made, full of spaces, before the command starts: most likely it will not take an entry because
/// the disk is full, and then the space must be there already.
struct AttemptReserve: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// How it ended (``UnrecordedEnding``).
        case ended
        /// Why it is being ended (``UnrecordedHold``).
        case held
        /// Something of it is about to run, or has run: only an attempt without this mark may be taken for one that never began.
        case begun

        /// Those whose space is taken before.
        static let reserved: [Kind] = [.ended, .held]
    }

    private static let folder = "attempts"
    /// Bytes; what does not fit is written to a new file.
    private static let size = 4096

    let kind: Kind
    let stateFolder: String

    init(_ kind: Kind, in stateFolder: String) { (self.kind, self.stateFolder) = (kind, stateFolder) }

    private func name(_ attempt: AttemptID) -> String { attempt.fileStem + suffix }
    private var suffix: String { ".\(kind.rawValue)" }

    /// Reserves the space of one attempt, durably.
    func reserve(_ attempt: AttemptID) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in
            let folder = try Folder(opening: stateFolder).subfolder(Self.folder, creating: .asParent)
            try folder.write([UInt8](repeating: UInt8(ascii: " "), count: Self.size), to: name(attempt), mode: .asParent)
        }
    }

    /// Says durably that something of the attempt is about to run.
    static func markBegun(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) {
        let mark = AttemptReserve(.begun, in: stateFolder)
        try LaunchError.onFiles { () throws(FileError) in
            let folder = try Folder(opening: stateFolder).subfolder(Self.folder, creating: .asParent)
            // After a set-up it is there.
            guard folder.kind(of: mark.name(attempt)) == nil else { return }
            try folder.write("begun\n".utf8, to: mark.name(attempt), mode: .asParent)
        }
    }

    /// Gives the space back, and what was written into it.
    func giveBack(_ attempt: AttemptID) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in
            guard let kept = try keptFolder() else { return }
            try kept.removeFile(name(attempt))
        }
    }

    /// Writes into the space that was reserved, or into a new file where none was.
    func keep(_ value: some Encodable, of attempt: AttemptID) throws(LaunchError) {
        let content: Data
        do {
            content = try JSONEncoder().encode(value)
        } catch {
            throw .unreadable(what: "what is to be kept of \(attempt)", reason: "\(error)")
        }
        try LaunchError.onFiles { () throws(FileError) in
            let name = name(attempt)
            let folder = try Folder(opening: stateFolder).subfolder(Self.folder, creating: .asParent)
            guard content.count <= Self.size, folder.kind(of: name) == .file else {
                return try folder.write(content, to: name, mode: .asParent)
            }
            let padding = [UInt8](repeating: UInt8(ascii: " "), count: Self.size - content.count)
            let file = try folder.file(name, O_WRONLY)
            try file.write(Array(content) + padding, at: 0)
            try file.flush()
        }
    }

    /// What was kept of one attempt; nil when nothing was.
    func content(of attempt: AttemptID) throws(LaunchError) -> (path: String, bytes: [UInt8])? {
        try LaunchError.onFiles { () throws(FileError) in
            guard let kept = try keptFolder(), let bytes = try kept.read(name(attempt)), !Self.isBlank(bytes) else { return nil }
            return (kept.path + "/" + name(attempt), bytes)
        }
    }

    /// All that was kept; nothing when there never was anything. Reserved space is nothing.
    func contents() throws(LaunchError) -> [(path: String, bytes: [UInt8])] {
        try LaunchError.onFiles { () throws(FileError) in
            var files: [(path: String, bytes: [UInt8])] = []
            guard let kept = try keptFolder() else { return files }
            for name in try kept.names() where name.hasSuffix(suffix) && !name.hasPrefix(".") {
                if let bytes = try kept.read(name), !Self.isBlank(bytes) { files.append((kept.path + "/" + name, bytes)) }
            }
            return files
        }
    }

    /// The names of the files of its kind.
    fileprivate func names() throws(LaunchError) -> [String] {
        try LaunchError.onFiles { () throws(FileError) in try keptFolder()?.names().filter { $0.hasSuffix(suffix) } ?? [] }
    }

    /// Removes those of these files that are not of `running` attempts; `onlyBlank`: and hold nothing.
    fileprivate func remove(_ names: [String], but running: [AttemptID], onlyBlank: Bool) throws(LaunchError) {
        let running = Set(running.map(name))
        try LaunchError.onFiles { () throws(FileError) in
            guard let folder = try keptFolder() else { return }
            for name in names where !running.contains(name) {
                if let bytes = try folder.read(name), !onlyBlank || Self.isBlank(bytes) { try folder.removeFile(name) }
            }
        }
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 == UInt8(ascii: " ") } }

    /// Nil when nothing was ever kept.
    private func keptFolder() throws(FileError) -> Folder? {
        do throws(FileError) { return try Folder(opening: stateFolder).subfolder(Self.folder) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }
}

extension AttemptReserve {
    /// Reserves the space of everything that may have to be kept of an attempt.
    static func reserve(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) {
        for kind in Kind.reserved { try AttemptReserve(kind, in: stateFolder).reserve(attempt) }
    }

    /// Gives all of it back: the journal has what there is to say.
    static func giveBack(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) {
        for kind in Kind.allCases { try AttemptReserve(kind, in: stateFolder).giveBack(attempt) }
    }

    /// Removes what supervisors that were killed had reserved: that of every attempt but the `running` ones. An ending is never removed
    /// here; why an attempt was to be ended that has ended otherwise is of no more use, nor that it had begun.
    ///
    /// `running` is asked once the files are listed: an attempt that begins meanwhile is claimed before it has files.
    static func removeLeftovers(in stateFolder: String, running: () throws -> [AttemptID]) throws {
        let kinds = [(Kind.ended, true), (.held, false), (.begun, false)].map {
            (reserve: AttemptReserve($0, in: stateFolder), onlyBlank: $1)
        }
        let found = try kinds.map { try $0.reserve.names() }
        let running = try running()
        for (kind, names) in zip(kinds, found) { try kind.reserve.remove(names, but: running, onlyBlank: kind.onlyBlank) }
    }
}
