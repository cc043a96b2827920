import Foundation
import TestSupport
import Testing

/// `czar status --watch` on a real terminal.
@Suite struct WatchTests {
    private func fifty() throws -> CzarProject {
        let workers = (10..<60).map { "  - {id: worker-\($0), description: 'What worker \($0) does'}\n" }.joined()
        let project = try CzarProject("project: {base: main}\nworkers:\n" + workers)
        for number in [57, 58, 59] { try project.expect(0, "fail", "worker-\(number)", "--reason", "no way \(number)") }
        return project
    }

    @Test func thePictureFitsATerminalAndQEndsIt() throws {
        guard let terminals = try TmuxTests.Terminals() else { return }
        let project = try fifty()
        let script = "stty -a > '\(project.outside)/before'; '\(CzarProgram.path)' status --watch; echo \"code $?\"; "
        let after = "stty -a > '\(project.outside)/after'; echo over; sleep 1000"
        try terminals.person(script + after, in: project.path, width: 80, height: 24)
        try waitUntil("the picture is whole") { terminals.screen.contains("Needs you") && terminals.screen.contains("worker-59: failed") }
        let lines = terminals.screen.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first?.hasPrefix("WORKER") == true && lines.allSatisfy { $0.count <= 80 }, "\(terminals.screen)")
        #expect(lines.contains { $0.hasPrefix("worker-57") } && lines.contains { $0.contains("more: ") }, "\(terminals.screen)")
        // Another key is none, and is not shown.
        try terminals.ask(["-L", "outer", "send-keys", "x"])
        try project.expect(0, "retry", "worker-59")
        try waitUntil("a change is shown") { !terminals.screen.contains("worker-59: failed") }
        #expect(!terminals.screen.contains("x\n"))
        try terminals.ask(["-L", "outer", "send-keys", "q"])
        try waitUntil("it has ended") { terminals.screen.contains("over") }
        #expect(terminals.screen.contains("code 0"), "\(terminals.screen)")
        try expectSameTerminal(project)
    }

    @Test(arguments: ["INT", "TERM", "SEGV"]) func aSignalLeavesTheTerminalAsItWas(name: String) throws {
        guard let terminals = try TmuxTests.Terminals() else { return }
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        let watch = "sh -c 'echo $$ > \(project.outside)/pid; exec \(CzarProgram.path) status --watch'"
        let script = "stty -a > '\(project.outside)/before'; \(watch); stty -a > '\(project.outside)/after'; echo over; sleep 1000"
        try terminals.person(script, in: project.path)
        try waitUntil("it watches") { terminals.screen.contains("1 worker on main") }
        let pid = try String(contentsOfFile: project.outside + "/pid", encoding: .utf8).trimmingCharacters(in: .newlines)
        try prepare("kill", "-\(name)", pid)
        try waitUntil("it has ended") { terminals.screen.contains("over") }
        try expectSameTerminal(project)
    }

    private func expectSameTerminal(_ project: CzarProject) throws {
        let (before, after) = try (
            String(contentsOfFile: project.outside + "/before", encoding: .utf8),
            String(contentsOfFile: project.outside + "/after", encoding: .utf8)
        )
        #expect(before == after && before.contains(" icanon"))
    }
}
