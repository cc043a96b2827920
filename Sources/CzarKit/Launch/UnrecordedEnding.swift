import CzarGit
import FoundationEssentials
import SystemPackage

/// How an attempt ended, kept in a file because the journal would not take it: `<common dir>/czar/attempts/<attempt>.ended`.
package struct UnrecordedEnding: Hashable, Sendable, Codable {
    private static let folder = "attempts"
    private static let suffix = ".ended"

    package let attempt: AttemptID
    package let ending: AttemptEnding

    package init(attempt: AttemptID, ending: AttemptEnding) { (self.attempt, self.ending) = (attempt, ending) }

    private var name: String { attempt.fileStem + Self.suffix }

    func keep(in stateFolder: String) throws(LaunchError) {
        let content: Data
        do {
            content = try JSONEncoder().encode(self)
        } catch {
            throw .unreadable(what: "the ending of \(attempt)", reason: "\(error)")
        }
        try LaunchError.onFiles { () throws(FileError) in
            try Folder(opening: stateFolder).subfolder(Self.folder, creating: .asParent).write(content, to: name, mode: .asParent)
        }
    }

    /// All that were kept; none when there never were any. A file that cannot be read is named in the error.
    package static func all(in stateFolder: String) throws(LaunchError) -> [UnrecordedEnding] {
        let files = try LaunchError.onFiles { () throws(FileError) in
            var files: [(path: String, bytes: [UInt8])] = []
            guard let kept = try keptFolder(in: stateFolder) else { return files }
            for name in try kept.names() where name.hasSuffix(suffix) && !name.hasPrefix(".") {
                if let bytes = try kept.read(name) { files.append((kept.path + "/" + name, bytes)) }
            }
            return files
        }
        var found: [UnrecordedEnding] = []
        for file in files { found.append(try read(file.bytes, file.path)) }
        return found
    }

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
    package func remove(from stateFolder: String) throws(LaunchError) {
        try LaunchError.onFiles { () throws(FileError) in
            guard let kept = try Self.keptFolder(in: stateFolder) else { return }
            try kept.removeFile(name)
        }
    }
}
