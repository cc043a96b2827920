import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// `czar fail` and `czar stop` that were killed after their entry: the command runs on.
@Suite struct HalfStoppedTests {
    private static let plan = "project: {name: half, base: main}\nworkers:\n  - {id: one, script: 'sleep 600'}\n"

    /// Only the entry, as the command writes it.
    private func record(_ move: StateMove, fields: [String: String] = [:], _ project: CzarProject) throws {
        let coordinator = try Coordinator(around: project.path, actor: "cli")
        let key = try #require(coordinator.plan.definitions.first).key
        try coordinator.ledger.move(key, from: [.active], fields: fields, move)
    }

    @Test(arguments: [["stop", "one"], ["fail", "one", "--reason", "again"]], ["failed", "paused"])
    func theCommandIsNamedAndEnded(by words: [String], in state: String) throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "one")
        try project.wait(for: "one", toBe: "active")
        let next = try #require(WorkerState(rawValue: state))
        try record(StateMove(to: next, causes: [.operator], reason: "no"), fields: next == .paused ? ["ends": "true"] : [:], project)
        let status = try project.expect(0, "status", "--attention").output
        #expect(status.contains("its command still runs") && status.contains("czar stop one"), "\(status)")
        let doctor = try project.czar("doctor")
        #expect(doctor.status != 0 && doctor.output.contains("its command still runs"), "\(doctor.output)")
        let ended = try run([CzarProgram.path] + words, in: project.path)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(try project.events().filter { $0.type == "PROCESS_ENDED" }.count == 1)
        #expect(try project.state("one") == (words[0] == "fail" ? "failed" : state))
        #expect(try !project.expect(0, "status", "--attention").output.contains("still runs"))
        if state == "failed" {
            // Nothing runs any more, and nothing is to be ended.
            #expect(try run([CzarProgram.path] + words, in: project.path).status != 0)
        }
    }

    /// As builds before this one let it happen: given another chance while its command ran.
    private func retryBefore(_ project: CzarProject) throws {
        let coordinator = try Coordinator(around: project.path, actor: "cli")
        let key = try #require(coordinator.plan.definitions.first).key
        try coordinator.ledger.move(key, from: [.failed], StateMove(to: .pending, reason: "retried by an operator"))
    }

    /// Runs what stands behind `try:` as a person would.
    private func follow(_ refusal: ProcessOutcome, in project: CzarProject) throws {
        let hint = try #require(refusal.errors.components(separatedBy: "\ntry: ").last).trimmingCharacters(in: .newlines)
        let path = (CzarProgram.path as NSString).deletingLastPathComponent + ":" + (hermeticEnvironment["PATH"] ?? "")
        let followed = try run(["bash", "-c", hint], in: project.path, environment: ["PATH": path])
        #expect(followed.status == 0, "\(hint): \(followed.errors)")
    }

    @Test(arguments: ["retry", "start"]) func nobodyIsTriedAgainBesideItsCommand(by word: String) throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "one")
        try project.wait(for: "one", toBe: "active")
        try record(StateMove(to: .failed, causes: [.operator], reason: "no"), project)
        let refused = try project.expect(77, word, "one")
        #expect(refused.errors.contains("it is failed, and its command still runs"), "\(refused.errors)")
        #expect(try project.state("one") == "failed")
        try follow(refused, in: project)
        #expect(try project.events().filter { $0.type == "PROCESS_ENDED" }.count == 1)
        if word == "retry" {
            #expect(try project.state("one") == "pending")
            try project.expect(0, "start", "one")
        }
        try project.wait(for: "one", toBe: "active")
        // Whose command has ended is tried again as ever.
        try project.expect(0, "fail", "one", "--reason", "no")
        try project.expect(0, "retry", "one")
        #expect(try project.events().filter { $0.type == "PROCESS_STARTED" }.count == 2)
    }

    @Test func whoWasTriedAgainBesideItsCommandWaitsForItsEnd() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "one")
        try project.wait(for: "one", toBe: "active")
        try record(StateMove(to: .failed, causes: [.operator], reason: "no"), project)
        try retryBefore(project)
        let status = try project.expect(0, "status", "--attention").output
        #expect(status.contains("its command still runs") && status.contains("czar stop one"), "\(status)")
        #expect(!status.contains("it can start"), "\(status)")
        _ = try project.czar("run", "--once")
        #expect(try project.events().filter { $0.type == "PROCESS_STARTED" }.count == 1)
        #expect(try project.state("one") == "pending")
        try follow(try project.expect(77, "start", "one"), in: project)
        try project.wait(for: "one", toBe: "active")
        try project.expect(0, "stop", "one")
    }
}
