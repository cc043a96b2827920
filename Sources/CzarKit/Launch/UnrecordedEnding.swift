import CzarGit
import FoundationEssentials
import Glibc
import SystemPackage

/// How an attempt ended, kept in a file because the journal would not take it: `<common dir>/czar/attempts/<attempt>.ended`.
///
/// The file is made, full of spaces, before the command starts: most likely the journal will not take an ending because the disk is full,
/// and then the space must be there already.
package struct UnrecordedEnding: Hashable, Sendable, Codable {
    private static let folder = "attempts"
    private static let suffix = ".ended"
    /// Bytes; what does not fit is written to a new file.
    private static let reservedSize = 4096

    package let attempt: AttemptID
    package let ending: AttemptEnding

    package init(attempt: AttemptID, ending: AttemptEnding) { (self.attempt, self.ending) = (attempt, ending) }

    private var name: String { attempt.fileStem + Self.suffix }

    /// Reserves the space of an ending, durably.
    static func reserve(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in
            let folder = try Folder(opening: stateFolder).subfolder(Self.folder, creating: .asParent)
            let blank = [UInt8](repeating: UInt8(ascii: " "), count: reservedSize)
            try folder.write(blank, to: attempt.fileStem + suffix, mode: .asParent)
        }
    }

    /// Gives the space back: the journal has the ending.
    static func giveBack(_ attempt: AttemptID, in stateFolder: String) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in
            guard let kept = try keptFolder(in: stateFolder) else { return }
            try kept.removeFile(attempt.fileStem + suffix)
        }
    }

    /// Writes the ending into the space that was reserved, or into a new file where none was.
    func keep(in stateFolder: String) throws(LaunchError) {
        let content: Data
        do {
            content = try JSONEncoder().encode(self)
        } catch {
            throw .unreadable(what: "the ending of \(attempt)", reason: "\(error)")
        }
        try LaunchError.onFiles { () throws(FileError) in
            let folder = try Folder(opening: stateFolder).subfolder(Self.folder, creating: .asParent)
            guard content.count <= Self.reservedSize, folder.kind(of: name) == .file else {
                return try folder.write(content, to: name, mode: .asParent)
            }
            let padding = [UInt8](repeating: UInt8(ascii: " "), count: Self.reservedSize - content.count)
            let file = try folder.file(name, O_WRONLY)
            try file.write(Array(content) + padding, at: 0)
            try file.flush()
        }
    }

    /// All that were kept; none when there never were any. A file that cannot be read is named in the error; reserved space is none.
    package static func all(in stateFolder: String) throws(LaunchError) -> [UnrecordedEnding] {
        let files = try LaunchError.onFiles { () throws(FileError) in
            var files: [(path: String, bytes: [UInt8])] = []
            guard let kept = try keptFolder(in: stateFolder) else { return files }
            for name in try kept.names() where name.hasSuffix(suffix) && !name.hasPrefix(".") {
                if let bytes = try kept.read(name), !isBlank(bytes) { files.append((kept.path + "/" + name, bytes)) }
            }
            return files
        }
        var found: [UnrecordedEnding] = []
        for file in files { found.append(try read(file.bytes, file.path)) }
        return found
    }

    /// Reserved space that holds no ending.
    private static func isBlank(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 == UInt8(ascii: " ") } }

    /// Nil when nothing was ever kept.
    private static func keptFolder(in stateFolder: String) throws(FileError) -> Folder? {
        do throws(FileError) { return try Folder(opening: stateFolder).subfolder(folder) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(LaunchError) -> UnrecordedEnding {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .unreadable(what: "'\(path)'", reason: "\(error)")
        }
    }

    /// To be called when the journal has it.
    package func remove(from stateFolder: String) throws(LaunchError) { try Self.giveBack(attempt, in: stateFolder) }

    /// Removes reserved space whose supervisor was killed: that of every attempt but the `running` ones. An ending is never removed here.
    package static func removeLeftovers(in stateFolder: String, running: [AttemptID]) throws(LaunchError) {
        let kept = Set(running.map { $0.fileStem + suffix })
        try LaunchError.onFiles { () throws(FileError) in
            guard let folder = try keptFolder(in: stateFolder) else { return }
            for name in try folder.names() where name.hasSuffix(suffix) && !kept.contains(name) {
                if let bytes = try folder.read(name), isBlank(bytes) { try folder.removeFile(name) }
            }
        }
    }
}
