import Foundation
import TestSupport
import Testing

/// What `czar status` says that a worker does now.
@Suite struct NowTests {
    private static let plan = """
        project: {name: now, base: main}
        orchestration: {retry: {limit: 0}}
        workers:
          - {id: one, script: 'printf "begin\\n\\033[31m2 of 3 files\\033[0m\\n"; sleep 600'}

        """

    @Test func itIsTheLastLineOfOutputOrTheFileThatWasChanged() throws {
        let project = try CzarProject(Self.plan)
        try project.repository.write("src/main.c", "int main;\n")
        try project.repository.commitAll("source")
        try project.expect(0, "start", "one", "--trust")
        defer { _ = try? project.czar("fail", "one", "--reason", "end of test") }
        try project.wait(for: "one", toBe: "active")
        try waitUntil("the output is seen") { try project.workers()["one"]?["last_progress"]["text"].string == "2 of 3 files" }
        #expect(try project.expect(0, "status").output.contains("  2 of 3 files\n"))
        #expect(try project.expect(0, "status", "one").output.contains("now          2 of 3 files ("))
        // A file's clock may stand still for some milliseconds.
        try waitUntil("the change is seen") {
            try writeFile(project.worktree("one") + "/src/main.c", "int main(void);\n")
            return try project.workers()["one"]?["last_progress"]["text"].string == "changed src/main.c"
        }
        #expect(try project.expect(0, "status").output.contains("  changed src/main.c\n"))
        // Whatever stands in the place of a log keeps nobody from the rest.
        let log = project.path + "/.czarina/logs/one.1.log"
        try FileManager.default.removeItem(atPath: log)
        #expect(mkfifo(log, 0o600) == 0)
        #expect(try project.state("one") == "active")
        try FileManager.default.removeItem(atPath: log)
        try FileManager.default.createSymbolicLink(atPath: log, withDestinationPath: "/etc/passwd")
        #expect(!(try project.expect(0, "status").output.contains("/bin/")))
    }

    @Test func aCommandThatHasPrintedNothingHasNoOutput() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - {id: a, script: 'while [ ! -e ../../go ]; do sleep 0.1; done'}

            """)
        let run = try project.start("run", "--trust", "--quiet")
        try project.wait(for: "a", toBe: "active")
        let row = try #require(try project.expect(0, "status").output.split(separator: "\n").first { $0.hasPrefix("a ") })
        #expect(!row.contains("output"), "\(row)")
        try writeFile(project.path + "/.czarina/go", "")
        #expect(run.wait() == 1)
    }
}
