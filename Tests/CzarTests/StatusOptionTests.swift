import Foundation
import TestSupport
import Testing

/// `czar status` for prompts, for many workers, on narrow terminals, and where there is no plan.
@Suite struct StatusOptionTests {
    private static func project(workers count: Int) throws -> CzarProject {
        let workers = (1...count).map { "  - {id: w\($0), description: 'Number \($0)'}\n" }.joined()
        return try CzarProject("project: {name: many, base: main}\nworkers:\n\(workers)")
    }

    /// What stands on a terminal of that width.
    private func screen(_ command: String, columns: Int, in folder: String) throws -> [String]? {
        guard let script = CzarProgram.tool("script") else {
            CzarProgram.skip("there is no script(1)")
            return nil
        }
        let line = "stty cols \(columns) rows 50; \(CzarProgram.path) \(command)"
        let outcome = try run([script, "-qec", line, "/dev/null"], in: folder, environment: ["TERM": "dumb", "SHELL": "/bin/sh"])
        return outcome.output.split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test func withoutAPlanTheAnswerIsHelpAndAWellFormedObject() throws {
        let repository = try GitRepository()
        let text = try run([CzarProgram.path, "status"], in: repository.path)
        #expect(text.status == 0 && text.output.contains("czar add ") && text.output.contains("czar init"), "\(text.output)")
        #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(try run([CzarProgram.path], in: repository.path).output == text.output)
        let json = try run([CzarProgram.path, "status", "--json"], in: repository.path)
        let answer = try CzarAnswer(json.output)
        #expect(json.status == 0 && json.errors.isEmpty && answer["schema"].string == "czar.status/1")
        #expect(answer["plan"].bool == false && answer["base"].isNull && answer["workers"].array.isEmpty && answer["workers"].exists)
        #expect(answer["totals"]["workers"].int == 0 && answer["totals"]["failed"].int == 0 && answer["daemon"]["running"].bool == false)
        #expect(try run([CzarProgram.path, "status", "somebody"], in: repository.path).status == 66)
        let short = try run([CzarProgram.path, "status", "--short"], in: repository.path)
        #expect(short.status == 0 && short.output.isEmpty && short.errors.isEmpty)
        #expect(!exists(repository.path + "/.czarina") && !exists(repository.path + "/.git/czar"))
    }

    @Test func aTerminalShowsTheNumberOfAnEntryAndNoWholeIds() throws {
        let project = try Self.project(workers: 1)
        try project.expect(0, "create", "w1")
        let created = try #require(try project.events().last { $0.type == "BRANCH_CREATED" })
        guard let lines = try screen("events w1", columns: 200, in: project.path) else { return }
        let line = try #require(lines.first { $0.contains("BRANCH_CREATED") })
        #expect(line.hasPrefix("#\(created.sequence) ") && line.contains(" w1 BRANCH_CREATED "), "\(line)")
        let tip = try #require(created.fields["tip"])
        #expect(line.contains("tip=\(tip.prefix(10))") && !line.contains(tip), "\(line)")
        #expect(try project.czar("events", "w1").output.contains("tip=\(tip)"))
    }

    @Test(arguments: [80, 120]) func theMorningHasALineForEachThatNeedsSomebody(columns: Int) throws {
        let project = try Self.project(workers: 6)
        let why = "the key of the service that the third step asks is neither in the brief nor anywhere else that may be looked at"
        for id in ["w1", "w2"] { try project.expect(0, "block", "--worker", id, why) }
        try project.expect(0, "fail", "w3", "--reason", why)
        try project.expect(0, "pause", "w4")
        try project.expect(0, "create", "w5")
        try git("switch", "-q", "-c", "a-name-that-is-long-enough-to-leave-no-room", in: project.worktree("w5"))
        guard let lines = try screen("status --attention --color never", columns: columns, in: project.path) else { return }
        #expect(lines.allSatisfy { $0.count <= columns || $0.hasPrefix("    ") }, "\(lines)")
        let commands = ["czar unblock w1 'answer'", "czar unblock w2 'answer'", "czar retry w3", "czar resume w4"]
        for (line, command) in zip(lines, commands) { #expect(line.hasSuffix("  " + command), "\(lines)") }
        #expect(lines[0].hasPrefix("w1  blocked: the key of the service") && lines[0].contains("…  czar"), "\(lines)")
        // The command is whole in any case.
        #expect(lines.contains { $0.hasSuffix("git -C \(project.worktree("w5")) status") }, "\(lines)")
        #expect(lines.count <= 7 && lines.last?.hasPrefix("6 workers on main: ") == true, "\(lines)")
    }

    @Test func rowsAreOrderedSelectedAndFolded() throws {
        let project = try Self.project(workers: 40)
        try project.expect(0, "pause", "w40", "w2")
        #expect(try project.expect(0, "status", "--short").output == "‖2\n")
        #expect(try project.expect(0, "status", "--short", "--ascii").output == "=2\n")
        #expect(try project.answer("status", "--short")["paused"].int == 2)
        func rows(_ arguments: String...) throws -> [String] {
            let outcome = try run([CzarProgram.path, "status"] + arguments, in: project.path)
            return outcome.output.split(separator: "\n").filter { $0.hasPrefix("w") }.map { String($0.prefix { $0 != " " }) }
        }
        #expect(try rows().count == 40 && rows("--sort", "state").prefix(2) == ["w2", "w40"])
        #expect(try rows("--sort", "id").prefix(3) == ["w1", "w10", "w11"])
        #expect(try rows("--attention") == ["w2", "w40"])
        #expect(try project.answer("status", "--attention")["workers"].array.map { $0["id"].string } == ["w2", "w40"])
        // A line a worker, and one for all.
        let morning = try project.expect(0, "status", "--attention").output.split(separator: "\n")
        #expect(morning.count == 4 && morning[0].hasPrefix("NEEDS YOU  WHY"), "\(morning)")
        #expect(morning[1].hasPrefix("w2         paused: ") && morning[1].hasSuffix("  czar resume w2"), "\(morning)")
        #expect(morning[3].hasPrefix("40 workers on main: 38 pending, 2 paused"), "\(morning)")
        #expect(try project.expect(64, "status", "--sort", "colour").errors.contains("tokens"))
        try project.expect(0, "resume", "w2", "w40")
        #expect(try project.expect(0, "status", "--attention").output.hasPrefix("nothing needs you\n"))
        try project.expect(0, "pause", "w40")
        if let screen = try screen("status", columns: 80, in: project.path) {
            #expect(screen.filter { $0.hasPrefix("w") }.count == 30)
            // The one that needs a person has its row, although it is the last.
            #expect(screen.contains { $0.hasPrefix("w40 ") })
            #expect(screen.contains { $0.hasPrefix("and 10 more: 10 pending") }, "\(screen)")
        }
        if let screen = try screen("status --all", columns: 80, in: project.path) {
            #expect(screen.filter { $0.hasPrefix("w") }.count == 40)
        }
    }

    @Test func whatNeedsAPersonIsWholeOnATerminalAndBreaksBetweenWords() throws {
        let project = try CzarProject("project: {name: narrow, base: main}\nworkers: [{id: one, script: 'true'}]\n")
        let why = (1...30).map { "reason\($0)" }.joined(separator: " ")
        try project.expect(0, "fail", "one", "--reason", why)
        for command in ["status", "status one"] {
            guard let screen = try screen(command, columns: 60, in: project.path) else { return }
            let below = screen.drop { !$0.hasPrefix("Needs you") }
            #expect((below.isEmpty ? screen[...] : below).allSatisfy { $0.count <= 60 }, "\(screen)")
            #expect(screen.joined(separator: " ").split(separator: " ").contains("reason30"), "\(screen)")
            #expect(screen.contains { $0.trimmingCharacters(in: .whitespaces).hasPrefix("czar retry one") }, "\(screen)")
        }
    }

    @Test func columnsGoByImportanceAndNoLineIsTooLong() throws {
        let project = try CzarProject(
            """
            project: {name: wide, base: main}
            workers:
              - {id: a-worker-with-a-long-name, script: 'i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done >f; czar event CHECKPOINT tokens=1234567; exit 1'}
              - {id: second, dependencies: [a-worker-with-a-long-name], description: second}

            """)
        try project.repository.write(".czarina/workers/a-worker-with-a-long-name.md", "- [x] one\n- [ ] two\n")
        try project.expect(1, "run", "--trust", "--quiet")
        for columns in [50, 80, 120] {
            guard let screen = try screen("status", columns: columns, in: project.path) else { return }
            let table = screen.prefix { !$0.contains("workers on main") }
            #expect(table.allSatisfy { $0.count <= columns }, "\(columns): \(table)")
            #expect(table.first?.contains("WORKER") == true && table.first?.contains("STATE") == true, "\(screen)")
            #expect(table.first?.contains("TOKENS") == (columns == 120), "\(columns): \(table.first ?? "")")
            let totals = screen.filter { $0.contains("workers on main") || $0.contains("tokens") }
            #expect(totals.allSatisfy { $0.count <= columns } && totals.contains { $0.contains("M tokens") }, "\(columns): \(totals)")
            #expect(table.contains { $0.contains("failed") } && table.contains { $0.contains("blocked") }, "\(screen)")
        }
    }

    @Test func aVeryLongNameLeavesRoomForTheRest() throws {
        let long = String(repeating: "long-", count: 12) + "name"
        let project = try CzarProject("project: {name: long, base: main}\nworkers:\n  - {id: \(long), agent: human}\n")
        try project.expect(0, "run", "--once", "--quiet")
        guard let screen = try screen("status", columns: 80, in: project.path) else { return }
        #expect(screen.first?.contains("COMMITS") == true, "\(screen)")
        #expect(screen.dropFirst().first?.hasPrefix("long-long-lon…ng-long-name ") == true, "\(screen)")
        #expect(try project.expect(0, "status").output.contains(long), "a program reads it whole")
    }

    @Test func allFailedWorkersAreRetriedAtOnce() throws {
        let project = try CzarProject(
            "project: {name: r, base: main}\norchestration: {retry: {limit: 0}}\nworkers:\n  - {id: a, script: 'exit 1'}\n  - {id: b, script: 'exit 2'}\n  - {id: c, script: 'echo 1 > f'}\n"
        )
        try project.expect(0, "retry", "--failed")
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.states() == ["a": "failed", "b": "failed", "c": "complete"])
        #expect(try project.expect(0, "retry", "--failed").output == "a may try again\nb may try again\n")
        #expect(try project.states() == ["a": "pending", "b": "pending", "c": "complete"])
    }

    @Test func aStarterPlanValidatesAndRuns() throws {
        let project = try CzarProject("workers: [{id: a}]\n")
        try FileManager.default.removeItem(atPath: project.path + "/.czarina/config.yaml")
        try project.expect(0, "init")
        #expect(try project.answer("validate")["valid"].bool == true)
        try project.expect(0, "run", "--once", "--quiet")
        #expect(try project.state("foundation") == "active")
        try project.expect(73, "init")
        // From a given plan, in its own notation, once it was found valid.
        let other = try CzarProject("workers: [{id: a}]\n")
        try FileManager.default.removeItem(atPath: other.path + "/.czarina/config.yaml")
        try writeFile(other.outside + "/given.json", #"{"workers": [{"id": "given", "dependencies": ["given"]}]}"#)
        #expect(try other.expect(65, "init", "--from", other.outside + "/given.json").errors.contains("given"))
        #expect(!exists(other.path + "/.czarina/config.json"))
        try writeFile(other.outside + "/given.json", #"{"workers": [{"id": "given"}]}"#)
        try other.expect(0, "init", other.outside + "/given.json")
        #expect(try other.workers().keys.sorted() == ["given"])
    }

    @Test func aStarterPlanTakesTheAgentThatIsHereAndNoNameThatIsTaken() throws {
        let claude = try StandIn(["claude": "echo 1 > \"$CZAR_WORKER.txt\""])
        let project = try CzarProject("workers: [{id: a}]\n")
        try FileManager.default.removeItem(atPath: project.path + "/.czarina/config.yaml")
        try project.expect(0, "add", "docs", "Write it down", "--agent", "person")
        try git("branch", "cz1/feat/release", in: project.path)
        let written = try project.expect(0, "init", environment: claude.environment)
        #expect(written.output.contains("its workers are claude's"), "\(written.output)")
        #expect(try project.answer("validate")["valid"].bool == true)
        #expect(try project.workers().keys.sorted() == ["docs", "docs-2", "feature", "foundation", "release-2"])
        try project.expect(0, "run", "--quiet", "foundation", "feature", "docs-2", "release-2", environment: claude.environment)
        #expect(claude.calls("claude").count == 4)
        let states = try project.states()
        #expect(states["foundation"] == "complete" && states["release-2"] == "complete", "\(states)")
        // Somebody's plan is held against what was added too.
        let other = try CzarProject("workers: [{id: a}]\n")
        try FileManager.default.removeItem(atPath: other.path + "/.czarina/config.yaml")
        try other.expect(0, "add", "docs", "Write it down", "--agent", "person")
        try writeFile(other.outside + "/given.json", #"{"workers": [{"id": "docs"}]}"#)
        try other.expect(65, "init", other.outside + "/given.json")
        #expect(!exists(other.path + "/.czarina/config.json"))
        let alone = try other.answer("init")
        #expect(!alone["agent"].exists)
    }
}
