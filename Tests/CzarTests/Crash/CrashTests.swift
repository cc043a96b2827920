import Foundation
import TestSupport
import Testing

/// Killed at any moment, the next command ends right.
@Suite struct CrashTests {
    @Test func aKilledCreateIsCompletedOrRolledBackByTheNext() throws {
        guard let strace = CzarProgram.tool("strace") else { return CzarProgram.skip("there is no strace") }
        let project = try CzarProject("project: {name: crash, base: main}\nworkers:\n  - {id: one}\n")
        for number in 0..<12 { try project.repository.write("deep/\(number)/file", "text \(number)\n") }
        let head = try project.repository.commitAll("files")
        let pristine = project.outside + "/pristine"
        try prepare("cp", "-a", project.path, pristine)
        // Calls by which creation changes the disk; killed at the n-th of each.
        let steps: [(call: String, moments: [Int])] = [
            ("mkdirat", [1, 2, 4, 7]), ("mkdir", [1, 3]), ("renameat", [1, 2, 3, 5]), ("renameat2", [1, 2]), ("rename", [1, 3, 5]),
            ("linkat", [1]), ("link", [1]), ("fsync", [1, 3, 5, 7, 9]), ("fdatasync", [2, 4, 6, 8]), ("unlinkat", [1, 3]),
            ("unlink", [1, 2]),
            ("pwrite64", [4, 12, 20]), ("write", [2, 6, 12]), ("openat", [60, 110, 160]),
        ]
        let all = steps.flatMap { step in step.moments.map { (call: step.call, moment: $0) } }
        // A sample each time; CZAR_THOROUGH takes them all.
        let chosen = ProcessInfo.processInfo.environment["CZAR_THOROUGH"] == nil ? Array(all.shuffled().prefix(14)) : all
        var kills = 0
        for step in chosen {
            try prepare("rm", "-rf", project.path)
            try prepare("cp", "-a", pristine, project.path)
            let killed = try run(
                [
                    strace, "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(step.call):signal=KILL:when=\(step.moment)", CzarProgram.path,
                    "create", "one",
                ], in: project.path)
            if killed.errors.contains("ptrace") { return CzarProgram.skip("strace may not trace here") }
            if killed.status != 0 { kills += 1 }
            try checkNextCreate(in: project, head: head, place: "killed at \(step.call) \(step.moment)")
        }
        #expect(kills * 3 > chosen.count)
    }

    private func checkNextCreate(in project: CzarProject, head: String, place: String) throws {
        let next = try project.czar("create", "one")
        #expect(next.status == 0, "\(place): \(next.errors)")
        guard next.status == 0 else { return }
        let complaints = try project.complaints(clean: ["one"])
        #expect(complaints == [], "\(place)")
        #expect(try git("rev-parse", "cz1/feat/one", in: project.path) == head, "\(place)")
        #expect(try project.workers()["one"]?["fork_point"].string == head, "\(place): the branch is Czar's own")
        let names = try FileManager.default.contentsOfDirectory(atPath: project.path + "/.git/worktrees")
        #expect(names == ["one"], "\(place)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.path + "/.czarina/worktrees") == ["one"], "\(place)")
    }

    @Test func aDaemonThatIsKilledAgainAndAgainStartsNothingTwiceAndLosesNoEnd() throws {
        let count = 100
        let workers = (0..<count).map { number in
            let after = number % 5 == 4 ? ", dependencies: [w\(number - 4)]" : ""
            return "  - {id: w\(number)\(after), script: *s}"
        }
        // One script for all, spelled out: aliases are the reader's business, not this test's.
        let script = "'echo $CZAR_ATTEMPT >> \"$OUTSIDE/$CZAR_ID\"; echo x > f'"
        let text = workers.joined(separator: "\n").replacingOccurrences(of: "*s", with: script)
        let project = try CzarProject(
            "project: {name: many, base: main}\norchestration: {max_active: 6, retry: {limit: 0}}\nworkers:\n\(text)\n")
        try project.expect(0, "trust", "--yes")
        let environment = ["OUTSIDE": project.outside]
        var random = SystemRandomNumberGenerator()
        var code: Int32 = 137
        var kills = 0
        while code == 137 {
            let daemon = try project.start("run", "--quiet", environment: environment)
            if kills < 15 {
                usleep(UInt32.random(in: 100_000...900_000, using: &random))
                daemon.signal(SIGKILL)
                kills += 1
            }
            code = daemon.wait()
            try #require(code == 137 || code == 0, "\(daemon.errors)")
        }
        let events = try project.events()
        for number in 0..<count {
            let worker = "w\(number)"
            let starts = try String(contentsOfFile: project.outside + "/" + worker, encoding: .utf8)
            #expect(starts == "1\n", "\(worker) was started: \(starts)")
            let ends = events.filter { $0.worker == worker && $0.type == "PROCESS_ENDED" }
            #expect(ends.count == 1 && ends.first?.fields["exit"] == "0", "\(worker): \(ends.map(\.fields))")
        }
        #expect(try Set(project.states().values) == ["complete"])
        #expect(try project.complaints(clean: (0..<count).map { "w\($0)" }) == [])
    }

    @Test func noAcknowledgedEventIsLostOrDoubled() throws {
        let project = try CzarProject("project: {name: events, base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create", "one")
        // Sixteen at a time, some of them killed; what ended with 0 is acknowledged.
        var random = SystemRandomNumberGenerator()
        var acknowledged: [String] = []
        for round in 0..<12 {
            let names = (0..<16).map { "\($0)-\(round)" }
            let writers = try names.map { try project.start("event", "one", "CHECKPOINT", "id=\($0)") }
            for writer in writers.shuffled(using: &random).prefix(5) {
                usleep(UInt32.random(in: 0...12_000, using: &random))
                writer.signal(SIGKILL)
            }
            for (name, writer) in zip(names, writers) {
                let code = writer.wait()
                #expect(code == 0 || code == 137, "\(writer.errors)")
                if code == 0 { acknowledged.append(name) }
            }
        }
        // Whatever was cut short, the next append completes the mirrors.
        try project.expect(0, "event", "one", "CHECKPOINT", "id=last")
        let events = try project.events()
        let ids = events.compactMap { $0.type == "CHECKPOINT" ? $0.fields["id"] : nil }
        #expect(acknowledged.count > 100)
        #expect(Set(ids).count == ids.count, "doubled")
        #expect(Set(acknowledged).subtracting(ids) == [])
        #expect(events.map(\.sequence) == Array(1...events.count))
        let json = try String(contentsOfFile: project.path + "/.czarina/logs/events.jsonl", encoding: .utf8)
        #expect(try json.split(separator: "\n").map { try CzarAnswer(String($0))["seq"].int } == events.map(\.sequence))
        let text = try String(contentsOfFile: project.path + "/.czarina/events.log", encoding: .utf8)
        #expect(text == (try project.czar("events").output))
    }
}
