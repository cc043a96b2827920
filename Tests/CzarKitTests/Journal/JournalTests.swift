import CzarGit
import CzarPlanning
import Foundation
import GRDB
import TestSupport
import Testing

@testable import CzarKit

@Suite struct JournalTests {
    @Test func entriesComeBackAsTheyWereWritten() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let event = Event(
            time: Timestamp(milliseconds: -1), phase: PhaseID(rawValue: "2"), worker: docs.id, type: EventType(rawValue: "OWN_TYPE"),
            fields: ["a": "line\nbreak \u{0} \"quoted\" 🎉", "b": ""], actor: "daemon")
        let appended = try journal.append([event, checkpoint("x", of: nil)])
        #expect(appended.mirrorProblem == nil)
        #expect(appended.entries.map(\.sequence) == [2, 3])
        #expect(try journal.entries(after: 1) == appended.entries)
        #expect(try fixture.open().entries(after: 1, limit: 1).map(\.event) == [event])
        #expect(try journal.entries().first?.event.type == .journalOpened)
    }

    @Test func sequencesAreKnownByWorker() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append([checkpoint("1"), checkpoint("2", of: docs), checkpoint("3", of: nil), checkpoint("4")])
        #expect(try journal.lastSequence() == 5)
        #expect(try journal.lastSequences() == [api: 5, docs: 3])
        #expect(try journal.lastSequence(of: WorkerKey(phase: PhaseID(rawValue: "2"), id: api.id)) == 0)
        #expect(try journal.entries(of: api).map(\.sequence) == [2, 5])
    }

    @Test func aConditionalAppendLosesToAnyNewerEntryOfItsWorkers() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        #expect(try journal.append([checkpoint("1")], ifLastSequenceOf: [api: 0, docs: 0]).isAppended)
        #expect(try journal.append([checkpoint("2")], ifLastSequenceOf: [api: 0, docs: 0]) == .lost(current: [api: 2, docs: 0]))
        #expect(try journal.lastSequence() == 2)
    }

    @Test func aTransactionSeesWhatIsNewAndMayRefuse() throws {
        struct Refused: Error {}
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append([checkpoint("1")])
        let (appended, seen) = try journal.transaction(after: 1) { view in ([checkpoint("2")], view.entries.map(\.sequence)) }
        #expect(seen == [2] && appended.entries.map(\.sequence) == [3])
        #expect(throws: Refused.self) {
            try journal.transaction(after: 0) { _ -> ([Event], Void) in throw Refused() }
        }
        #expect(try journal.lastSequence() == 3)
    }

    @Test func oneOriginIsTakenInOnce() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        #expect(try journal.append([OriginatedEvent(checkpoint("1"), origin: "a")]).entries.count == 1)
        #expect(try fixture.open().append([OriginatedEvent(checkpoint("1"), origin: "a")]).entries.isEmpty)
        #expect(try journal.lastSequence() == 2)
    }

    @Test func entriesNeverChange() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        for sql in ["UPDATE entries SET type = 'X'", "DELETE FROM entries", "INSERT OR REPLACE INTO entries SELECT * FROM entries"] {
            #expect(throws: JournalError.self) { try journal.writing("change") { try $0.execute(sql: sql) } }
        }
    }

    @Test func filesArePrivate() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append([checkpoint("1")])
        let modes = try run(["stat", "-c", "%a", "common/czar", "common/czar/locks", ".czarina", ".czarina/logs"], in: fixture.path).output
        #expect(modes == "700\n700\n700\n700\n")
        let files = ["common/czar/journal.sqlite", "common/czar/journal.sqlite-wal", ".czarina/events.log", ".czarina/logs/events.jsonl"]
        #expect(try run(["stat", "-c", "%a"] + files, in: fixture.path).output == "600\n600\n600\n600\n")
    }

    @Test func nothingIsCreatedUnlessAsked() throws {
        let fixture = try JournalFixture()
        #expect(try Journal.open(fixture.place, mode: .readOnly) == nil)
        #expect(try Journal.open(fixture.place, mode: .readWrite(create: false)) == nil)
        #expect(try fixture.names("common").isEmpty)
    }

    @Test func newerAndForeignDatabasesAreRefused() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.writing("change") { try $0.execute(sql: "PRAGMA user_version = 9") }
        let path = try fixture.place.database
        for mode in [Journal.Mode.readOnly, .readWrite(create: true)] {
            #expect(throws: JournalError.newerFormat(path: path, version: 9)) { try Journal.open(fixture.place, mode: mode) }
        }
        try journal.writing("change") { try $0.execute(sql: "PRAGMA application_id = 5") }
        #expect(throws: JournalError.foreign(path: path)) { try Journal.open(fixture.place, mode: .readWrite(create: true)) }
    }

    @Test func aCopiedRepositoryIsReadButNotWrittenUntilAdopted() throws {
        let fixture = try JournalFixture()
        do { try fixture.open().append([checkpoint("1")]) }
        let other = try JournalFixture()
        _ = try run(["cp", "-r", fixture.path + "/common/czar", other.path + "/common/"], in: "/")
        #expect { try other.open() } throws: { error in if case JournalError.copied = error { true } else { false } }
        let reader = try #require(try Journal.open(other.place, mode: .readOnly))
        #expect(try reader.identityProblem() != nil && reader.lastSequence() == 2)
        let adopted = try Journal.openForWriting(other.place)
        #expect(try adopted.adopt { _ in [] }.map(\.event.type) == [.journalOpened])
        #expect(try adopted.entries().last?.event.fields["adopted"] == "true")
        #expect(try other.open().append([checkpoint("2")]).entries.map(\.sequence) == [4])
    }

    @Test func networkFileSystemsAreKnownByName() {
        let table = "36 35 0:52 / /net rw - nfs4 host:/x rw\n37 35 8:1 / / rw,noatime shared:1 - ext4 /dev/sda1 rw\n"
        #expect(MountTable.fileSystem(ofDevice: "0:52", in: table) == "nfs4")
        #expect(MountTable.fileSystem(ofDevice: "8:1", in: table) == "ext4")
        #expect(["nfs", "nfs4", "cifs", "fuse.sshfs", "fuse", "9p"].allSatisfy(MountTable.isUnreliable))
        #expect(["ext4", "btrfs", "fuseblk", "overlay", "tmpfs"].allSatisfy { !MountTable.isUnreliable($0) })
        #expect(MountTable.name(ofDevice: 0x0000_0000_0010_0834) == "8:308")
    }

    @Test func aSymlinkInTheWayIsRefused() throws {
        let fixture = try JournalFixture()
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/common/czar", withDestinationPath: "/tmp")
        #expect { try fixture.open() } throws: { error in if case JournalError.unsafe = error { true } else { false } }
    }

    @Test func aDamagedJournalIsKeptAndRebuiltFromItsMirror() throws {
        let fixture = try JournalFixture()
        var before: [JournalEntry] = []
        do {
            let journal = try fixture.open()
            try journal.append((0..<200).map { checkpoint("\($0)") })
            before = try journal.entries()
        }
        try fixture.append("not an entry\n", to: ".czarina/logs/events.jsonl")
        try fixture.write(String(repeating: "garbage ", count: 2000), to: "common/czar/journal.sqlite")
        #expect { try fixture.open() } throws: { error in if case JournalError.damaged = error { true } else { false } }
        let rebuilt = try Journal.rebuild(fixture.place)
        #expect(FileManager.default.fileExists(atPath: try #require(rebuilt.aside)))
        #expect(rebuilt.entries == 201 && rebuilt.badLines == [202])
        let after = try rebuilt.journal.entries()
        #expect(Array(after.dropLast()) == before && after.last?.event.type == .journalRebuilt)
        let expected = try fixture.mirrors(of: rebuilt.journal)
        #expect(fixture.text(".czarina/events.log") == expected.text && fixture.text(".czarina/logs/events.jsonl") == expected.json)
        #expect(try fixture.names(".czarina/logs").count == 3)
        #expect(throws: JournalError.self) { try Journal.rebuild(fixture.place) }
    }

    @Test func aReplacedJournalTakesNoMoreEntries() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        _ = try Journal.setAsideDamaged(fixture.place)
        #expect(throws: JournalError.self) { try journal.append([checkpoint("lost")]) }
    }

    @Test func aWaitingReaderIsWokenByAnotherConnection() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let changes = try JournalChanges(of: journal)
        #expect(try !changes.wait(after: 1, timeout: .milliseconds(1)))
        let place = try fixture.place
        let writer = Thread { _ = try? Journal.openOrCreate(place).append([checkpoint("1")]) }
        writer.start()
        #expect(try changes.wait(after: 1, timeout: .seconds(20)))
        #expect(try journal.entries(after: 1).count == 1)
    }
}

extension ConditionalAppend {
    var isAppended: Bool { if case .appended = self { true } else { false } }
}
