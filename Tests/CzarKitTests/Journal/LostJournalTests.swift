import CzarPlanning
import Foundation
import TestSupport
import Testing

@testable import CzarKit

/// A journal that is gone is not begun anew: what is left of it is its history.
@Suite struct LostJournalTests {
    private func history() throws -> (fixture: JournalFixture, entries: [JournalEntry]) {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        try journal.append((0..<20).map { checkpoint("\($0)") })
        return (fixture, try journal.entries())
    }

    private func expectDamaged(_ fixture: JournalFixture) throws {
        for mode in [Journal.Mode.readOnly, .readWrite(create: false), .readWrite(create: true)] {
            #expect("\(mode)") { _ = try Journal.open(fixture.place, mode: mode) } throws: { error in
                if case JournalError.damaged = error { true } else { false }
            }
        }
        #expect(throws: JournalError.self) { try Journal.openForLooking(fixture.place) }
    }

    private func expectRebuilt(_ fixture: JournalFixture, _ before: [JournalEntry]) throws {
        let rebuilt = try Journal.rebuild(fixture.place)
        #expect(try Array(rebuilt.journal.entries().dropLast()) == before)
        #expect(try rebuilt.journal.append([checkpoint("next")]).mirrorProblem == nil)
        #expect(try Journal.open(fixture.place, mode: .readOnly)?.damage() == nil)
        #expect(try !fixture.names("common/czar").contains { $0.contains(".rebuilt") })
    }

    @Test func aRepairThatWasCutOffBeforeTheNewJournalIsThereGoesOn() throws {
        let (fixture, before) = try history()
        _ = try Journal.setAsideDamaged(fixture.place)
        // The log of one that was moved aside alone.
        try fixture.write("garbage", to: "common/czar/journal.sqlite-wal")
        try fixture.write("half", to: "common/czar/journal.sqlite.rebuilt")
        try fixture.write("half", to: "common/czar/journal.sqlite.rebuilt-wal")
        try expectDamaged(fixture)
        try expectRebuilt(fixture, before)
    }

    @Test func anEmptyJournalBesideADamagedOneIsNoNewOne() throws {
        let (fixture, before) = try history()
        _ = try Journal.setAsideDamaged(fixture.place)
        try fixture.write("", to: "common/czar/journal.sqlite")
        try expectDamaged(fixture)
        try FileManager.default.removeItem(atPath: fixture.path + "/.czarina/events.log")
        try expectRebuilt(fixture, before)
    }

    @Test func anEmptiedJournalIsNoNewOne() throws {
        let (fixture, before) = try history()
        for name in ["journal.sqlite-wal", "journal.sqlite-shm"] {
            try prepare("rm", "-f", fixture.path + "/common/czar/" + name)
        }
        try fixture.write("", to: "common/czar/journal.sqlite")
        try expectDamaged(fixture)
        _ = try Journal.setAsideDamaged(fixture.place)
        try expectRebuilt(fixture, before)
    }

    /// Whoever takes Czar's folder away begins anew.
    @Test func aMirrorAloneTellsNothing() throws {
        let (fixture, _) = try history()
        try FileManager.default.removeItem(atPath: fixture.path + "/common/czar")
        #expect(try fixture.open().entries().map(\.event.type) == [.journalOpened])
    }

    @Test func aWholeJournalIsNotReplaced() throws {
        let (fixture, before) = try history()
        #expect(throws: JournalError.self) { try Journal.rebuild(fixture.place) }
        #expect(try fixture.open().entries() == before)
        #expect(try !fixture.names("common/czar").contains { $0.contains("damaged") })
    }
}
