import CzarKit
import CzarPlanning
import TestSupport
import Testing

/// `ProjectReader.changes(after:)`: what a program sees of a journal that others write.
@Suite struct ProjectChangesTests {
    private static func project() throws -> GitRepository {
        let repository = try GitRepository()
        try repository.write(".czarina/config.yaml", "project: {name: p, base: main}\nworkers:\n  - {id: one}\n")
        return repository
    }

    /// What a follower has seen, entry by entry; ends when the follower does.
    private func follow(
        _ reader: ProjectReader, after sequence: Int64 = 0
    ) -> (seen: AsyncStream<JournalEvent>, task: Task<Void, any Error>) {
        let (seen, pipe) = AsyncStream<JournalEvent>.makeStream()
        let task = Task {
            defer { pipe.finish() }
            for try await event in reader.changes(after: sequence) { pipe.yield(event) }
        }
        return (seen, task)
    }

    @Test(.timeLimit(.minutes(1))) func entriesComeAsTheyAreWrittenEvenBeforeThereIsAJournal() async throws {
        let repository = try Self.project()
        let reader = try ProjectReader(around: repository.path)
        let (seen, task) = follow(reader)
        var iterator = seen.makeAsyncIterator()
        let coordinator = try Coordinator(around: repository.path, actor: "cli")
        let one = try #require(coordinator.plan.definitions.first)
        for name in ["first", "second"] {
            try coordinator.ledger.record(.checkpoint, worker: one.key, phase: one.phase, ["name": name])
            var event = await iterator.next()
            while let other = event, other.type != "CHECKPOINT" { event = await iterator.next() }
            #expect(event?.fields == ["name": name] && event?.worker == one.id && event?.actor == "cli")
        }
        task.cancel()
        #expect(await iterator.next() == nil, "a cancelled task ends the sequence")
        try await task.value
    }

    @Test(.timeLimit(.minutes(1))) func onlyLaterEntriesComeAndEachOne() async throws {
        let repository = try Self.project()
        let coordinator = try Coordinator(around: repository.path, actor: "cli")
        let one = try #require(coordinator.plan.definitions.first)
        func record(_ name: String) throws -> Int64 {
            let written = try coordinator.ledger.record(.checkpoint, worker: one.key, phase: one.phase, ["name": name])
            return written.map(\.sequence).last ?? -1
        }
        let known = try record("known")
        let before = try record("written before")
        let reader = try ProjectReader(around: repository.path)
        let (seen, task) = follow(reader, after: known)
        var iterator = seen.makeAsyncIterator()
        #expect(await iterator.next()?.sequence == before)
        let numbers = try (1...50).map { try record("\($0)") }
        for number in numbers { #expect(await iterator.next()?.sequence == number) }
        #expect(try reader.events(after: before).map(\.sequence) == numbers)
        task.cancel()
        #expect(await iterator.next() == nil)
    }
}
