import CzarGit
import GRDB
import Glibc

/// Which folder of which machine a journal was made for.
struct JournalIdentity: Hashable, Sendable {
    let path: String
    let device: String
    let inode: String
    /// Device numbers may change from one boot to the next, so they are compared within one boot only.
    let boot: String
    let host: String

    init(of commonDirectory: String) throws(JournalError) {
        var status = stat()
        guard stat(commonDirectory, &status) == 0 else { throw JournalError(errno: errno, "examine", commonDirectory) }
        (path, device, inode) = (commonDirectory, String(status.st_dev), String(status.st_ino))
        // Empty on a kernel that does not tell: that gives no reason to refuse.
        boot = ProcFile.line("/proc/sys/kernel/random/boot_id") ?? ""
        host = ProcFile.line("/proc/sys/kernel/hostname") ?? ""
    }

    /// Nil when the database has no identity.
    init?(_ database: Database) throws {
        var rows: [String: String] = [:]
        let cursor = try Row.fetchCursor(database, sql: "SELECT name, value FROM meta")
        while let row = try cursor.next() { rows[row[0]] = row[1] as String }
        self.init(rows)
    }

    /// Reads ``fields``; nil when they name no folder.
    init?(_ fields: [String: String]) {
        guard let path = fields["path"], let device = fields["device"], let inode = fields["inode"] else { return nil }
        (self.path, self.device, self.inode) = (path, device, inode)
        (boot, host) = (fields["boot"] ?? "", fields["host"] ?? "")
    }

    func write(_ database: Database) throws {
        for (name, value) in fields {
            try database.execute(
                sql: "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                arguments: [name, value])
        }
    }

    var fields: [String: String] { ["path": path, "device": device, "inode": inode, "boot": boot, "host": host] }

    /// Whether `other`, taken later, is the same folder.
    func isSameFolder(as other: JournalIdentity) -> Bool {
        path == other.path && inode == other.inode && (device == other.device || boot != other.boot)
    }

    /// For the sentence of ``JournalError/copied(path:recorded:found:)``.
    var sentence: String { "'\(path)' (device \(device), inode \(inode)) on \(host)" }
}
