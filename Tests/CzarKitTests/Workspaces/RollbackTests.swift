import CzarGit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@testable import CzarKit

/// What was made for workers whose creation failed is taken back, and what cannot be is said: each worker's fault is its own.
@Suite struct RollbackTests {
    private func create(_ fixture: TidyFixture, _ watch: WorkspaceWatch) async throws -> [String] {
        let coordinator = try fixture.coordinator()
        let results = try await WorkspaceBatch(coordinator, options: WorkspaceOptions()).create(
            coordinator.plan.definitions, jobs: 2, watch: watch)
        return results.map { result in
            switch result.outcome {
            case .success: "\(result.worker) made"
            case .failure(let error): "\(error)"
            }
        }
    }

    private func branches(_ fixture: TidyFixture) throws -> [String] {
        try git("for-each-ref", "--format=%(refname:short)", "refs/heads", in: fixture.path).split(separator: "\n").map(String.init)
    }

    @Test func whatCannotBeTakenBackIsSaidAndTheOthersAreTakenBack() async throws {
        let fixture = try TidyFixture(ids: ["api", "docs"])
        let heads = fixture.path + "/.git/refs/heads/cz1/feat/"
        let said = try await create(
            fixture,
            WorkspaceWatch(isCancelled: {
                guard exists(heads + "api"), exists(heads + "docs") else { return false }
                // As another process that keeps the branch locked.
                return FileManager.default.createFile(atPath: heads + "api.lock", contents: nil)
            }))
        #expect(said.count == 2)
        #expect(said.first?.hasPrefix("worker 'api' was not created: interrupted; and its branch 'cz1/feat/api' (") == true, "\(said)")
        #expect(said.first?.hasSuffix(") could not be taken back: 'czar create api' goes on with it") == true, "\(said)")
        #expect(said.last == "worker 'docs' was not created: interrupted")
        #expect(try branches(fixture) == ["cz1/feat/api", "main"])
        try FileManager.default.removeItem(atPath: heads + "api.lock")
        try fixture.create("api")
        #expect(try fixture.record("api").creation?.forkPoint != nil, "it is known as Czar's own")
    }

    @Test func whoeverFindsTheDiskFullNamesTheDisk() throws {
        let fixture = try TidyFixture(ids: ["api"])
        let worker = try #require(try fixture.coordinator().plan.definitions.first)
        let full = GitError(
            code: .noSpace, operation: "write", subject: fixture.path + "/.git/refs/heads/x", message: "No space left on device")
        for error in [full, ReferenceError.git(full)] as [any Error] {
            let said = WorkspaceError(worker, error)
            #expect(said.remedy?.hasPrefix("df -") == true && "\(said)".contains("no space is left"), "\(said)")
        }
    }

    @Test func whatCannotBeRecordedIsTakenBack() async throws {
        let fixture = try TidyFixture(ids: ["api", "docs"])
        let journal = fixture.path + "/.git/czar/journal.sqlite"
        let said = try await create(
            fixture,
            WorkspaceWatch(progress: { _ in
                if exists(journal) { rename(journal, journal + ".aside") }
            }))
        #expect(said.count == 2 && said.allSatisfy { $0.hasPrefix("cannot create worker '") && $0.contains("replaced") }, "\(said)")
        #expect(try branches(fixture) == ["main"])
        #expect(try fixture.worktreeCount() == 1 && !exists(fixture.tree("api")))
        rename(journal + ".aside", journal)
        try fixture.create("api")
    }
}
