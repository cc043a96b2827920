import CzarGit
import CzarPlanning
import Glibc

/// Where events wait whose writer cannot write the journal (a sandboxed agent): one file each in `<worktree>/.czar/outbox/`.
package enum Outbox {
    /// Bytes; an event of the longest size whose every byte is escaped still fits.
    static let longestFile = 2 * 1024 * 1024

    /// Leaves an event for the daemon or the next command. Durable when it returns; answers the file's path.
    ///
    /// The name starts with the nanoseconds of the clock, so that names sort in the order of writing, and ends with the event's origin.
    @discardableResult
    package static func put(_ event: Event, worktree: String) throws(JournalError) -> String {
        var random = SystemRandomNumberGenerator()
        let unique = padded(String(random.next(), radix: 16), 16) + padded(String(random.next(), radix: 16), 16)
        let name = "\(nanoseconds())-\(unique).json"
        var bytes: [UInt8] = []
        EventLine(event).appendJSON(to: &bytes)
        bytes.append(0x0A)
        return try JournalError.onFiles { () throws(FileError) in
            let folder = try Folder(opening: worktree).subfolder(".czar/outbox", creating: .asParent, durable: true)
            try folder.write(bytes, to: name, mode: .asParent)
            return folder.path + "/" + name
        }
    }

    /// Whether anything waits in a worktree; a folder that cannot be read is left to who takes it in.
    static func holdsAny(_ worktree: String) -> Bool {
        guard let folder = opendir(worktree + "/" + WorkerFiles.outbox) else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            if entry.pointee.d_type == DT_REG, entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { return true }
        }
        return false
    }

    /// Nineteen digits until the year 2286.
    static func nanoseconds() -> String {
        let time = wallClock()
        return padded(String(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)), 19)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
