import FoundationEssentials
import Glibc
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
        try GuardedFolder(trusted: stateFolder).folder(Self.folder).write(Array(content), to: name)
    }

    /// All that were kept; none when there never were any. A file that cannot be read is named in the error.
    package static func all(in stateFolder: String) throws(LaunchError) -> [UnrecordedEnding] {
        let path = stateFolder + "/" + folder
        guard let listing = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .system(operation: "list", subject: path, errno: Errno(rawValue: errno))
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
        }
        var found: [UnrecordedEnding] = []
        for name in names.sorted() { found.append(try read(path + "/" + name)) }
        return found
    }

    private static func read(_ path: String) throws(LaunchError) -> UnrecordedEnding {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(ProcFile.bytes(path) ?? []))
        } catch {
            throw .unreadable(what: "'\(path)'", reason: "\(error)")
        }
    }

    /// To be called when the journal has it.
    package func remove(from stateFolder: String) throws(LaunchError) {
        let path = "\(stateFolder)/\(Self.folder)/\(name)"
        if unlink(path) != 0 && errno != ENOENT {
            throw .system(operation: "remove", subject: path, errno: Errno(rawValue: errno))
        }
    }
}
