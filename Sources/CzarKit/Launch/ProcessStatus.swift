import Glibc
import SystemPackage

/// One line of `/proc/<pid>/stat`, as far as Czar needs it.
///
/// The name of the program stands in parentheses and may itself hold spaces and parentheses, so the fields are counted
/// from the last `)` on (proc(5)).
struct ProcessStatus: Hashable, Sendable {
    let pid: Int32
    /// `R`, `S`, `D`, `T` (stopped), `t`, `Z` (ended, not yet reaped), `X`.
    let state: Character
    let parent: Int32
    let group: Int32
    let session: Int32
    /// Clock ticks after boot.
    let startTime: UInt64

    /// Ended, although its parent has not asked for its exit status yet.
    var hasEnded: Bool { state == "Z" || state == "X" }
    var isStopped: Bool { state == "T" || state == "t" }

    init?(parsing text: String) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"),
            let pid = Int32(text[..<open].trimmingSuffix(" "))
        else { return nil }
        let fields = text[text.index(after: close)...].split(whereSeparator: \.isWhitespace)
        // Field 3 of the line is the first one here: the start time, field 22, is number 19.
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let session = Int32(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        (self.pid, self.state, self.parent, self.group) = (pid, state, parent, group)
        (self.session, self.startTime) = (session, startTime)
    }

    /// Nil when there is no such process (any more).
    static func of(_ pid: Int32) -> ProcessStatus? {
        guard let text = ProcFile.text("/proc/\(pid)/stat") else { return nil }
        return ProcessStatus(parsing: text)
    }

    /// Every process that this one may see.
    /// - Complexity: one small file read a process of the machine.
    static func all() throws(LaunchError) -> [ProcessStatus] {
        guard let folder = opendir("/proc") else {
            throw .system(operation: "list", subject: "/proc", errno: Errno(rawValue: errno))
        }
        defer { closedir(folder) }
        var found: [ProcessStatus] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = Int32(name), let status = of(pid) { found.append(status) }
        }
        return found
    }
}

/// Reading files of `/proc`, which have no length and may vanish between two calls.
enum ProcFile {
    /// Nil when the file cannot be read: the process is gone, or belongs to somebody else.
    static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { return content }
            content += buffer[..<count]
        }
    }

    static func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Where a link of `/proc` points; nil when it cannot be read.
    static func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ character: Character) -> Substring {
        var rest = self
        while rest.last == character { rest.removeLast() }
        return rest
    }
}
