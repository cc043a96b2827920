import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CzarKit

@Suite struct LaunchSupervisorTests {
    /// Shell text that goes on when the file `go` appears.
    private let untilGo = "while [ ! -e go ]; do sleep 0.02; done"

    @Test func anExitCodeIsRecordedAndThenSettled() async throws {
        let bench = try LaunchBench()
        let code = try await bench.run(try bench.request("echo out; echo err >&2; echo again; exit 7"))
        #expect(code == 0)
        #expect(bench.recorder.entries().map(\.word) == ["claim", "started", "ended", "settled"])
        #expect(bench.ending == .exited(7))
        #expect(try bench.log() == "out\nerr\nagain\n")
    }

    @Test func aSignalIsRecordedAsOne() async throws {
        let bench = try LaunchBench()
        try await bench.run(try bench.request("kill -9 $$"))
        #expect(bench.ending == .signalled(SIGKILL))
        #expect(bench.ending?.status == 137)
    }

    @Test func aProgramThatIsMissingIsRecordedAs127() async throws {
        let bench = try LaunchBench()
        try await bench.run(try bench.request("", arguments: ["no-such-agent", "-p"]))
        guard case .notStarted(127, let reason)? = bench.ending else { return #expect(Bool(false), "\(String(describing: bench.ending))") }
        #expect(reason.contains("no-such-agent"))
        #expect(bench.recorder.entries().map(\.word) == ["claim", "ended", "settled"])
    }

    @Test func aProgramThatMayNotRunIsRecordedAs126() async throws {
        let bench = try LaunchBench()
        try "#!/bin/sh\n".write(toFile: bench.worktree + "/tool", atomically: true, encoding: .utf8)
        try await bench.run(try bench.request("", arguments: ["./tool"]))
        guard case .notStarted(126, let reason)? = bench.ending else { return #expect(Bool(false), "\(String(describing: bench.ending))") }
        #expect(reason.contains("EACCES"))
    }

    @Test func aMissingInterpreterIsRecordedAs126() async throws {
        let bench = try LaunchBench()
        let path = bench.worktree + "/tool"
        try "#!/no/such/shell\n".write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o755)
        try await bench.run(try bench.request("", arguments: [path]))
        guard case .notStarted(126, let reason)? = bench.ending else { return #expect(Bool(false), "\(String(describing: bench.ending))") }
        #expect(reason.contains("interpreter"))
    }

    @Test func aFolderThatIsGoneIsRecordedAndNothingRuns() async throws {
        let bench = try LaunchBench()
        var request = try bench.request("touch ran")
        request.command.folder = bench.folder.path + "/nowhere"
        try await bench.run(request)
        #expect(bench.ending?.status == 126)
    }

    @Test func standardInputIsEmpty() async throws {
        let bench = try LaunchBench()
        try await bench.run(try bench.request("wc -c; readlink /proc/self/fd/0"))
        #expect(try bench.log() == "0\n/dev/null\n")
    }

    @Test func thePromptIsGivenOnStandardInput() async throws {
        let bench = try LaunchBench()
        try "do this\n".write(toFile: bench.worktree + "/.czar/prompt.md", atomically: true, encoding: .utf8)
        try await bench.run(try bench.request("cat", input: .file(".czar/prompt.md")))
        #expect(try bench.log() == "do this\n")
    }

    @Test func aPromptThatIsASymlinkIsNotRead() async throws {
        let bench = try LaunchBench()
        try FileManager.default.createSymbolicLink(atPath: bench.worktree + "/.czar/prompt.md", withDestinationPath: "/etc/passwd")
        try await bench.run(try bench.request("cat", input: .file(".czar/prompt.md")))
        #expect(bench.ending?.status == 126)
        #expect(try bench.log() == "")
    }

    @Test func onlyTheGivenEnvironmentAndThreeDescriptorsReachTheCommand() async throws {
        let bench = try LaunchBench()
        setenv("CZAR_LAUNCH_LEAK", "yes", 1)
        try await bench.run(
            try bench.request("/usr/bin/env | sed 's/=.*//' | sort | tr '\\n' ' '; ls /proc/self/fd | wc -l", environment: ["MINE": "1"]))
        // Four: ls itself opens the folder.
        #expect(try bench.log() == "CZAR_PID_NAMESPACE CZAR_SUPERVISOR MINE PATH PWD 4\n")
    }

    @Test func theCommandLeadsAGroupInsideTheSupervisorsSession() async throws {
        let bench = try LaunchBench()
        let answer = try await bench.launcher.launch(try bench.request("cut -d' ' -f1,5,6 /proc/$$/stat"))
        let end = try await bench.end()
        guard case .claimed(let supervisor) = answer else { return #expect(Bool(false), "\(answer)") }
        let started = try #require(bench.recorder.entries().first { $0.word == "started" }.flatMap { ProcessIdentity(fields: $0.fields) })
        #expect(try bench.log() == "\(started.pid) \(started.pid) \(supervisor.pid)\n")
        #expect(end.pid == supervisor.pid)
        #expect(supervisor == bench.recorder.entries().first.flatMap { ProcessIdentity(fields: $0.fields) })
    }

    @Test func anEndedSupervisorIsReapedWithoutAnybodyWaiting() async throws {
        let bench = try LaunchBench()
        _ = try await bench.launcher.launch(try bench.request("exit 0"))
        let end = try await bench.end()
        #expect(try ProcessStatus.of(end.pid) == nil)
    }

    @Test func grandchildrenAreEndedWithTheCommandAndTheirOutputIsKept() async throws {
        let bench = try LaunchBench()
        // One in the session, one that made a session of its own, one that lost its parent and its session, one deaf to TERM.
        let script = """
            (trap 'echo last words; exit' TERM; echo a > a; while :; do sleep 0.05; done) &
            setsid sh -c 'echo $$ > b; exec sleep 600' &
            setsid sh -c '(sh -c "echo \\$\\$ > c; exec sleep 600" &) ; exit' &
            (trap '' TERM; echo d > d; while :; do sleep 0.05; done) &
            while [ ! -s a ] || [ ! -s b ] || [ ! -s c ] || [ ! -s d ]; do sleep 0.02; done
            exit 3
            """
        guard case .claimed(let supervisor) = try await bench.launcher.launch(try bench.request(script)) else {
            return #expect(Bool(false))
        }
        _ = try await bench.end()
        #expect(bench.ending == .exited(3))
        #expect(try SessionProcesses(supervisor: supervisor).pids() == [])
        for name in ["b", "c"] {
            let pid = try #require(Int32(try await bench.waitForFile(name)))
            #expect(try ProcessIdentity.of(pid)?.isAlive != true, "\(name) lives")
        }
        #expect(try bench.log().contains("last words"))
    }

    @Test func aSupervisorThatIsAskedToEndEndsTheCommandAndRecordsIt() async throws {
        let bench = try LaunchBench()
        let answer = try await bench.launcher.launch(
            try bench.request("trap 'echo bye; exit 9' TERM; echo y > up; while :; do sleep 0.05; done"))
        guard case .claimed(let supervisor) = answer else { return #expect(Bool(false), "\(answer)") }
        _ = try await bench.waitForFile("up")
        #expect(try RunningAttempt(supervisor: supervisor).stop(grace: .seconds(10)))
        #expect(bench.ending == .exited(9))
        #expect(bench.recorder.entries().last?.word == "settled")
    }

    @Test func aCommandThatIgnoresTheRequestIsKilledAfterItsGrace() async throws {
        let bench = try LaunchBench()
        let script = "trap '' TERM; echo y > up; while :; do sleep 0.05; done"
        guard case .claimed(let supervisor) = try await bench.launcher.launch(try bench.request(script, grace: 0.3)) else {
            return #expect(Bool(false))
        }
        _ = try await bench.waitForFile("up")
        #expect(try RunningAttempt(supervisor: supervisor).stop(grace: .seconds(10)))
        #expect(bench.ending == .signalled(SIGKILL))
    }

    @Test func aPausedCommandCanBeStopped() async throws {
        let bench = try LaunchBench()
        guard case .claimed(let supervisor) = try await bench.launcher.launch(try bench.request("echo y > up; sleep 600")) else {
            return #expect(Bool(false))
        }
        _ = try await bench.waitForFile("up")
        let attempt = RunningAttempt(supervisor: supervisor)
        try attempt.pause()
        #expect(try attempt.stop(grace: .seconds(10)))
        #expect(bench.ending == .signalled(SIGTERM))
    }

    @Test func pausingStopsAllProcessesAndResumingContinuesThem() async throws {
        let bench = try LaunchBench()
        let script = "setsid sh -c 'echo y > child; exec sleep 600' & echo y > up; \(untilGo); echo y > gone-on"
        guard case .claimed(let supervisor) = try await bench.launcher.launch(try bench.request(script)) else {
            return #expect(Bool(false))
        }
        _ = try await bench.waitForFile("up")
        _ = try await bench.waitForFile("child")
        let attempt = RunningAttempt(supervisor: supervisor)
        #expect(try attempt.pause() >= 2)
        #expect(try attempt.processes.pids().allSatisfy { try ProcessStatus.of($0)?.isStopped == true })
        #expect(try supervisor.status()?.isStopped == false)
        bench.letGo()
        try await Task.sleep(for: .milliseconds(100))
        #expect(!FileManager.default.fileExists(atPath: bench.worktree + "/gone-on"))
        try attempt.resume()
        _ = try await bench.end()
        #expect(bench.ending == .exited(0))
    }

    @Test func theProcessesOfAKilledSupervisorAreFoundAndEnded() async throws {
        let bench = try LaunchBench()
        let script = "setsid sh -c 'echo $$ > away; exec sleep 600' & sleep 600 & echo $$ > up; wait"
        guard case .claimed(let supervisor) = try await bench.launcher.launch(try bench.request(script)) else {
            return #expect(Bool(false))
        }
        let shell = try #require(Int32(try await bench.waitForFile("up")))
        let away = try #require(Int32(try await bench.waitForFile("away")))
        kill(supervisor.pid, SIGKILL)
        let end = try await bench.end()
        #expect(end.status == 137)
        let attempt = RunningAttempt(supervisor: supervisor)
        let found = try attempt.processes.pids()
        #expect(found.contains(shell) && found.contains(away) && found.count >= 3, "\(found)")
        #expect(try attempt.stop(grace: .seconds(5)) == false)
        #expect(try attempt.processes.pids() == [])
        #expect(try ProcessIdentity.of(away)?.isAlive != true)
        #expect(bench.ending == nil)
        // Nobody holds the lifeline any more.
        _ = try Lifeline(AttemptID(WorkerKey(phase: .first, id: #require(WorkerID(rawValue: "w"))), number: 1), stateFolder: bench.state)
    }

    @Test func nothingOutlivesASupervisorThatIsKilledWhileItStartsItsCommand() async throws {
        let bench = try LaunchBench()
        for number in 1...12 {
            let answer = try await bench.launcher.launch(try bench.request("sleep 600 & sleep 600", attempt: number))
            guard case .claimed(let supervisor) = answer else { return #expect(Bool(false), "\(answer)") }
            // The claim is said right before the command is started; each round kills a little later.
            usleep(UInt32(number) * 400)
            kill(supervisor.pid, SIGKILL)
            _ = try await bench.end()
            try RunningAttempt(supervisor: supervisor).stop(grace: .seconds(5))
            let left = try ProcessStatus.all().filter { $0.session == supervisor.pid && !$0.hasEnded }
            #expect(left.isEmpty, "round \(number): \(left)")
        }
    }

    @Test func theExitStatusIsRecordedAlthoughTheSpawnerWasKilled() async throws {
        let bench = try LaunchBench()
        let spawner = try LaunchSpawnerEntry.start(try bench.request("echo y > up; \(untilGo); exit 4"), in: bench.folder.path)
        _ = try await bench.waitForFile("up")
        kill(spawner.pid, SIGKILL)
        spawner.waitForEnd()
        bench.letGo()
        try await eventually("the settlement") { bench.recorder.entries().last?.word == "settled" ? () : nil }
        #expect(bench.ending == .exited(4))
    }

    @Test func ofTwoSupervisorsOfOneAttemptTheSecondStartsNothing() async throws {
        let bench = try LaunchBench()
        let first = try await bench.launcher.launch(try bench.request("echo y >> starts; \(untilGo)"))
        let second = try await bench.launcher.launch(try bench.request("echo y >> starts; \(untilGo)"))
        guard case .claimed = first, case .taken(let reason) = second else { return #expect(Bool(false), "\(first) \(second)") }
        #expect(reason.contains("already has a supervisor"))
        #expect(try await bench.end().status == Supervisor.Outcome.lost.rawValue)
        _ = try await bench.waitForFile("starts")
        bench.letGo()
        _ = try await bench.end()
        #expect(try await bench.waitForFile("starts") == "y")
        // The lifeline is free again, but the journal still says who had it.
        guard case .lost = try await bench.launcher.launch(try bench.request("echo y >> starts")) else { return #expect(Bool(false)) }
        #expect(try await bench.waitForFile("starts") == "y")
    }

    @Test func manyLaunchesOfOneAttemptAtOnceStartItOnce() async throws {
        let bench = try LaunchBench()
        let request = try bench.request("echo y >> starts; \(untilGo)")
        let answers = try await withThrowingTaskGroup(of: Handshake.self) { group in
            for _ in 0..<6 { group.addTask { try await bench.launcher.launch(request) } }
            return try await group.reduce(into: [Handshake]()) { $0.append($1) }
        }
        let claims = answers.filter { if case .claimed = $0 { true } else { false } }
        #expect(claims.count == 1)
        bench.letGo()
        for _ in answers { _ = try await bench.end() }
        #expect(try await bench.waitForFile("starts") == "y")
    }

    /// Most likely the disk is full then: no new file may be needed.
    @Test func anEndingIsKeptInTheSpaceThatWasReservedBeforeTheStart() async throws {
        let bench = try LaunchBench()
        let request = try bench.request("stat -c %i \(bench.state)/attempts/*.ended > ino; while [ ! -e go ]; do sleep 0.02; done; exit 5")
        async let outcome = bench.run(request)
        let inode = try await bench.waitForFile("ino")
        #expect(try UnrecordedEnding.all(in: bench.state) == [])
        bench.breakJournal()
        bench.letGo()
        #expect(try await outcome == Supervisor.Outcome.failed.rawValue)
        #expect(try UnrecordedEnding.all(in: bench.state).map(\.ending) == [.exited(5)])
        let folder = bench.state + "/attempts"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".ended") }
        #expect(names.count == 1)
        let found = try FileManager.default.attributesOfItem(atPath: folder + "/" + (names.first ?? ""))[.systemFileNumber] as? NSNumber
        #expect(found.map { "\($0)" } == inode.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func clearingReservedSpaceNeverRemovesAnEnding() async throws {
        let bench = try LaunchBench()
        bench.breakJournal()
        _ = try await bench.run(try bench.request("exit 5"))
        try AttemptReserve.reserve(try bench.request("exit 0", attempt: 2).attempt, in: bench.state)
        try AttemptReserve.removeLeftovers(in: bench.state) { [] }
        #expect(try UnrecordedEnding.all(in: bench.state).map(\.ending) == [.exited(5)])
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.state + "/attempts").count == 1)
    }

    @Test func anEndingThatTheJournalTookLeavesNoReservedSpace() async throws {
        let bench = try LaunchBench()
        #expect(try await bench.run(try bench.request("exit 0")) == Supervisor.Outcome.recorded.rawValue)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.state + "/attempts").isEmpty)
    }

    @Test func anEndingThatTheJournalRefusesIsKeptAside() async throws {
        let bench = try LaunchBench()
        bench.breakJournal()
        let request = try bench.request("exit 5")
        #expect(try await bench.run(request) == Supervisor.Outcome.failed.rawValue)
        let kept = try UnrecordedEnding.all(in: bench.state)
        #expect(kept == [UnrecordedEnding(attempt: request.attempt, ending: .exited(5))])
        try kept.first?.remove(from: bench.state)
        #expect(try UnrecordedEnding.all(in: bench.state) == [])
        #expect(!bench.recorder.entries().contains { $0.word == "settled" })
    }

    @Test func aProgramThatIsNoSupervisorIsAnError() async throws {
        let bench = try LaunchBench()
        await #expect(throws: LaunchError.self) {
            _ = try await SupervisorLauncher(executable: "/bin/true").launch(try bench.request("true"))
        }
        await #expect(throws: LaunchError.self) {
            _ = try await SupervisorLauncher(executable: "/no/such/czar").launch(try bench.request("true"))
        }
    }

    @Test func theRequestIsNowhereOnDiskOrInArguments() async throws {
        let bench = try LaunchBench()
        let request = try bench.request("echo y > up; \(untilGo)", environment: ["KEY": "se" + "cret-4711"])
        guard case .claimed(let supervisor) = try await bench.launcher.launch(request) else { return #expect(Bool(false)) }
        _ = try await bench.waitForFile("up")
        #expect(try TestSupport.run(["grep", "-rla", "secret-4711", "."], in: bench.folder.path).output == "")
        #expect(ProcFile.text("/proc/\(supervisor.pid)/cmdline")?.contains("secret-4711") == false)
        bench.letGo()
        _ = try await bench.end()
    }
}
