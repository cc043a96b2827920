import Foundation
import TestSupport
import Testing

/// Killed after any system call that changes something, of any thread and process, a command ends before or after: so says the next
/// command, and git agrees.
///
/// A few moments of each command, spread over it, every time; with CZAR_THOROUGH all of them.
@Suite struct CrashPointTests {
    private static let isThorough = ProcessInfo.processInfo.environment["CZAR_THOROUGH"] != nil

    private func moments(_ count: Int) -> [Int] {
        if let one = ProcessInfo.processInfo.environment["CZAR_CRASH_AT"].flatMap({ Int($0) }) { return [one] }
        guard count > 0 else { return [] }
        if Self.isThorough { return Array(1...count) }
        let parts = 3
        return (0..<parts).map { Int.random(in: ($0 * count / parts + 1)...max($0 * count / parts + 1, ($0 + 1) * count / parts)) }
    }

    /// With CZAR_CRASH_SCENARIO the one of that name alone.
    private static let scenarios = (CrashScenario.all + CrashScenario.mends).filter {
        [nil, $0.name].contains(ProcessInfo.processInfo.environment["CZAR_CRASH_SCENARIO"])
    }

    @Test(arguments: scenarios)
    func theNextCommandEndsBeforeOrAfter(_ scenario: CrashScenario) throws {
        guard let stage = try CrashStage(scenario) else { return CzarProgram.skip("there is no tracing here") }
        #expect(stage.calls > 5)
        let moments = moments(stage.calls)
        var kills = 0
        for moment in moments {
            guard let call = try stage.kill(at: moment) else { continue }
            kills += 1
            let place = "\(scenario.name), killed after \(call)"
            // Half of the time the command is simply given again; not an undo, of which all but the last touch may be recorded.
            if moment % 2 == 0 || Self.isThorough || scenario.command == ["undo"] { try checkNext(stage, place) }
            // An undo that is there is not given again: that would undo what came before.
            if try Self.withoutPieces(stage.look()) != stage.after || stage.before == stage.after {
                let again = try stage.czar(scenario.command)
                #expect(try again.status == 0 || stage.look() == stage.after, "\(place): again \(again.status) \(again.errors)")
            }
            expectState(try stage.look(), in: [stage.after], place + ", done again")
            // Whatever writes next completes the mirrors.
            try stage.project.expect(0, "event", "one", "CHECKPOINT", "name=last")
            #expect(try stage.journalComplaints() == [], "\(place)")
        }
        #expect(kills == moments.count)
        if Self.isThorough { print("\(scenario.name): killed at \(kills) of \(stage.calls) calls") }
    }

    private func checkNext(_ stage: CrashStage, _ place: String) throws {
        let next = try stage.czar(stage.scenario.next)
        #expect(try next.status == 0 || stage.look() == stage.after, "\(place): next \(next.status) \(next.errors)\(next.output)")
        expectState(try stage.look(), in: [stage.before, stage.after], place, countsPieces: stage.scenario.next.first == "doctor")
    }

    private static func withoutPieces(_ look: String) -> String {
        look.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasSuffix(".tmp") }.joined(separator: "\n")
    }

    /// Shows the lines that differ, and not the whole. `countsPieces`: what a killed process was writing aside is to be gone, as after a repair.
    private func expectState(_ found: String, in states: [String], _ place: String, countsPieces: Bool = false) {
        let found = countsPieces ? found : Self.withoutPieces(found)
        guard !states.contains(found) else { return }
        let differences = states.map { state in
            let (left, right) = (state.split(separator: "\n"), found.split(separator: "\n"))
            return left.filter { !right.contains($0) }.map { "- \($0)" } + right.filter { !left.contains($0) }.map { "+ \($0)" }
        }
        Issue.record("\(place): \(differences.min { $0.count < $1.count } ?? [])")
    }

    @Test func aRunIsContinuedWhicheverOfItsProcessesDies() throws {
        guard let stage = try CrashStage(.run) else { return CzarProgram.skip("there is no tracing here") }
        var kills = 0
        let moments = moments(stage.calls)
        for moment in moments {
            guard let call = try stage.kill(at: moment) else { continue }
            kills += 1
            let place = "run, killed after \(call)"
            let next = try stage.czar(stage.scenario.next)
            #expect(next.status == 0, "\(place): \(next.errors)")
            #expect(try stage.project.state("one") == "complete", "\(place)")
            #expect(try stage.project.complaints(clean: ["one"]) == [], "\(place)")
            #expect(try stage.journalComplaints() == [], "\(place)")
            let events = try stage.project.events()
            // An attempt begins with its claim: a supervisor may die before it has written down that the command runs.
            let starts = events.filter { $0.type == "STATE_CHANGED" && $0.fields["to"] == "starting" }.compactMap { $0.fields["attempt"] }
            let ends = events.filter { $0.type == "PROCESS_ENDED" }.compactMap { $0.fields["attempt"] }
            #expect(starts == ends && Set(starts).count == starts.count, "\(place): started \(starts), ended \(ends)")
            let lines = try String(contentsOfFile: stage.project.outside + "/starts", encoding: .utf8).split(separator: "\n").map(
                String.init)
            #expect(Set(lines).count == lines.count && Set(lines).isSubset(of: starts), "\(place): ran \(lines), started \(starts)")
        }
        #expect(kills == moments.count)
        if Self.isThorough { print("run: killed at \(kills) of \(stage.calls) calls") }
    }
}
