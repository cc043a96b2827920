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
}
