import Glibc
import SystemPackage

/// What names one process for ever: a pid alone is given to another process sooner or later.
///
/// Two identities are equal only if boot, pid and start time agree. A boot's id is of one start of one machine, whose name may change
/// meanwhile and is kept for people to read. The start time is in clock ticks after boot, as the kernel counts it, so that no clock that
/// somebody sets can change it.
package struct ProcessIdentity: Hashable, Sendable, Codable {
    package let host: String
    package let bootID: String
    package let pid: Int32
    /// Clock ticks after boot (field 22 of `/proc/<pid>/stat`).
    package let startTime: UInt64

    package init(host: String, bootID: String, pid: Int32, startTime: UInt64) {
        (self.host, self.bootID, self.pid, self.startTime) = (host, bootID, pid, startTime)
    }

    package static func == (one: ProcessIdentity, other: ProcessIdentity) -> Bool {
        one.bootID == other.bootID && one.pid == other.pid && one.startTime == other.startTime
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(bootID)
        hasher.combine(pid)
        hasher.combine(startTime)
    }

    /// This process, under the number that `/proc` gives it: in a sandbox that shows the `/proc` of another pid namespace, `getpid` tells a
    /// number that nobody can look up there.
    /// - Throws: ``FileError`` without `/proc`, which Czar needs to tell processes apart.
    package static func current() throws(FileError) -> ProcessIdentity {
        guard let machine = Machine.current, let status = try ProcessStatus.own() else {
            throw FileError("read", "/proc/self/stat", .noSuchFileOrDirectory)
        }
        return ProcessIdentity(host: machine.host, bootID: machine.bootID, pid: status.pid, startTime: status.startTime)
    }

    /// Nil when no process has that pid; a zombie has one.
    package static func of(_ pid: Int32) throws(FileError) -> ProcessIdentity? {
        guard let machine = Machine.current, let status = try ProcessStatus.of(pid) else { return nil }
        return ProcessIdentity(host: machine.host, bootID: machine.bootID, pid: pid, startTime: status.startTime)
    }

    /// Whether it was a process of this machine since its last start: only then a pid here means anything.
    package var isOfThisBoot: Bool {
        Machine.current?.bootID == bootID
    }

    /// Same boot, same pid, same start time, and not merely a zombie that nobody has reaped.
    ///
    /// When the kernel's answer cannot be had (no descriptor is left, or it is out of sight), the process counts as alive: what belongs to it
    /// must be left alone.
    package var isAlive: Bool {
        do throws(FileError) { return try status().map { !$0.hasEnded } ?? isUnknown } catch { return true }
    }

    /// Whether it can neither be ended nor waited for from here: this process is in a sandbox that numbers its processes itself, where the
    /// pid is nobody's or somebody else's.
    package var isOutOfSight: Bool {
        // Seen in somebody else's `/proc`, it is no process that a signal to its number there would reach.
        (ProcessNamespace.readsForeignFiles && isOfThisBoot) || isUnknown
    }

    /// Whether nothing at all can be said about it from here.
    private var isUnknown: Bool {
        guard ProcessNamespace.isForeign, Machine.current?.bootID == bootID else { return false }
        // What was started inside the same sandbox is seen.
        do throws(FileError) { return try status() == nil } catch { return true }
    }

    /// What the kernel says about exactly this process; nil when it is gone, or out of sight.
    package func status() throws(FileError) -> ProcessStatus? {
        guard isOfThisBoot, let status = try ProcessStatus.of(pid), status.startTime == startTime else { return nil }
        return status
    }

    /// The journal's form: `host`, `boot`, `pid`, `start`.
    package var fields: [String: String] {
        ["host": host, "boot": bootID, "pid": String(pid), "start": String(startTime)]
    }

    /// Nil when a field is missing or no number.
    package init?(fields: [String: String]) {
        guard let host = fields["host"], let bootID = fields["boot"], let pid = fields["pid"].flatMap({ Int32($0) }),
            let startTime = fields["start"].flatMap({ UInt64($0) }), pid > 0
        else { return nil }
        self.init(host: host, bootID: bootID, pid: pid, startTime: startTime)
    }
}

extension ProcessIdentity {
    /// One field of the journal: `host=… boot=… pid=… start=…`.
    package var text: String { fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }

    /// Reads ``text``.
    package init?(text: String) {
        var fields: [String: String] = [:]
        for part in text.split(separator: " ") {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            fields[String(part[..<equals])] = String(part[part.index(after: equals)...])
        }
        self.init(fields: fields)
    }
}

/// Which machine this is, and which of its runs.
package struct Machine: Sendable {
    package let host: String
    package let bootID: String

    /// Read once: the id of a boot cannot change while a process lives, and the host's name is for people.
    package static let current: Machine? = {
        guard let boot = ProcFile.line("/proc/sys/kernel/random/boot_id") else { return nil }
        var name = utsname()
        guard uname(&name) == 0 else { return nil }
        let host = withUnsafeBytes(of: name.nodename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Machine(host: host, bootID: boot)
    }()
}
