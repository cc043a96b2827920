import CzarGit
import CzarPlanning

/// The events that an old Czarina folder holds, and the lines in it that are none.
struct OldEvents {
    /// A line that is no event.
    struct BadLine: Hashable, Sendable {
        /// Relative to the folder.
        let file: String
        let line: Int
        let reason: String
        let text: String
    }

    private(set) var lines: [CzarinaLine] = []
    private(set) var bad: [BadLine] = []
    /// The files that were read, relative to the folder.
    private(set) var files: [String] = []

    private static let longestShown = 500

    /// Reads `events.log`, `logs/events.jsonl` and what Czar put aside under those names when it put its own mirrors there.
    init(in folder: String) throws {
        guard FileKind(at: folder) == .folder else { throw ProjectError.unreadable(path: folder, why: "it is no folder") }
        let top = try Folder(opening: folder)
        try read("events.log", top, "")
        guard top.kind(of: "logs") == .folder else { return }
        let logs = try top.subfolder("logs")
        for name in try logs.names() where name == "events.jsonl" || name.contains(".found-") { try read(name, logs, "logs/") }
    }

    private mutating func read(_ name: String, _ folder: borrowing Folder, _ prefix: String) throws {
        guard folder.kind(of: name) == .file, let bytes = try folder.read(name) else { return }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Every mirror of Czar's begins with the journal's first entry, which no other tool writes.
        if let first = lines.first, Self.isMirror(String(decoding: first, as: UTF8.self)) { return }
        files.append(prefix + name)
        for (index, line) in lines.enumerated() { take(line, number: index + 1, file: prefix + name) }
    }

    private static func isMirror(_ line: String) -> Bool {
        do throws(EventLineProblem) {
            let type = try EventLine.read(line).type
            return type == .journalOpened || type == .journalRebuilt
        } catch {
            return false
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, number: Int, file: String) {
        guard !bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) else { return }
        func refuse(_ reason: String) -> BadLine {
            BadLine(file: file, line: number, reason: reason, text: String(decoding: bytes.prefix(Self.longestShown), as: UTF8.self))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return bad.append(refuse("it is not valid UTF-8")) }
        do throws(EventLineProblem) {
            lines.append(try CzarinaLine(text.last == "\r" ? String(text.dropLast()) : text))
        } catch {
            bad.append(refuse(error.description))
        }
    }

    mutating func add(_ line: CzarinaLine) { lines.append(line) }
}
