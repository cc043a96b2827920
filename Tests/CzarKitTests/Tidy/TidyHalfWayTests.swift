import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Removals that cannot be carried to their end.
@Suite struct TidyHalfWayTests {
    @Test func oneThatFailsBeforeAnythingIsDeletedIsTakenBack() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try fixture.makeMess()
        let before = try fixture.contents()
        let staging = fixture.path + "/.git/czar/staging"
        // The entry cannot be moved where there is no place for it.
        let remover = WorkspaceRemover(try fixture.coordinator(), options: RemovalOptions(force: true)) { step in
            guard step == .treeAside else { return }
            do {
                for name in try FileManager.default.contentsOfDirectory(atPath: staging) {
                    try FileManager.default.removeItem(atPath: staging + "/" + name)
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(throws: WorktreeError.self) { try remover.remove(fixture.key()) }
        #expect(try fixture.contents() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path + "/.czarina/worktrees") == ["api"])
        #expect(try fixture.record().creation?.worktree == tree)
        #expect(try fixture.record().plannedTidying == nil)
        #expect(try fixture.problems() == [])
        #expect(try fixture.check().isEmpty)
    }

    @Test func oneThatLeavesFilesIsRecordedAndUndoBringsAllBack() async throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try fixture.makeMess()
        let before = try fixture.contents()
        guard try run(["chattr", "+i", tree + "/binary"], in: tree).status == 0 else {
            return CzarProgram.skip("may not make a file immutable")
        }
        // As another process: what a living one removes is nobody else's to finish.
        let path = fixture.path
        await #expect(processExitsWith: .exitCode(3)) { [path = path as String] in
            do {
                let remover = WorkspaceRemover(try Coordinator(around: path, actor: "cli"), options: RemovalOptions(force: true))
                _ = try remover.remove(WorkerKey(phase: .first, id: WorkerID(rawValue: "api")!))
            } catch RemovalError.unfinished(_, _, let reason, let recovery) {
                exit(reason.contains("Operation not permitted") && recovery == "refs/czar/recovery/api/1" ? 3 : 1)
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: path + "/.czarina/worktrees")
        let aside = path + "/.czarina/worktrees/" + (try present(left.first))
        defer { _ = try? run(["chattr", "-i", aside + "/binary"], in: path) }
        #expect(left.count == 1 && exists(aside + "/binary"))
        #expect(try fixture.record().creation?.worktree == nil)
        for repair in [false, true] {
            let found = try fixture.doctor(repair: repair).filter { $0.name == "half-made" }
            #expect(found.map(\.severity) == [.problem], "nothing was repaired")
            #expect(found.allSatisfy { $0.sentence.contains(aside) })
        }
        try fixture.undo()
        #expect(try fixture.contents() == before)
        // What is left of the first does not touch the second.
        _ = try InterruptedTidying(fixture.coordinator()).finish()
        #expect(try fixture.contents() == before && exists(aside + "/binary"))
        _ = try run(["chattr", "-i", aside + "/binary"], in: path)
        _ = try InterruptedTidying(fixture.coordinator()).finish()
        #expect(try fixture.contents() == before && !exists(aside))
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/.git/czar/staging").isEmpty)
        #expect(try fixture.check().isEmpty)
    }

    @Test func aMountIsRefusedAndItsSourceStays() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let source = fixture.path + "-source"
        try writeFile(source + "/precious", "mine\n")
        try FileManager.default.createDirectory(atPath: tree + "/build/a b", withIntermediateDirectories: true)
        guard try run(["mount", "--bind", source, tree + "/build/a b"], in: tree).status == 0 else {
            return CzarProgram.skip("may not mount")
        }
        defer { _ = try? run(["umount", "-l", tree + "/build/a b"], in: fixture.path) }
        #expect(throws: RemovalError.refused(worker: fixture.key().id, hazards: [.mounts([RepositoryPath("build/a b")])], place: tree)) {
            try fixture.remove(force: true, ignored: true)
        }
        // Mounted at the last moment, it is not entered either.
        #expect(throws: FileError.self) { try Folder(opening: fixture.path + "/.czarina/worktrees").removeTree("api") }
        #expect(exists(source + "/precious"))
    }

    @Test func aFolderOfAnotherUserIsRefusedBeforeAnythingIsChanged() async throws {
        guard getuid() == 0 else { return CzarProgram.skip("needs root") }
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/build/file", "made")
        try prepare("chown", "-R", "65534:65534", (fixture.path as NSString).deletingLastPathComponent)
        try prepare("chown", "0:0", tree + "/build")
        let path = fixture.path
        await #expect(processExitsWith: .exitCode(3)) { [path = path as String] in
            // A home that this user can look into.
            guard setenv("HOME", path, 1) == 0, setgroups(0, nil) == 0, setgid(65534) == 0, setuid(65534) == 0 else { exit(1) }
            do {
                let remover = WorkspaceRemover(
                    try Coordinator(around: path, actor: "cli"), options: RemovalOptions(force: true, ignored: true))
                _ = try remover.remove(WorkerKey(phase: .first, id: WorkerID(rawValue: "api")!))
            } catch RemovalError.refused(_, let hazards, _) {
                exit(hazards == [.untouchable([RepositoryPath("build/")])] ? 3 : 2)
            }
        }
        #expect(exists(tree + "/build/file") && exists(tree + "/.git"))
    }
}
