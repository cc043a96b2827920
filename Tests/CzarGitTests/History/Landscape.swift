import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// A repository whose branches a test shapes with git itself.
struct Landscape {
    let folder: TemporaryFolder
    let fork: ObjectID

    init() throws {
        folder = try TemporaryFolder("integration")
        let script = """
            git init -q -b main . && for name in a b c; do seq -f "$name line %g" 20 > $name; done
            git add . && git commit -q -m start && git branch work && git rev-parse HEAD
            """
        let output = try run(["sh", "-c", script], in: folder.path).output
        fork = try #require(ObjectID(hex: output.trimmingCharacters(in: .newlines)))
    }

    func write(_ name: String, _ lines: [String]) throws {
        try (lines.joined(separator: "\n") + "\n").write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
    }

    func lines(_ name: String) throws -> [String] {
        try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    func change(_ name: String, line: Int, to text: String) throws {
        var all = try lines(name)
        all[line - 1] = text
        try write(name, all)
    }

    @discardableResult
    func git(_ arguments: String...) throws -> String {
        let outcome = try run(["git"] + arguments, in: self.folder.path)
        guard outcome.status == 0 else { throw HistoryFixtureFailure(description: "\(arguments): \(outcome.errors)\(outcome.output)") }
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    func shell(_ script: String) throws {
        let outcome = try run(["sh", "-e", "-c", script], in: folder.path)
        guard outcome.status == 0 else { throw HistoryFixtureFailure(description: "\(script): \(outcome.errors)\(outcome.output)") }
    }

    func commitAll(_ message: String) throws {
        try git("add", "-A")
        try git("commit", "-q", "-m", message)
    }

    /// Two commits on `work`: line 3 of a, and a new file.
    func work() throws {
        try git("checkout", "-q", "work")
        try change("a", line: 3, to: "changed by work")
        try commitAll("work 1")
        try write("new", ["first", "  second", "third"])
        try commitAll("work 2")
        try git("checkout", "-q", "main")
    }

    /// The main branch moves on elsewhere.
    func advance(_ text: String = "main moved") throws {
        try change("b", line: 10, to: text)
        try commitAll(text)
    }

    func commit(_ name: String) throws -> ObjectID { try #require(ObjectID(hex: try git("rev-parse", name))) }

    func integration(fork: ObjectID? = nil) throws -> Integration {
        let repository = try Repository(opening: folder.path)
        let (tip, target) = (try commit("work"), try commit("main"))
        let graph = try CommitGraph(of: repository, tips: [tip, target])
        var patches = PatchIndex()
        let before = try objects()
        let answer = try graph.integration(of: tip, into: target, forkPoint: fork ?? self.fork, in: repository, patches: &patches)
        #expect(try graph.integration(of: tip, into: target, forkPoint: fork ?? self.fork, in: repository, patches: &patches) == answer)
        #expect(try objects() == before, "a question wrote objects")
        return answer
    }

    private func objects() throws -> String { try git("count-objects", "-v") }
}
