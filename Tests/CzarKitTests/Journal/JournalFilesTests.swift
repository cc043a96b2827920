import CzarGit
import CzarPlanning
import Foundation
import GRDB
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CzarKit

@Suite struct JournalMirrorTests {
    private func check(_ fixture: JournalFixture, _ journal: Journal) throws {
        let expected = try fixture.mirrors(of: journal)
        #expect(fixture.text(".czarina/events.log") == expected.text)
        #expect(fixture.text(".czarina/logs/events.jsonl") == expected.json)
    }

    @Test func tornLongerShorterAndMissingMirrorsAreRepaired() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append([checkpoint("1"), checkpoint("2")])
        try check(fixture, journal)
        try fixture.append("2026-01-01T00:00:00.000Z api CHECKP", to: ".czarina/events.log")
        try fixture.append("{\"schema\"", to: ".czarina/logs/events.jsonl")
        try journal.append([checkpoint("3")])
        try check(fixture, journal)
        #expect(truncate(fixture.path + "/.czarina/events.log", 10) == 0)
        try FileManager.default.removeItem(atPath: fixture.path + "/.czarina/logs/events.jsonl")
        try journal.append([checkpoint("4")])
        try check(fixture, journal)
    }

    @Test func aMirrorThatWasBeingWrittenAnewIsFinished() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append((0..<50).map { checkpoint("\($0)") })
        // As a process leaves it that was killed between the note and the last byte.
        try journal.writing("change") { try $0.execute(sql: "UPDATE mirrors SET sequence = 0, length = 0") }
        #expect(truncate(fixture.path + "/.czarina/events.log", 100) == 0)
        try journal.append([checkpoint("last")])
        try check(fixture, journal)
    }

    @Test func aMirrorWhoseBytesDidNotReachTheDiskIsWrittenAnew() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append([checkpoint("1")])
        let length = fixture.bytes(".czarina/events.log").count
        #expect(truncate(fixture.path + "/.czarina/events.log", 5) == 0 && truncate(fixture.path + "/.czarina/events.log", length) == 0)
        try journal.append([checkpoint("2")])
        try check(fixture, journal)
    }

    @Test func whatCzarDidNotWriteIsKeptUnderAnotherName() throws {
        let fixture = try JournalFixture()
        try fixture.write("an old project's events\n", to: ".czarina/events.log")
        let journal = try fixture.open()
        try journal.append([checkpoint("1")])
        try check(fixture, journal)
        let kept = try #require(try fixture.names(".czarina/logs").first { $0.hasPrefix("events.log.found-") })
        #expect(fixture.text(".czarina/logs/" + kept) == "an old project's events\n")
    }

    @Test func aMirrorThatCannotBeWrittenLosesNoEntry() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try FileManager.default.createDirectory(atPath: fixture.path + "/.czarina", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/.czarina/logs", withDestinationPath: fixture.tree)
        let appended = try journal.append([checkpoint("1")])
        #expect(appended.entries.count == 1)
        guard case .unsafe = appended.mirrorProblem else { return #expect(Bool(false), "\(String(describing: appended.mirrorProblem))") }
        #expect(try fixture.names("tree").isEmpty)
        #expect(fixture.text(".czarina/events.log").hasSuffix("name=1\n"))
        try FileManager.default.removeItem(atPath: fixture.path + "/.czarina/logs")
        #expect(try journal.append([checkpoint("2")]).mirrorProblem == nil)
        try check(fixture, journal)
    }
}

@Suite struct JournalReadOnlyTests {
    /// Every name in the folder with size and time of change.
    private func listing(_ fixture: JournalFixture) throws -> String {
        try run(["find", "common", ".czarina", "-printf", "%p %s %T@ %i\\n"], in: fixture.path).output
    }

    @Test func readingAClosedJournalWritesNothing() throws {
        let fixture = try JournalFixture()
        do { try fixture.open().append([checkpoint("1")]) }
        #expect(!fixture.exists("common/czar/journal.sqlite-wal"))
        let before = try listing(fixture)
        let reader = try #require(try Journal.open(fixture.place, mode: .readOnly))
        #expect(try reader.lastSequence() == 2)
        #expect(try listing(fixture) == before)
        #expect(throws: JournalError.self) { try reader.append([checkpoint("2")]) }
        try fixture.open().append([checkpoint("3")])
        #expect(try reader.lastSequence() == 3)
    }

    @Test func readingBesideAWriterWritesNothingAndSeesEveryCommit() throws {
        let fixture = try JournalFixture()
        let writer = try fixture.open()
        try writer.append([checkpoint("1")])
        let before = try listing(fixture)
        let reader = try #require(try Journal.open(fixture.place, mode: .readOnly))
        #expect(try reader.lastSequence() == 2)
        #expect(try listing(fixture) == before)
        for sequence in 3..<40 {
            try writer.append([checkpoint("\(sequence)")])
            #expect(try reader.lastSequence() == Int64(sequence))
        }
    }

    @Test(arguments: [0, 7, 32, 40, 500])
    func aLogThatADeadProcessHadOnlyBegunIsRead(length: Int) throws {
        let fixture = try JournalFixture()
        let writer = try fixture.open()
        try writer.append([checkpoint("1")])
        let copy = try JournalFixture()
        do { try copy.open().append([checkpoint("1")]) }
        for suffix in ["-wal", "-shm"] {
            let name = "/common/czar/journal.sqlite" + suffix
            _ = try run(["cp", fixture.path + name, copy.path + name], in: "/")
        }
        #expect(truncate(copy.path + "/common/czar/journal.sqlite-wal", length) == 0)
        let before = try listing(copy)
        #expect(try Journal.open(copy.place, mode: .readOnly)?.lastSequence() == 2)
        #expect(try listing(copy) == before)
    }

    @Test func aLogThatADeadProcessLeftIsRead() throws {
        let fixture = try JournalFixture()
        let writer = try fixture.open()
        try writer.append([checkpoint("1"), checkpoint("2")])
        for files in [["", "-wal"], ["", "-wal", "-shm"]] {
            let copy = try JournalFixture()
            _ = try run(["mkdir", "-p", copy.path + "/common/czar"], in: "/")
            for suffix in files {
                let name = "/common/czar/journal.sqlite" + suffix
                _ = try run(["cp", fixture.path + name, copy.path + name], in: "/")
            }
            let before = try listing(copy)
            #expect(try Journal.open(copy.place, mode: .readOnly)?.lastSequence() == 3)
            #expect(try listing(copy) == before)
        }
    }
}

@Suite struct JournalIntakeTests {
    private func names(_ intake: Intake) -> [String] { intake.entries.compactMap { $0.event.fields["name"] } }

    @Test func theOutboxIsTakenInOnceAndInOrder() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        var paths: [String] = []
        for number in 0..<20 { paths.append(try Outbox.put(checkpoint("\(number)"), worktree: fixture.tree)) }
        let first = fixture.path + "/first.json"
        try FileManager.default.copyItem(atPath: paths[0], toPath: first)
        #expect(try run(["stat", "-c", "%a", paths[0]], in: "/").output == "600\n")
        let intake = try Outbox.take(into: journal, worktree: fixture.tree, worker: api)
        #expect(names(intake) == (0..<20).map { "\($0)" } && intake.refused.isEmpty)
        #expect(intake.entries.allSatisfy { $0.event.actor == "outbox" && $0.event.key == api })
        #expect(try fixture.names("tree/.czar/outbox").isEmpty)
        // As a crash between the commit and the removal leaves it.
        try FileManager.default.copyItem(atPath: first, toPath: paths[0])
        #expect(try Outbox.take(into: journal, worktree: fixture.tree, worker: api).entries.isEmpty)
        #expect(try fixture.names("tree/.czar/outbox").isEmpty)
        #expect(try journal.lastSequence() == 21)
    }

    @Test func whatAnAgentMayNotSayIsSetAside() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let box = "tree/.czar/outbox/"
        try fixture.write(#"{"type":"STATE_CHANGED","fields":{"to":"complete"}}"#, to: box + "1.json")
        try fixture.write(#"{"type":"CHECKPOINT","worker":"docs","fields":{}}"#, to: box + "2.json")
        try fixture.write("not an event", to: box + "3 \n strange.json")
        try fixture.write(#"{"type":"X","fields":{"a":""# + String(repeating: "x", count: 70_000) + #""}}"#, to: box + "4.json")
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/" + box + "5.json", withDestinationPath: "/etc/passwd")
        #expect(mkfifo(fixture.path + "/" + box + "6.json", 0o600) == 0)
        try fixture.write(#"{"type":"CHECKPOINT","worker":"api","phase":"2"}"#, to: box + "7.json")
        try fixture.write(#"{"type":"CHECKPOINT","fields":{"name":"good"},"time":"2999-01-01T00:00:00Z"}"#, to: box + "8.json")
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let intake = try Outbox.take(into: journal, worktree: fixture.tree, worker: api, now: now)
        #expect(names(intake) == ["good"] && intake.entries.first?.event.time == now)
        #expect(intake.refused.map(\.what) == ["1.json", "2.json", "3 \n strange.json", "4.json", "5.json", "6.json", "7.json"])
        #expect(try fixture.names("tree/.czar/outbox") == ["refused"])
        #expect(try fixture.names("tree/.czar/outbox/refused").count == 14)
        #expect(fixture.text("tree/.czar/outbox/refused/1.json.reason").contains("STATE_CHANGED"))
        #expect(try Outbox.take(into: journal, worktree: fixture.tree, worker: api) == Intake())
    }

    @Test func anOutboxBehindASymlinkIsRefused() throws {
        let fixture = try JournalFixture()
        try FileManager.default.createSymbolicLink(atPath: fixture.tree + "/.czar", withDestinationPath: "/tmp")
        #expect(throws: JournalError.self) { try Outbox.put(checkpoint("1"), worktree: fixture.tree) }
        #expect(throws: JournalError.self) { try Outbox.take(into: fixture.open(), worktree: fixture.tree, worker: api) }
    }

    @Test func linesOfAnEventsLogAreTakenInOnce() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        func take() throws -> Intake { try EventsLog.take(into: journal, worktree: fixture.tree, worker: api) }
        #expect(try take() == Intake())
        let log = "tree/.czar/events.log"
        try fixture.append("CHECKPOINT name=1\n\n2025-12-29T22:16:48-05:00 api CHECKPOINT name=2\nnonsense\n", to: log)
        try fixture.append(
            "docs CHECKPOINT name=x\nTIP_MOVED\n{\"type\":\"CHECKPOINT\",\"fields\":{\"name\":\"3\"}}\nCHECKPOINT na", to: log)
        let intake = try take()
        #expect(names(intake) == ["1", "2", "3"])
        #expect(intake.refused.map(\.what) == ["line 4", "line 5", "line 6"])
        #expect(intake.entries[1].event.time.description == "2025-12-30T03:16:48.000Z")
        #expect(fixture.text("tree/.czar/events.bad").split(separator: "\n").count == 3)
        #expect(try take() == Intake())
        try fixture.append("me=4\n", to: log)
        #expect(try names(take()) == ["4"])
    }

    @Test func aShortenedOrRewrittenEventsLogIsReadFromItsStart() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        func take() throws -> [String] { names(try EventsLog.take(into: journal, worktree: fixture.tree, worker: api)) }
        let log = "tree/.czar/events.log"
        try fixture.write("CHECKPOINT name=1\nCHECKPOINT name=2\n", to: log)
        #expect(try take() == ["1", "2"])
        try fixture.write("CHECKPOINT name=3\n", to: log)
        #expect(try take() == ["3"])
        try fixture.write("CHECKPOINT name=4\nCHECKPOINT name=5\nCHECKPOINT name=6\n", to: log)
        #expect(try take() == ["4", "5", "6"])
    }

    @Test func aNewWorktreesEventsLogIsReadFromItsStartThoughItsWordsAreTheSame() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        func take() throws -> [String] { names(try EventsLog.take(into: journal, worktree: fixture.tree, worker: api)) }
        try fixture.write("CHECKPOINT name=1\n", to: "tree/.czar/events.log")
        #expect(try take() == ["1"])
        try EventsLog.forget(api, in: journal)
        #expect(try take() == ["1"])
        try FileManager.default.removeItem(atPath: fixture.tree + "/.czar/events.log")
        #expect(try take() == [])
        try fixture.write("CHECKPOINT name=1\n", to: "tree/.czar/events.log")
        #expect(try take() == ["1"])
    }

    @Test func aLineWithoutEndIsSetAside() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try fixture.write(
            "CHECKPOINT name=" + String(repeating: "x", count: 2_500_000) + "\nCHECKPOINT name=after\n", to: "tree/.czar/events.log")
        let intake = try EventsLog.take(into: journal, worktree: fixture.tree, worker: api)
        #expect(names(intake) == ["after"] && intake.refused.map(\.what) == ["line 1"])
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        #expect(throws: EventRefusal.self) { try EventAdmission.line([0x41, 0xFF]) }
        #expect(throws: EventRefusal.reservedType(.integrated)) { try EventAdmission.check(type: "INTEGRATED", fields: [:]) }
        #expect(throws: EventRefusal.malformedType("x")) { try EventAdmission.check(type: "x", fields: [:]) }
        #expect(throws: EventRefusal.malformedField("a b")) { try EventAdmission.check(type: "X", fields: ["a b": ""]) }
        let large = Dictionary(uniqueKeysWithValues: (0..<5).map { ("f\($0)", String(repeating: "x", count: 60_000)) })
        #expect(throws: EventRefusal.longEvent(bytes: 300_010)) { try EventAdmission.check(type: "X", fields: large) }
    }

    /// Permissions are no answer to it, nor is the doctor, who writes nothing there.
    @Test func aReadOnlyDiskIsToldFromARefusal() throws {
        let reason = String(cString: strerror(EROFS))
        #expect(JournalError(errno: EROFS, "open", "/x").remedy == "findmnt -T /")
        #expect(JournalError(errno: EACCES, "open", "/x").remedy == "ls -ld /")
        #expect(FileError("create the folder", "/x/czar", .readOnlyFileSystem).remedy == "findmnt -T /")
        #expect(GitError(code: .readOnly, operation: "create the folder", subject: "/x/czar", message: reason).remedy == "findmnt -T /")
    }
}
