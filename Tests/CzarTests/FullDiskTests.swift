import Foundation
import TestSupport
import Testing

/// The disk of the journal fills up while workers run.
@Suite struct FullDiskTests {
    @Test func anEndOnAFullDiskIsRecordedWhenThereIsSpaceAgainAndNobodyLeaves() throws {
        guard getuid() == 0 else { return CzarProgram.skip("needs root") }
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - {id: ends, script: 'echo 1 > f; while [ ! -e go ]; do sleep 0.05; done'}
              - {id: stays, script: 'sleep 600'}

            """)
        let path = project.path, aside = project.outside + "/aside"
        try #require(try run(["cp", "-a", path, aside], in: "/").status == 0)
        guard try run(["mount", "-t", "tmpfs", "-o", "size=8m", "czar-test", path], in: "/").status == 0 else {
            return CzarProgram.skip("may not mount")
        }
        defer { _ = try? run(["umount", "-l", path], in: "/") }
        try #require(try run(["cp", "-a", aside + "/.", path], in: "/").status == 0)
        let daemon = try project.start("run", "--trust")
        for worker in ["ends", "stays"] { try project.wait(for: worker, toBe: "active") }
        let fill = try run(["dd", "if=/dev/zero", "of=\(path)/fill", "bs=1k"], in: "/")
        try #require(fill.errors.contains("No space left"))
        // An empty file takes no block.
        try #require(try run(["touch", project.worktree("ends") + "/go"], in: "/").status == 0)
        try waitUntil("the daemon says it") { daemon.errors.contains("goes on as soon as there is space") }
        // What may be filling the disk is ended, although nothing can be written about it.
        try project.expect(73, "stop", "stays")
        try FileManager.default.removeItem(atPath: path + "/fill")
        #expect(daemon.wait() == 1)
        #expect(try project.states() == ["ends": "complete", "stays": "failed"])
        let ends = try project.events().filter { $0.type == "PROCESS_ENDED" }
        #expect(ends.first { $0.worker == "ends" }?.fields["exit"] == "0")
        #expect(ends.first { $0.worker == "stays" }?.fields["signal"] == "15")
    }
}
