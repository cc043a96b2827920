import Foundation
import TestSupport
import Testing

/// Several workers are all tried: a name that fits none keeps nobody from the others, and one that stands twice is one worker.
@Suite struct SeveralWorkersTests {
    private static let plan =
        "project: {name: several, base: main}\norchestration: {retry: {limit: 0}}\nworkers:\n"
        + "  - {id: a, script: 'exit 3'}\n  - {id: b, script: 'exit 3'}\n"

    @Test func oneWrongNameKeepsNobodyFromTheOthers() throws {
        let project = try CzarProject(Self.plan)
        let created = try project.expect(66, "create", "a", "nosuch", "b", "a", "nosuch")
        #expect(
            created.output.split(separator: "\n").map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
                "created a", "created b",
            ])
        #expect(created.errors.components(separatedBy: "there is no worker 'nosuch'").count == 2, "\(created.errors)")
        #expect(try project.expect(66, "start", "bb", "a", "a", "--trust").output == "started a\n")
        try project.wait(for: "a", toBe: "failed")
        #expect(try project.events().filter { $0.type == "PROCESS_STARTED" }.count == 1)
        #expect(try project.expect(66, "retry", "a", "x", "y").output == "a may try again\n")
        #expect(try project.expect(66, "pause", "x", "b").output == "paused b\n")
        #expect(try project.expect(66, "resume", "b", "x").output == "resumed b\n")
        #expect(try project.expect(66, "stop", "b", "x").output == "stopped b\n")
        // The highest code where the failures differ.
        #expect(try project.expect(77, "reopen", "b", "x").output.isEmpty)
        #expect(try project.expect(66, "fail", "b", "x", "--reason", "enough").output == "failed b\n")
        #expect(try project.expect(66, "exec", "a", "x", "b", "--", "pwd").output.split(separator: "\n").count == 2)
        // What cannot be run in one worktree is tried in the next.
        try writeProgram(project.worktree("b") + "/tool.sh", "#!/bin/sh\necho ran\n")
        let tried = try project.expect(127, "exec", "a", "b", "--", "./tool.sh")
        #expect(tried.output.contains("ran") && tried.errors.contains("cannot run './tool.sh' for 'a'"), "\(tried)")
        let json = try run([CzarProgram.path, "exec", "a", "b", "--json", "--", "./tool.sh"], in: project.path)
        let results = try CzarAnswer(json.output)["results"]
        #expect(json.status == 127 && results[0]["exit"].int == 127 && results[1]["output"].string == "ran\n", "\(json)")
        #expect(try CzarAnswer(json.errors)["code"].int == 127, "\(json.errors)")
        try FileManager.default.removeItem(atPath: project.worktree("b") + "/tool.sh")
        #expect(try project.expect(66, "remove", "a", "b", "x").output.split(separator: "\n").count == 2)
        #expect(!exists(project.worktree("a")) && !exists(project.worktree("b")))
    }

    /// A run is one thing: a wrong name is said while somebody is there.
    @Test func aRunWithAWrongNameStartsNobody() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(66, "run", "nosuch", "a", "--once", "--trust")
        #expect(try project.states() == ["a": "pending", "b": "pending"])
    }

    /// `--all` means those that the command is for; who is named is answered.
    @Test func whoIsDoneIsPassedOverByAll() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, allow_empty: true}\n  - {id: b}\n")
        try project.expect(0, "create", "--all")
        try project.expect(0, "complete", "a")
        #expect(try project.expect(0, "pause", "--all").output == "paused b\n")
        #expect(try project.expect(0, "resume", "--all").output == "resumed b\n")
        let nobody = try project.expect(0, "resume", "--all")
        #expect(nobody.output.isEmpty && nobody.errors.contains("there is no such worker now"), "\(nobody.errors)")
        #expect(try project.expect(0, "stop", "--all").output == "stopped b\n")
        try project.expect(0, "retry", "--all")
        try project.expect(77, "resume", "a")
        #expect(try project.expect(0, "reopen", "--all").output == "reopened a\n")
    }

    @Test func withJSONTheWrongNameHasItsOwnResult() throws {
        let project = try CzarProject(Self.plan)
        let created = try CzarAnswer(try project.expect(66, "create", "a", "Nosuch", "--json").output)
        #expect(created["created"][0]["worker"].string == "a" && created["failed"][0]["worker"].string == "Nosuch")
        #expect(created["failed"][0]["code"].int == 66)
        let paused = try CzarAnswer(try project.expect(66, "pause", "Nosuch", "a", "--json").output)
        #expect(paused["results"].array.map { $0["code"].int } == [0, 66], "\(paused)")
        // Alone it leaves nothing to answer about.
        #expect(try project.expect(66, "create", "Nosuch", "--json").output.isEmpty)
        #expect(try project.expect(66, "pause", "Nosuch", "--json").output.isEmpty)
    }
}
