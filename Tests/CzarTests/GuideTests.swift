import Foundation
import TestSupport
import Testing

/// Every command of docs/guide.md, run as it stands there.
@Suite struct GuideTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The commands of the part under a heading, each with the exit code that the guide names.
    private static func commands(under heading: String) throws -> [(line: String, code: Int32)] {
        let guide = try String(contentsOfFile: root + "/docs/guide.md", encoding: .utf8)
        let part = try #require(guide.components(separatedBy: "\n## ").first { $0.hasPrefix(heading) })
        return part.split(separator: "\n").filter { $0.hasPrefix("$ ") }.map { line in
            let code = line.components(separatedBy: "# ends with ").dropFirst().first.flatMap { Int32($0.prefix { $0.isNumber }) }
            return (String(line.dropFirst(2)), code ?? 0)
        }
    }

    private static func follow(_ heading: String, in project: CzarProject, count: Int) throws {
        // An agent that does what it is told: a file with its brief's words, committed, and words about it as Claude Code writes them.
        let bin = project.outside + "/bin"
        try writeProgram(
            bin + "/claude",
            """
            #!/bin/sh
            cat >"$CZAR_WORKER.txt"
            echo '{"type":"assistant","message":{"content":[{"type":"text","text":"I write it down."}]}}'
            [ "$CZAR_WORKER" != flaky ] || [ -e "\(project.outside)/mended" ] || { touch "\(project.outside)/mended"; exit 1; }
            czar commit -m "Do what $CZAR_WORKER is for" >/dev/null

            """)
        let tools = (CzarProgram.path as NSString).deletingLastPathComponent
        let path = "\(bin):\(tools):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        let commands = try commands(under: heading)
        #expect(commands.count == count, "the guide has \(commands.count) commands under '\(heading)'")
        for (line, code) in commands {
            let outcome = try run(["bash", "-c", line], in: project.path, environment: ["PATH": path])
            #expect(outcome.status == code, "\(line): \(outcome.status)\n\(outcome.output)\(outcome.errors)")
            if line.hasPrefix("czar logs") { #expect(outcome.output.hasSuffix("I write it down.\n"), "\(outcome.output)") }
        }
    }

    private static func emptyProject() throws -> CzarProject {
        let project = try CzarProject("workers: [{id: a}]\n")
        try FileManager.default.removeItem(atPath: project.path + "/.czarina")
        try project.repository.commitAll("no plan")
        return project
    }

    @Test func theDevelopersHour() throws {
        let project = try Self.emptyProject()
        try Self.follow("One developer", in: project, count: 24)
        #expect(try project.states().values.allSatisfy { $0 == "complete" })
        #expect(exists(project.path + "/login.txt") && exists(project.worktree("login")))
    }

    @Test func theLeadsNight() throws {
        let others = (1...5).map { "  - {id: part-\($0), dependencies: [schema], description: Part \($0)}\n" }.joined()
        let project = try CzarProject(
            """
            project: {name: billing, base: main}
            orchestration: {max_active: 8, default_agent: claude, retry: {limit: 0}}
            workers:
              - {id: schema, description: The tables}
              - {id: invoices, dependencies: [schema], description: Invoices}
              - {id: flaky, dependencies: [schema], description: Fails once}
              - {id: behind, dependencies: [flaky], description: Waits for it}

            """ + others)
        try Self.follow("A team lead", in: project, count: 13)
        #expect(try project.states().values.allSatisfy { $0 == "complete" })
    }

    @Test func theCzarinaUsersHour() throws {
        let project = try Self.emptyProject()
        for (name, place) in [("config.json", "config.json"), ("events.log", "events.log"), ("events.jsonl", "logs/events.jsonl")] {
            let text = try String(contentsOfFile: Self.root + "/Fixtures/czarina/" + name, encoding: .utf8)
            try project.repository.write(".czarina/" + place, text)
        }
        try git("branch", "cz1/feat/phase-detection", in: project.path)
        let tree = project.outside + "/old"
        try git("worktree", "add", "-q", tree, "cz1/feat/phase-detection", in: project.path)
        try writeFile(tree + "/phase", "found\n")
        try git("add", "phase", in: tree)
        try git("commit", "-qm", "Find the phase", in: tree)
        try git("worktree", "remove", tree, in: project.path)
        try Self.follow("A user of Czarina", in: project, count: 6)
        #expect(try project.state("phase-detection") == "complete")
    }
}
