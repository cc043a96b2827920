import CzarGit
import CzarKit
import Glibc

/// Commits and changes as git shows them.
struct ChangeText {
    let reader: ChangeReader
    let style: Style

    /// The patch, or a line a file.
    func write(_ changes: TreeChanges, stat: Bool) throws {
        guard !changes.files.isEmpty else { return }
        if stat { return Console.answer(DiffStat(rows: try changes.files.map(row), style: style).text) }
        let text = PatchText(style: style)
        try reader.patch(of: changes) { text.write($0) }
    }

    private func row(_ file: FileChange) throws -> DiffStat.Row {
        let name = Self.name(file.path)
        let sizes = file.isBinary ? file.oldID == file.newID ? (0, 0) : try reader.sizes(of: file) : nil
        return DiffStat.Row(
            name: file.status == .renamed ? DiffStat.renamed(Self.name(file.oldPath ?? file.path), name) : name,
            insertions: file.insertions,
            deletions: file.deletions, binary: sizes)
    }

    private static func name(_ path: RepositoryPath) -> String { String(decoding: QuotedPath.bytes(path), as: UTF8.self) }

    /// The head of `git show`: id, parents of a merge, author, date and message.
    func header(_ commit: Commit) throws -> String {
        var lines = [style.paint("commit \(commit.id.hex)", .yellow)]
        if commit.parents.count > 1 {
            lines.append("Merge: " + (try commit.parents.map { try reader.abbreviated($0) }).joined(separator: " "))
        }
        lines.append("Author: \(DisplayText.safe(commit.author.name)) <\(DisplayText.safe(commit.author.email))>")
        lines += ["Date:   \(Self.date(commit.author))", ""]
        var message = commit.message.split(separator: "\n", omittingEmptySubsequences: false).drop { $0.allSatisfy(\.isWhitespace) }
        while message.last?.allSatisfy(\.isWhitespace) == true { message.removeLast() }
        return (lines + message.map { "    " + DisplayText.safeLine(String($0)) }).joined(separator: "\n")
    }

    /// `Fri Nov 25 21:03:00 2026 +0100`: the clock on the author's wall.
    private static func date(_ signature: Signature) -> String {
        var seconds = time_t(signature.seconds + Int64(signature.offsetMinutes) * 60)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(signature.seconds)" }
        var bytes = [CChar](repeating: 0, count: 64)
        // Day names are git's, not the user's language's: this program never calls setlocale.
        let length = strftime(&bytes, bytes.count, "%a %b", &parts)
        let start = String(decoding: bytes[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = abs(signature.offsetMinutes)
        let zone = (signature.offsetMinutes < 0 ? "-" : "+") + two(minutes / 60) + two(minutes % 60)
        return "\(start) \(parts.tm_mday) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) \(parts.tm_year + 1900) \(zone)"
    }
}
