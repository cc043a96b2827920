import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@Suite struct TidyOddFilesTests {
    @Test func namesThatAreNoTextLineEndsAndIntentionsComeBack() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tree = fixture.tree()
        let script = """
            printf 'bytes' > "$(printf 'a\\377b')"; printf 'x' > "$(printf ' lead\\ttab\\nline ')"; printf 'y' > -dash
            printf '*.txt text eol=crlf\\n' > .gitattributes; printf 'one\\r\\ntwo\\r\\n' > dos.txt
            printf 'meant' > meant; git add -N meant; mkdir -p src2; git mv src/file4 src2/moved; printf 'more' >> src2/moved
            rm src/file3; mkdir src/file3; printf 'below' > src/file3/below
            """
        #expect(try run(["sh", "-c", script], in: tree).status == 0)
        func look() throws -> String {
            let list =
                "git status --porcelain -z -uall | tr '\\0' '|'; find . -type f ! -path './.git*' ! -path './.czar/*' -print0 | sort -z | xargs -0 sha1sum"
            return try run(["sh", "-c", list], in: tree).output
        }
        let before = try look()
        #expect(before.contains("|?? -dash|"))
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(before.contains(" A meant|"))
        #expect(try look() == before)
        #expect(try fixture.check().isEmpty)
    }

    @Test func aTrackedFolderThatALinkHasReplacedIsKept() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try prepare("mv", tree + "/src", tree + "/new")
        try FileManager.default.createSymbolicLink(atPath: tree + "/src", withDestinationPath: "new")
        try writeFile(tree + "/new/file1", "changed\n")
        let before = try fixture.contents()
        let recovery = try present(fixture.remove(force: true).recovery)
        let kept = try git("ls-tree", "-r", "--name-only", recovery, in: fixture.path)
        #expect(kept == ".czarina/config.json\n.gitignore\nREADME\ntool.sh", "\(kept)")
        try fixture.undo()
        let after = try fixture.contents()
        for name in Set(before.keys).union(after.keys) { #expect(before[name] == after[name], "\(name)") }
        #expect(try fixture.check().isEmpty)
    }

    @Test func foldersAtThePlacesOfCzarsFilesAreWork() throws {
        let fixture = try TidyFixture()
        let files = [".WORKER_COMPLETE/report", ".czar/outbox/refused/drafts/n", ".czar/prompt.md/m", "WORKER_IDENTITY.md/notes"]
        func spoil() throws {
            let tree = try fixture.create()
            try FileManager.default.removeItem(atPath: tree + "/WORKER_IDENTITY.md")
            for file in files { try writeFile(tree + "/" + file, "mine\n") }
        }
        try spoil()
        let work = RemovalHazard.untracked(files.map { RepositoryPath($0) })
        #expect(try fixture.hazards() == [work])
        // The undoing of its creation takes no more than a removal.
        #expect(throws: RemovalError.refused(worker: fixture.key().id, hazards: [work], place: fixture.tree())) { try fixture.undo() }
        try fixture.remove(force: true)
        try fixture.undo()
        for file in files { #expect(try String(contentsOfFile: fixture.tree() + "/" + file, encoding: .utf8) == "mine\n") }
        #expect(try fixture.hazards() == [work])
    }

    @Test func whatIsWrittenBetweenTheLookAndTheRemovalIsNotLost() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tree = fixture.tree()
        try writeFile(tree + "/src/file0", "first\n")
        for change in ["src/file0", "new file"] {
            let remover = WorkspaceRemover(try fixture.coordinator(), options: RemovalOptions(force: true)) { step in
                guard step == .planned else { return }
                do { try writeFile(tree + "/" + change, "later \(change)\n") } catch { Issue.record(error) }
            }
            #expect(throws: RemovalError.self) { try remover.remove(fixture.key()) }
            #expect(try String(contentsOfFile: tree + "/" + change, encoding: .utf8) == "later \(change)\n")
            #expect(try fixture.record().plannedTidying == nil)
        }
        #expect(try fixture.worktreeCount() == 2)
    }

    @Test func aPlannedRemovalKeepsAttemptsFromStarting() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let ledger = try fixture.coordinator().ledger
        let key = fixture.key()
        try ledger.record(.removalPlanned, worker: key, phase: key.phase, [Field.path: fixture.tree(), Field.name: "api"])
        #expect(try fixture.problems().contains("interrupted"))
        #expect(try InterruptedTidying(fixture.coordinator()).finish() == ["the interrupted removal of 'api' had changed nothing"])
        #expect(try fixture.problems() == [])
        #expect(exists(fixture.tree()))
    }

    @Test func namesThatGitRefusesAreRefusedWithForceToo() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        for file in ["git~1/x", "z/.GIT/HEAD", "plain"] { try writeFile(tree + "/" + file, "x\n") }
        let refused = RemovalHazard.refusedNames([RepositoryPath("git~1"), RepositoryPath("z/.GIT")])
        #expect(try fixture.hazards(force: true) == [refused])
        let error = #expect(throws: RemovalError.self) { try fixture.remove() }
        #expect(error?.kind == .refused && error?.remedy == "mv -n '\(tree)/git~1' .")
        #expect(try git("for-each-ref", "refs/czar/recovery", in: fixture.path) == "")
        try FileManager.default.removeItem(atPath: tree + "/git~1")
        try FileManager.default.removeItem(atPath: tree + "/z")
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(exists(tree + "/plain"))
    }
}
