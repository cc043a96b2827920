import CzarPlanning
import Foundation
import TestSupport
import Testing

@testable import CzarKit

/// Several real processes: an exit test runs its body in a process of its own.
@Suite struct JournalCrashTests {
    @Test func killedWritersLoseAndDoubleNothingThatWasAcknowledged() async throws {
        let fixture = try JournalFixture()
        let path = fixture.path
        await withTaskGroup { group in
            for writer in 0..<16 {
                group.addTask { [path] in
                    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, writer = writer as Int] in
                        try appendForever(path, writer: writer)
                    }
                }
            }
        }
        let journal = try fixture.open()
        let names = try journal.entries().compactMap { $0.event.fields["name"] }
        let acknowledged = try fixture.names("acknowledged").flatMap {
            fixture.text("acknowledged/" + $0).split(separator: "\n").map(String.init)
        }
        #expect(!acknowledged.isEmpty)
        #expect(Set(acknowledged).subtracting(names) == [])
        #expect(Set(names).count == names.count)
        #expect(try journal.entries().map(\.sequence) == Array(1...(journal.lastSequence())))
        #expect(try journal.append([checkpoint("last")]).mirrorProblem == nil)
        let expected = try fixture.mirrors(of: journal)
        #expect(fixture.text(".czarina/events.log") == expected.text)
        #expect(fixture.text(".czarina/logs/events.jsonl") == expected.json)
        #expect(try fixture.names(".czarina") == ["events.log", "logs"])
    }

    @Test func whatIsTakenInByKilledProcessesComesOnceAndInOrder() async throws {
        let fixture = try JournalFixture()
        let path = fixture.path
        for number in 0..<300 {
            try Outbox.put(checkpoint("box \(number)"), worktree: fixture.tree)
            try fixture.append("CHECKPOINT name=\"log \(number)\"\nbad \(number)\n", to: "tree/.czar/events.log")
        }
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { [path] in
                    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                        killMyself(after: .random(in: 1_000...60_000))
                        try takeForever(path)
                    }
                }
            }
        }
        let journal = try fixture.open()
        _ = try Outbox.take(into: journal, worktree: fixture.tree, worker: api)
        _ = try EventsLog.take(into: journal, worktree: fixture.tree, worker: api)
        let names = try journal.entries(of: api).compactMap { $0.event.fields["name"] }
        #expect(names.filter { $0.hasPrefix("box") } == (0..<300).map { "box \($0)" })
        #expect(names.filter { $0.hasPrefix("log") } == (0..<300).map { "log \($0)" })
        #expect(Set(fixture.text("tree/.czar/events.bad").split(separator: "\n")).count == 300)
        #expect(try fixture.names("tree/.czar/outbox").isEmpty)
    }

    @Test func oneOfSeveralProcessesWinsEachConditionalAppend() async throws {
        let fixture = try JournalFixture()
        let path = fixture.path
        await withTaskGroup { group in
            for claimant in 0..<6 {
                group.addTask { [path] in
                    await #expect(processExitsWith: .success) { [path = path as String, claimant = claimant as Int] in
                        try claimAll(path, claimant: claimant)
                    }
                }
            }
        }
        let claims = try fixture.open().entries(of: api).compactMap { $0.event.fields["name"] }
        #expect(claims.map { $0.split(separator: " ")[0] } == (0..<20).map { "\($0)" })
    }

    @Test func readersSeeAWholeJournalWhileOthersWrite() async throws {
        let fixture = try JournalFixture()
        try fixture.open().append([checkpoint("first")])
        let path = fixture.path
        async let writer = #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            killMyself(after: 600_000)
            try appendForever(path, writer: 0)
        }
        var last = 0
        for _ in 0..<40 {
            let reader = try #require(try Journal.open(fixture.place, mode: .readOnly))
            let sequences = try reader.entries().map(\.sequence)
            #expect(sequences == Array(1...Int64(sequences.count)) && sequences.count >= max(last, 2))
            last = sequences.count
        }
        _ = await writer
        let reader = try #require(try Journal.open(fixture.place, mode: .readOnly))
        #expect(try reader.lastSequence() == fixture.open().lastSequence())
    }
}

private func killMyself(after microseconds: UInt32) {
    Thread {
        usleep(microseconds); kill(getpid(), SIGKILL)
    }.start()
}

/// Appends one entry after another and notes the name of each only when the journal has acknowledged it, until it is killed: at any moment,
/// and every second writer at one after its first entry, however slow the machine is.
private func appendForever(_ path: String, writer: Int) throws {
    let (life, killsEarly) = (UInt32.random(in: 20_000...1_500_000), writer.isMultiple(of: 2))
    if killsEarly { killMyself(after: life) }
    let folder = path + "/acknowledged"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let notes = open("\(folder)/\(writer)", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    for number in 0... {
        // A connection now and then of its own, as separate commands have.
        let journal = try Journal.openOrCreate(JournalFixture.place(path))
        for part in 0..<5 {
            let name = "\(writer).\(number).\(part)"
            try journal.append([checkpoint(name)])
            _ = (name + "\n").withCString { write(notes, $0, strlen($0)) }
            if !killsEarly, number == 0, part == 0 { killMyself(after: life) }
        }
    }
}

private func takeForever(_ path: String) throws {
    let journal = try Journal.openOrCreate(JournalFixture.place(path))
    while true {
        _ = try Outbox.take(into: journal, worktree: path + "/tree", worker: api)
        _ = try EventsLog.take(into: journal, worktree: path + "/tree", worker: api)
    }
}

private func claimAll(_ path: String, claimant: Int) throws {
    let journal = try Journal.openOrCreate(JournalFixture.place(path))
    while true {
        let entries = try journal.entries(of: api)
        if entries.count >= 20 { return }
        let event = checkpoint("\(entries.count) \(claimant)")
        _ = try journal.append([event], ifLastSequenceOf: [api: entries.last?.sequence ?? 0])
    }
}
