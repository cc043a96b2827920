import Foundation
import TestSupport
import Testing

/// Killed at any moment that concerns the plan's files, a command leaves a plan that can be read, and can be given again.
@Suite struct CutOffPlanTests {
    @Test func anAddIsGivenAgain() throws {
        let scenario = CrashScenario(
            name: "add", prepare: { try $0.expect(0, "create", "one") }, command: ["add", "six", "do this", "--agent", "person"])
        guard let stage = try CrashStage(scenario) else { return CzarProgram.skip("there is no tracing here") }
        let moments = try stage.lines().enumerated().filter { $0.element.contains("six") }.map { $0.offset + 1 }
        #expect(moments.count > 3)
        for moment in moments {
            guard let call = try stage.kill(at: moment) else { continue }
            let place = "\(scenario.name), killed after \(call)"
            for next in [["validate"], ["doctor", "--repair"]] {
                let outcome = try stage.czar(next)
                #expect(outcome.status == 0, "\(place): \(next) \(outcome.output)\(outcome.errors)")
            }
            let again = try stage.czar(scenario.command)
            #expect(try again.status == 0 || stage.look() == stage.after, "\(place): again \(again.status) \(again.errors)")
            #expect(try stage.look() == stage.after, "\(place)")
        }
    }

    /// With `czar remove --branch` an added worker leaves the plan, with its undoing it comes back: never half of either stays.
    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func aWithdrawalAndItsUndoingEndBeforeOrAfter(isUndo: Bool, isRepeated: Bool) throws {
        let command = isUndo ? ["undo"] : ["remove", "six", "--branch"]
        let next = isRepeated ? command : ["doctor", "--repair"]
        let scenario = CrashScenario(
            name: isUndo ? "undo of a withdrawal" : "withdrawal",
            prepare: { project in
                try project.expect(0, "create", "one")
                try project.expect(0, "add", "six", "do this", "--agent", "person")
                try project.expect(0, "create", "six")
                if isUndo { try project.expect(0, "remove", "six", "--branch") }
            }, command: command)
        guard let stage = try CrashStage(scenario) else { return CzarProgram.skip("there is no tracing here") }
        // What the others' identities say of a worker is renewed by whichever command comes next.
        func plain(_ look: String) -> [Substring] { look.split(separator: "\n").filter { !$0.hasSuffix("/WORKER_IDENTITY.md") } }
        let (before, after) = (plain(stage.before), plain(stage.after))
        let step = max(1, stage.calls / 20)
        for moment in stride(from: Int.random(in: 1...step), through: stage.calls, by: step) {
            guard let call = try stage.kill(at: moment) else { continue }
            let place = "\(scenario.name), killed after \(call)"
            // What is recorded as undone is not undone again: that would take back what came before.
            let isRecorded = try stage.project.events().contains { $0.type == "UNDONE" && $0.fields["what"] == "WORKER_WITHDRAWN" }
            if isRepeated && isRecorded { continue }
            let outcome = try stage.czar(next)
            let found = try plain(stage.look())
            let (isBefore, isAfter) = (found == before, found == after)
            #expect(outcome.status == 0 || isAfter, "\(place): \(outcome.errors)")
            #expect(isAfter || isBefore && !isRepeated, "\(place): \(outcome.output)\(outcome.errors)\(found)")
            #expect(try stage.czar(["doctor"]).output.contains("cut off") == false, "\(place)")
        }
    }

    /// Whichever command finishes it, it is recorded: no worktree is there that Czar does not know.
    @Test func aCreationThatWasCutOffIsKnownToWhoeverFinishesIt() throws {
        let scenario = CrashScenario(name: "create", command: ["create", "one"])
        guard let stage = try CrashStage(scenario) else { return CzarProgram.skip("there is no tracing here") }
        let step = max(1, stage.calls / 6)
        for moment in stride(from: Int.random(in: 1...step), through: stage.calls, by: step) {
            guard let call = try stage.kill(at: moment) else { continue }
            let place = "\(scenario.name), killed after \(call)"
            let removal = try stage.czar(["remove", "one", "--branch"])
            #expect([0, 66].contains(removal.status), "\(place): \(removal.errors)")
            let trees = try git("worktree", "list", "--porcelain", in: stage.project.path)
            #expect(trees.split(separator: "\n").count { $0.hasPrefix("worktree ") } == 1, "\(place): \(removal.errors)\(trees)")
            let branches = try git("branch", "--list", "cz1/*", in: stage.project.path)
            let hint = "try: czar create one && czar remove one --branch"
            #expect(branches.isEmpty || removal.errors.contains(hint), "\(place): \(removal.errors)\(branches)")
        }
    }

    @Test func anInitIsGivenAgain() throws {
        let project = try CzarProject("")
        let log = project.outside + "/calls"
        var kills = 0
        for moment in 1... {
            try prepare("rm", "-rf", project.path + "/.czarina", project.path + "/.git/czar")
            let killed = try run([CzarProgram.tracer, "\(moment)", log, CzarProgram.path, "init"], in: project.path)
            if killed.status == 125 { return CzarProgram.skip("there is no tracing here") }
            if killed.status == 0 { break }
            kills += 1
            let call = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").dropLast().last ?? ""
            let again = try project.czar("init")
            #expect(again.status == 0 || again.status == 73, "\(call): \(again.errors)")
            #expect(try project.czar("validate").status == 0, "\(call)")
        }
        #expect(kills > 3)
    }

    @Test func anEmptyFileIsTakenOver() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one}\n")
        for name in ["six.md", "six.yaml"] { try project.repository.write(".czarina/workers/" + name, "") }
        try project.expect(65, "status")
        try project.expect(0, "add", "six", "do this", "--agent", "person")
        #expect(try project.states()["six"] != nil)
        #expect(try String(contentsOfFile: project.path + "/.czarina/workers/six.md", encoding: .utf8) == "do this\n")
        try project.replacePlan("")
        try project.expect(0, "init")
        #expect(try project.states().count > 1)
        // What says something is nobody else's.
        try project.repository.write(".czarina/workers/seven.yaml", "id: seven\n")
        try project.expect(73, "add", "seven", "do that", "--agent", "person")
        #expect(try String(contentsOfFile: project.path + "/.czarina/workers/seven.yaml", encoding: .utf8) == "id: seven\n")
        try project.expect(73, "init")
    }
}
