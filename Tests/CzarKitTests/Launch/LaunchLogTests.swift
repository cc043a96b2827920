import CzarPlanning
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CzarKit

@Suite struct LaunchLogTests {
    private func attempt(_ worker: String, _ number: Int) throws -> AttemptID {
        AttemptID(WorkerKey(phase: .first, id: try #require(WorkerID(rawValue: worker))), number: number)
    }

    @Test func theLatestAttemptHasALinkOfTheWorkersName() async throws {
        let bench = try LaunchBench()
        try await bench.run(try bench.request("echo one"))
        try await bench.run(try bench.request("echo two", attempt: 2))
        #expect(try bench.log("w.log") == "two\n")
        #expect(try bench.log("w.1.log") == "one\n")
        let path = bench.czarina + "/logs/w.log"
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "w.2.log")
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    }

    @Test func aPlantedLogLinkIsNotFollowed() async throws {
        let bench = try LaunchBench()
        let victim = bench.folder.path + "/victim"
        try "mine".write(toFile: victim, atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(atPath: bench.czarina + "/logs", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: bench.czarina + "/logs/w.1.log", withDestinationPath: victim)
        try await bench.run(try bench.request("echo overwritten; touch ran"))
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "mine")
        #expect(!FileManager.default.fileExists(atPath: bench.worktree + "/ran"))
        guard case .notStarted(_, let reason)? = bench.ending else { return #expect(Bool(false)) }
        #expect(reason.contains("symbolic link"))
    }

    @Test func aPlantedLatestLinkIsReplacedNotFollowed() async throws {
        let bench = try LaunchBench()
        let victim = bench.folder.path + "/victim"
        try "mine".write(toFile: victim, atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(atPath: bench.czarina + "/logs", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: bench.czarina + "/logs/w.log", withDestinationPath: victim)
        try await bench.run(try bench.request("echo out"))
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "mine")
        #expect(try bench.log("w.log") == "out\n")
    }

    @Test func aLogsFolderThatIsALinkIsRefused() async throws {
        let bench = try LaunchBench()
        try FileManager.default.createSymbolicLink(atPath: bench.czarina + "/logs", withDestinationPath: "/tmp")
        try await bench.run(try bench.request("touch ran"))
        #expect(!FileManager.default.fileExists(atPath: bench.worktree + "/ran"))
        #expect(bench.ending?.status == 126)
    }

    @Test func aWorkerWhoseNameEndsInANumberDoesNotLoseAnothersLog() throws {
        let bench = try LaunchBench()
        close(try AttemptLog.open("a.1.log", czarinaFolder: bench.czarina).rawValue)
        #expect(throws: LaunchError.self) { try AttemptLog.nameLatest("a.1.1.log", of: "a.1", czarinaFolder: bench.czarina) }
        #expect(try bench.log("a.1.log") == "")
    }

    @Test func aLifelineHasOneHolderAtATime() throws {
        let bench = try LaunchBench()
        let one = try attempt("w", 1)
        do {
            let held = try Lifeline(one, stateFolder: bench.state)
            #expect(throws: LaunchError.self) { _ = try Lifeline(one, stateFolder: bench.state) }
            _ = try Lifeline(try attempt("w", 2), stateFolder: bench.state)
            _ = consume held
        }
        _ = try Lifeline(one, stateFolder: bench.state)
    }

    @Test func phasesCannotLeaveTheStateFolder() throws {
        let id = AttemptID(WorkerKey(phase: PhaseID(rawValue: "../x y"), id: try #require(WorkerID(rawValue: "w"))), number: 3)
        #expect(id.fileStem == "%2e%2e%2fx%20y-w.3")
    }
}
