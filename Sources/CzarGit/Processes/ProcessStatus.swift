import SystemPackage

/// One line of `/proc/<pid>/stat`, as far as Czar needs it.
///
/// The name of the program stands in parentheses and may itself hold spaces and parentheses, so the fields are counted
/// from the last `)` on (proc(5)).
package struct ProcessStatus: Hashable, Sendable {
    package let pid: Int32
    /// `R`, `S`, `D`, `T` (stopped), `t`, `Z` (ended, not yet reaped), `X`.
    package let state: Character
    package let parent: Int32
    package let group: Int32
    package let session: Int32
    /// Clock ticks after boot.
    package let startTime: UInt64

    /// Ended, although its parent has not asked for its exit status yet.
    package var hasEnded: Bool { state == "Z" || state == "X" }
    package var isStopped: Bool { state == "T" || state == "t" }

    package init?(parsing text: String) {
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

    /// This process's own, with the pid that `/proc` gives it; nil without `/proc`.
    static func own() throws(FileError) -> ProcessStatus? {
        try ProcFile.bytes("/proc/self/stat").flatMap { ProcessStatus(parsing: String(decoding: $0, as: UTF8.self)) }
    }

    /// Nil when there is no such process (any more); throws when there is one that may not be looked at.
    package static func of(_ pid: Int32) throws(FileError) -> ProcessStatus? {
        do throws(FileError) {
            return try ProcFile.bytes("/proc/\(pid)/stat").flatMap { ProcessStatus(parsing: String(decoding: $0, as: UTF8.self)) }
        } catch {
            // The process ended between open and read.
            if error.errno == .noSuchProcess { return nil }
            throw error
        }
    }

    /// Every process that this one may see.
    /// - Complexity: one small file read a process of the machine.
    package static func all() throws(FileError) -> [ProcessStatus] {
        var found: [ProcessStatus] = []
        for name in try Folder(opening: "/proc").entries() {
            guard let pid = Int32(String(decoding: name, as: UTF8.self)) else { continue }
            do throws(FileError) {
                if let status = try of(pid) { found.append(status) }
            } catch  where [.permissionDenied, .notPermitted].contains(error.errno) {
                // Another user's, where /proc is mounted with hidepid.
                continue
            }
        }
        return found
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ character: Character) -> Substring {
        var rest = self
        while rest.last == character { rest.removeLast() }
        return rest
    }
}
