import CzarGit
import CzarPlanning
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CzarKit

@Suite struct LaunchProcessTests {
    private func sleeper() throws -> ChildProcess {
        try ChildProcess(["sleep", "600"], environment: hermeticEnvironment)
    }

    @Test func aStatLineIsReadWhateverTheProgramIsCalled() throws {
        let line = "42 (a) R (b c) S 7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 129892 3133440 384 1844"
        let status = try #require(ProcessStatus(parsing: line))
        #expect(status.pid == 42 && status.state == "S" && status.parent == 7 && status.group == 8 && status.session == 9)
        #expect(status.startTime == 129892)
        for broken in ["", "42", "42 (x", "42 (x) S 1 2", "x (y) S 7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 129892"] {
            #expect(ProcessStatus(parsing: broken) == nil)
        }
    }

    @Test func thisProcessHasAnIdentityThatTheJournalKeeps() throws {
        let mine = try ProcessIdentity.current()
        #expect(mine.pid == getpid() && mine.isAlive)
        #expect(ProcessIdentity(fields: mine.fields) == mine)
        #expect(try ProcessIdentity.of(getpid()) == mine)
        for field in mine.fields.keys {
            var fields = mine.fields
            fields[field] = nil
            #expect(ProcessIdentity(fields: fields) == nil)
        }
    }

    @Test func aProcessOfAnotherStartTimeOrBootIsNotAlive() throws {
        let mine = try ProcessIdentity.current()
        let others = [
            ProcessIdentity(host: mine.host, bootID: mine.bootID, pid: mine.pid, startTime: mine.startTime + 1),
            ProcessIdentity(host: mine.host, bootID: "another", pid: mine.pid, startTime: mine.startTime),
        ]
        for other in others {
            #expect(!other.isAlive)
            #expect(try other.waitForEnd())
            #expect(try SessionProcesses(supervisor: other).pids() == [])
        }
    }

    /// A machine may be given another name while its processes run.
    @Test func aProcessIsTheSameWhateverItsHostIsCalled() throws {
        let mine = try ProcessIdentity.current()
        let named = ProcessIdentity(host: "another", bootID: mine.bootID, pid: mine.pid, startTime: mine.startTime)
        #expect(named == mine && named.hashValue == mine.hashValue && named.isAlive)
    }

    @Test func aZombieIsNotAlive() throws {
        var pid: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(arguments[0]) }
        #expect(posix_spawn(&pid, "/bin/true", nil, nil, &arguments, nil) == 0)
        var facts = siginfo_t()
        #expect(waitid(P_PID, id_t(pid), &facts, WEXITED | WNOWAIT) == 0)
        let zombie = try #require(try ProcessIdentity.of(pid))
        #expect(kill(pid, 0) == 0 && !zombie.isAlive)
        #expect(try zombie.waitForEnd())
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid)
        #expect(try ProcessIdentity.of(pid) == nil)
    }

    @Test func waitingEndsWithTheProcessOrTheTime() throws {
        let process = try sleeper()
        let identity = try #require(try ProcessIdentity.of(process.pid))
        #expect(try identity.waitForEnd(timeout: .milliseconds(20)) == false)
        kill(process.pid, SIGKILL)
        #expect(try identity.waitForEnd(timeout: .seconds(20)))
        #expect(!identity.isAlive)
    }

    @Test func aHandleOfAnEndedProcessReachesNobody() throws {
        let process = try sleeper()
        guard let handle = try ProcessHandle(process.pid) else { return #expect(Bool(false)) }
        kill(process.pid, SIGKILL)
        process.waitForEnd()
        #expect(try handle.send(SIGKILL) == false)
        let gone = try ProcessHandle(process.pid) == nil
        #expect(gone)
    }

    @Test func aSessionWhoseLeaderIsAnotherProcessNowIsNotTouched() throws {
        // The session of this test's own shell, under the pid of its leader but with another start time.
        let leader = getsid(0)
        guard let real = try ProcessIdentity.of(leader), real.startTime > 0 else { return }
        let impostor = ProcessIdentity(host: real.host, bootID: real.bootID, pid: leader, startTime: real.startTime - 1)
        #expect(try SessionProcesses(supervisor: impostor).pids() == [])
    }

    @Test(arguments: [AttemptEnding.exited(0), .exited(255), .signalled(15), .notStarted(status: 127, reason: "no program")])
    func anEndingIsKeptInFields(ending: AttemptEnding) {
        #expect(AttemptEnding(fields: ending.fields) == ending)
    }

    @Test func aHandshakeIsReadBackAndNothingElseIs() throws {
        let mine = try ProcessIdentity.current()
        for handshake in [Handshake.claimed(mine), .lost(reason: "late\n\"x\""), .taken(reason: "soon"), .failed(reason: "é")] {
            #expect(handshake.line.hasSuffix("\n") && handshake.line.filter { $0 == "\n" }.count == 1)
            #expect(try Handshake(line: String(handshake.line.dropLast())) == handshake)
        }
        for line in ["", "claimed", "claimed {}", "lost {}", "maybe {\"reason\":\"x\"}", "claimed {\"pid\":1}"] {
            #expect(throws: LaunchError.self) { try Handshake(line: line) }
        }
    }

    @Test func aProgramIsFoundAlongThePathAndExplainedWhereNot() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] { mkdir(folder.path + "/" + name, 0o700) }
        for (path, mode) in [("a/tool", 0o644), ("b/tool", 0o755), ("a/plain", 0o644)] {
            try "".write(toFile: folder.path + "/" + path, atomically: true, encoding: .utf8)
            chmod(folder.path + "/" + path, mode_t(mode))
        }
        let search = "\(folder.path)/a:\(folder.path)/b"
        #expect(try Program.path(of: "tool", in: "/", searchPath: search) == folder.path + "/b/tool")
        #expect(try Program.path(of: "b/tool", in: folder.path, searchPath: nil) == folder.path + "/b/tool")
        func status(_ name: String) -> Int32? {
            do {
                _ = try Program.path(of: name, in: folder.path, searchPath: search)
                return nil
            } catch { return error.status }
        }
        #expect(status("plain") == 126 && status("nothing") == 127 && status("./a") == 126 && status("./c/d") == 127)
    }
}
