import Foundation
import TestSupport
import Testing

/// The disk of the journal fills up while workers run.
@Suite struct FullDiskTests {
    /// A project on a small disk of its own.
    private final class SmallDisk: Sendable {
        let project: CzarProject
        private var path: String { project.path }

        private init(_ project: CzarProject) { self.project = project }

        /// Nil where nothing may be mounted.
        static func mounted(_ plan: String) throws -> SmallDisk? {
            guard getuid() == 0 else {
                CzarProgram.skip("needs root")
                return nil
            }
            let project = try CzarProject(plan)
            let aside = project.outside + "/aside"
            try prepare("cp", "-a", project.path, aside)
            guard try run(["mount", "-t", "tmpfs", "-o", "size=8m", "czar-test", project.path], in: "/").status == 0 else {
                CzarProgram.skip("may not mount")
                return nil
            }
            try prepare("cp", "-a", aside + "/.", project.path)
            return SmallDisk(project)
        }

        deinit { _ = try? run(["umount", "-l", path], in: "/") }

        func fill() throws {
            let fill = try run(["dd", "if=/dev/zero", "of=\(path)/fill", "bs=1k"], in: "/")
            try #require(fill.errors.contains("No space left"))
        }

        func free() throws { try FileManager.default.removeItem(atPath: path + "/fill") }
    }

    @Test func anEndOnAFullDiskIsRecordedWhenThereIsSpaceAgainAndNobodyLeaves() throws {
        guard
            let disk = try SmallDisk.mounted(
                """
                project: {base: main}
                orchestration: {retry: {limit: 1, backoff: 1s}}
                workers:
                  - {id: ends, script: 'echo 1 > f; while [ ! -e go ]; do sleep 0.05; done'}
                  - {id: stays, script: 'sleep 600'}
                  - {id: fails, script: 'sleep 600'}

                """)
        else { return }
        let project = disk.project
        let daemon = try project.start("run", "--trust")
        for worker in ["ends", "stays", "fails"] { try project.wait(for: worker, toBe: "active") }
        try disk.fill()
        // An empty file takes no block.
        try prepare("touch", project.worktree("ends") + "/go")
        try waitUntil("the daemon says it") { daemon.errors.contains("goes on as soon as there is space") }
        try waitUntil("the status says it") {
            let shown = try run([CzarProgram.path, "status", "ends"], in: project.path).output
            return shown.contains("its command has ended, and the disk is too full to record that") && shown.contains("df -h")
        }
        #expect(try !run([CzarProgram.path, "status"], in: project.path).output.contains("supervisor died"))
        // What may be filling the disk is ended; why is kept, and counts when there is space, although a retry is left.
        let stop = try project.expect(73, "stop", "stays")
        #expect(stop.errors.contains("'stays' was ended, and that is recorded as soon as there is space"))
        try project.expect(73, "fail", "fails", "--reason", "too big")
        try disk.free()
        #expect(daemon.wait() == 1)
        #expect(try project.states() == ["ends": "complete", "stays": "paused", "fails": "failed"])
        let ends = try project.events().filter { $0.type == "PROCESS_ENDED" }
        #expect(ends.first { $0.worker == "ends" }?.fields["exit"] == "0")
        #expect(ends.first { $0.worker == "stays" }?.fields["signal"] == "15")
        #expect(ends.count == 3, "nobody was started again")
        #expect(try project.workers()["fails"]?["cause"].string == "too big")
    }

    @Test func whatCannotBeKeptEitherIsNotEnded() throws {
        guard let disk = try SmallDisk.mounted("project: {base: main}\nworkers:\n  - {id: one, script: 'sleep 600'}\n") else { return }
        let project = disk.project
        let daemon = try project.start("run", "--trust")
        try project.wait(for: "one", toBe: "active")
        // As on a file system that copies on write: the space that was reserved is of no use.
        for name in try FileManager.default.contentsOfDirectory(atPath: project.path + "/.git/czar/attempts") {
            try FileManager.default.removeItem(atPath: project.path + "/.git/czar/attempts/" + name)
        }
        try disk.fill()
        let stop = try project.expect(73, "stop", "one")
        #expect(stop.errors.contains("'one' was not ended, because nothing would keep it from being started again"))
        #expect(try project.expect(73, "run", "--stop").errors.contains("what it could not end goes on"))
        #expect(daemon.wait() == 73)
        try disk.free()
        #expect(try project.state("one") == "active")
        try project.expect(0, "stop", "one")
        #expect(try project.state("one") == "paused")
    }

    @Test func aRunThatIsStoppedOnAFullDiskGoesOnWithTheNextOne() throws {
        guard
            let disk = try SmallDisk.mounted(
                """
                project: {base: main}
                orchestration: {retry: {limit: 0}}
                workers:
                  - {id: one, script: 'echo 1 > f; test -e ../../../go || sleep 600'}

                """)
        else { return }
        let project = disk.project
        let daemon = try project.start("run", "--trust")
        try project.wait(for: "one", toBe: "active")
        try prepare("touch", project.path + "/go")
        try disk.fill()
        #expect(try project.expect(73, "run", "--stop").errors.contains("the disk is full: what it ended is recorded"))
        #expect(daemon.wait() == 73)
        #expect(daemon.errors.contains("'one' was ended, and that is recorded as soon as there is space"))
        try disk.free()
        try project.expect(0, "run")
        #expect(try project.state("one") == "complete")
        #expect(try project.events().filter { $0.type == "PROCESS_ENDED" }.count == 2)
        #expect(try project.events().contains { $0.description == "one paused→pending" }, "it was interrupted and did not fail")
    }

    @Test func whatHadFailedByItselfIsNoInterruption() throws {
        guard
            let disk = try SmallDisk.mounted(
                """
                project: {base: main}
                orchestration: {retry: {limit: 0}}
                workers:
                  - {id: one, script: 'while [ ! -e ../../../go ]; do sleep 0.05; done; exit 3'}

                """)
        else { return }
        let project = disk.project
        let daemon = try project.start("run", "--trust")
        try project.wait(for: "one", toBe: "active")
        try disk.fill()
        try prepare("touch", project.path + "/go")
        try waitUntil("the status says it") {
            try run([CzarProgram.path, "status", "one"], in: project.path).output.contains(
                "its command has ended, and the disk is too full")
        }
        _ = try run([CzarProgram.path, "run", "--stop"], in: project.path)
        #expect([0, 73].contains(daemon.wait()))
        try disk.free()
        try project.expect(1, "run")
        #expect(try project.state("one") == "failed")
        #expect(try project.events().filter { $0.type == "PROCESS_ENDED" }.map { $0.fields["exit"] } == ["3"])
    }
}
