import CzarGit
import Glibc
import SystemPackage

/// The processes that belong to one attempt, found without anybody having written them down.
///
/// An attempt's supervisor leads a session, and all that its command starts is in it, unless it makes a session of its own
/// (agents do that for the commands they run). Those are found by the mark in their environment, which every process passes
/// on, and as descendants of processes found already. So even an attempt whose supervisor was killed between starting the
/// command and recording it can be found and ended, from the supervisor's identity alone.
///
/// Invariants: the supervisor itself is never among them; a process is signalled only through a handle, after what made it
/// a member was read again. A session's number is not given away while a process is in it, so a leader's pid with another
/// start time means that the session is gone; when there is no leader any more, only the mark counts.
package struct SessionProcesses: Sendable {
    /// The variable that holds the mark: the supervisor's pid and start time.
    package static let markVariable = "CZAR_SUPERVISOR"

    package let supervisor: ProcessIdentity

    package init(supervisor: ProcessIdentity) { self.supervisor = supervisor }

    /// The value of ``markVariable`` for the supervisor's command.
    package static func mark(of supervisor: ProcessIdentity) -> String { "\(supervisor.pid).\(supervisor.startTime)" }

    /// The pids of all live members (zombies are not), in ascending order.
    package func pids() throws(LaunchError) -> [Int32] { try members().map(\.pid).sorted() }

    /// Stops all of them (SIGSTOP); returns when each has stopped or ended, or after `timeout`.
    /// Returns the number of processes that are stopped.
    @discardableResult
    package func pause(timeout: Duration = .seconds(5)) throws(LaunchError) -> Int {
        // Members may start others while they are being stopped: look again until a look finds nobody running.
        let deadline = Deadline(after: timeout)
        while true {
            let members = try members()
            let running = members.filter { !$0.isStopped }
            if running.isEmpty || deadline.isOver { return members.count - running.count }
            for member in running { try signal(member, SIGSTOP) }
            // The kernel tells nobody but the parent that a process has stopped, so there is no event to wait for: it takes
            // microseconds, or long when the process waits in the kernel.
            poll(nil, 0, 1)
        }
    }

    /// Continues all of them (SIGCONT). Returns how many there are.
    @discardableResult
    package func resume() throws(LaunchError) -> Int {
        let members = try members()
        for member in members { try signal(member, SIGCONT) }
        return members.count
    }

    /// Ends all of them: SIGTERM (and SIGCONT, since a stopped process would not hear it), then SIGKILL for whoever lives
    /// after `grace`. Returns when none is left; at once when there are none.
    /// - Throws: ``LaunchError/processesRemain(pids:)`` when some outlive SIGKILL for `limit`.
    package func terminate(grace: Duration, limit: Duration = .seconds(10)) throws(LaunchError) {
        let gentle = Deadline(after: grace)
        // Members that appear later, as children of those that are asked to end, are asked as well.
        var asked: Set<ProcessStatus.Key> = []
        while true {
            let members = try members()
            if members.isEmpty { return }
            for member in members where asked.insert(member.key).inserted {
                try signal(member, SIGTERM)
                try signal(member, SIGCONT)
            }
            if gentle.isOver { break }
            try waitForOne(of: members, until: gentle)
        }
        try kill(limit: limit)
    }

    private func kill(limit: Duration) throws(LaunchError) {
        let deadline = Deadline(after: limit)
        while true {
            let members = try members()
            if members.isEmpty { return }
            if deadline.isOver { throw .processesRemain(pids: members.map(\.pid).sorted()) }
            for member in members { try signal(member, SIGKILL) }
            try waitForOne(of: members, until: deadline)
        }
    }

    /// Waits for the first member: the others are looked at again right after.
    private func waitForOne(of members: [ProcessStatus], until deadline: Deadline) throws(LaunchError) {
        guard let first = members.first, let handle = try ProcessHandle(first.pid) else { return }
        guard try first.isStillThere() else { return }
        _ = try handle.waitForEnd(until: deadline)
    }

    /// Signals a process if it is still the one that was found. What belongs to another user is left alone.
    private func signal(_ member: ProcessStatus, _ signal: Int32) throws(LaunchError) {
        guard let handle = try ProcessHandle(member.pid), try member.isStillThere() else { return }
        do throws(LaunchError) {
            try handle.send(signal)
        } catch .system(_, _, .notPermitted) {
            // A program that changed its user (sudo): nothing of ours to end, and no reason to leave the others alone.
        }
    }

    // MARK: - Who belongs

    private func members() throws(LaunchError) -> [ProcessStatus] {
        if supervisor.isOutOfSight { throw .outOfSight(pid: supervisor.pid) }
        guard supervisor.isOfThisBoot else { return [] }
        // In the middle of execve(2) a process has neither its old program nor its new environment: for microseconds nothing tells
        // whose it is, unless the machine is busy. One that still has no environment then has cleared it, and is nobody of ours.
        for _ in 0..<50 {
            let look = try look()
            if !look.isUndecided { return look.members }
            poll(nil, 0, 1)
        }
        return try look().members
    }

    private func look() throws(LaunchError) -> (members: [ProcessStatus], isUndecided: Bool) {
        let everybody = try LaunchError.onFiles { () throws(FileError) in try ProcessStatus.all() }
        let leader = everybody.first { $0.pid == supervisor.pid }
        let candidates = everybody.filter { process in
            process.pid != supervisor.pid && process.pid != getpid() && process.pid > 1 && process.startTime >= supervisor.startTime
        }
        var pids: Set<Int32> = []
        var isUndecided = false
        for process in candidates where !process.hasEnded {
            switch belonging(of: process, leader: leader) {
            case .member: pids.insert(process.pid)
            case .undecided: isUndecided = true
            case .stranger: break
            }
        }
        // Descendants: each round takes in the children of those known, so as many rounds as the deepest chain.
        var grew = !pids.isEmpty
        while grew {
            let children = candidates.filter { pids.contains($0.parent) && !pids.contains($0.pid) }.map(\.pid)
            pids.formUnion(children)
            grew = !children.isEmpty
        }
        return (candidates.filter { pids.contains($0.pid) && !$0.hasEnded }, isUndecided)
    }

    private enum Belonging { case member, stranger, undecided }

    private func belonging(of process: ProcessStatus, leader: ProcessStatus?) -> Belonging {
        let isInSession = process.session == supervisor.pid
        if isInSession && leader?.startTime == supervisor.startTime { return .member }
        let isLeaderless = isInSession && leader == nil
        // Killed in the middle of starting the command: the child is still a copy of Czar, without the mark.
        if isLeaderless && Self.runsThisProgram(process.pid) { return .member }
        guard let environment = Self.environment(of: process.pid) else { return .stranger }
        if environment.isEmpty && isLeaderless { return .undecided }
        let mark = "\(Self.markVariable)=\(Self.mark(of: supervisor))".utf8
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) } ? .member : .stranger
    }

    /// The environment that the process was started with; nil when it is another user's, or just gone.
    private static func environment(of pid: Int32) -> [UInt8]? {
        do throws(FileError) { return try ProcFile.bytes("/proc/\(pid)/environ") } catch { return nil }
    }
}

extension SessionProcesses {
    private static func runsThisProgram(_ pid: Int32) -> Bool {
        guard let mine = ProcFile.linkTarget("/proc/self/exe"), let other = ProcFile.linkTarget("/proc/\(pid)/exe") else { return false }
        return mine == other
    }
}

extension ProcessStatus {
    /// A process among all that this boot has had.
    struct Key: Hashable {
        let pid: Int32
        let startTime: UInt64
    }

    var key: Key { Key(pid: pid, startTime: startTime) }

    /// Whether the pid still is this process's.
    fileprivate func isStillThere() throws(LaunchError) -> Bool {
        try LaunchError.onFiles { () throws(FileError) in try ProcessStatus.of(pid) }?.startTime == startTime
    }
}
