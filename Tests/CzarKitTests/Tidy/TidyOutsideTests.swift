import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

extension TidyFixture {
    /// A folder of the user's own beside the project.
    var outside: String { path + "-worktrees" }

    /// Makes the worktree in the user's own folder and returns its path.
    func createOutside(_ id: String = "api") throws -> String {
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        let coordinator = try coordinator()
        let worker = try present(coordinator.plan[key(id).id])
        return try WorkspaceCreator(coordinator, options: WorkspaceOptions(folder: outside)).create(worker).path
    }

    /// Runs what a remedy says before the part that is Czar's own.
    func mend(_ remedy: String?) throws {
        let commands = try present(remedy).components(separatedBy: " && ").filter { !$0.hasPrefix("czar ") }
        try prepare("sh", "-ec", commands.joined(separator: " && "), in: path)
    }
}

/// Worktrees that the user has outside the repository, and whose place is not there, or somewhere else.
@Suite struct TidyOutsideTests {
    @Test func oneThatVanishedIsMadeAgainWhereItWas() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        try writeFile(tree + "/staged", "mine\n")
        try git("add", "staged", in: tree)
        try FileManager.default.removeItem(atPath: tree)
        #expect(try fixture.create() == tree)
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
        #expect(try git("show", "refs/czar/recovery/api/1^2:staged", in: fixture.path) == "mine")
        #expect(try fixture.worktreeCount() == 2)
        #expect(try fixture.check().isEmpty)
    }

    @Test func oneOnADiskThatIsNotMountedIsLeftAlone() async throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        try writeFile(tree + "/staged", "mine\n")
        try git("add", "staged", in: tree)
        try writeFile(tree + "/untracked", "mine\n")
        let status = try git("status", "--porcelain", in: tree)
        try prepare("mv", fixture.outside, fixture.outside + "-away")
        let refusal = WorkspaceError.unmounted(worker: fixture.key().id, path: tree, folder: fixture.outside)
        #expect(throws: refusal) { try fixture.create() }
        #expect(refusal.remedy == "czar remove api" && refusal.remedyOfFailure == "czar remove api && czar retry api")
        let undone = RemovalError.refused(worker: fixture.key().id, hazards: [.unmounted(folder: fixture.outside)], place: tree)
        #expect(throws: undone) { try fixture.undo() }
        #expect(try await Pruner(fixture.coordinator()).prune(dryRun: false).allSatisfy { !$0.isPruned })
        #expect(try fixture.doctor(repair: true).filter { $0.severity == .problem }.map(\.remedy) == ["czar remove api"])
        #expect(try fixture.worktreeCount() == 2)
        try prepare("mv", fixture.outside + "-away", fixture.outside)
        #expect(try git("status", "--porcelain", in: tree) == status)
        #expect(try fixture.problems() == [])
        #expect(try fixture.create() == tree)
    }

    @Test func oneOnADiskThatNeverComesBackIsForgotten() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        try writeFile(tree + "/staged", "mine\n")
        try git("add", "staged", in: tree)
        try FileManager.default.removeItem(atPath: fixture.outside)
        #expect(try fixture.remove().recovery == "refs/czar/recovery/api/1")
        #expect(try git("show", "refs/czar/recovery/api/1^2:staged", in: fixture.path) == "mine")
        #expect(try fixture.create() == fixture.tree())
        #expect(try fixture.problems() == [])
    }

    @Test(arguments: ["move", "copy"])
    func oneThatWasMovedTogetherWithTheRepositoryIsLinkedAgainAndACopyIsNot(_ how: String) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        try writeFile(tree + "/untracked", "mine\n")
        let new = fixture.path + "-new"
        try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: true)
        let (root, place) = (
            new + "/" + (fixture.path as NSString).lastPathComponent, new + "/" + (fixture.outside as NSString).lastPathComponent
        )
        for folder in [fixture.path, fixture.outside] {
            try how == "move" ? prepare("mv", folder, new) : prepare("cp", "-a", folder, new)
        }
        defer { if how == "move" { _ = try? run(["mv", root, fixture.path], in: new) } }
        let moved = place + "/" + (tree as NSString).lastPathComponent
        let link = try String(contentsOfFile: moved + "/.git", encoding: .utf8)
        _ = try fixture.doctor(adopt: true, repair: true, at: root)
        guard how == "move" else {
            #expect(try String(contentsOfFile: moved + "/.git", encoding: .utf8) == link)
            #expect(try git("status", "--porcelain", in: tree) == "?? untracked")
            return
        }
        #expect(try fixture.problems(at: root) == [])
        #expect(try git("status", "--porcelain", in: moved) == "?? untracked")
        #expect(try git("worktree", "prune", "--dry-run", "-v", in: root).isEmpty)
        #expect(try Coordinator(around: root, actor: "cli").ledger.refresh()[fixture.key()].creation?.worktree == moved)
    }

    /// A link that leads to itself stands for whatever does not answer: even who may enter every folder cannot look behind it.
    @Test func oneThatCannotBeReachedIsNotGone() async throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        try writeFile(tree + "/untracked", "mine\n")
        try prepare("mv", fixture.outside, fixture.outside + "-away")
        try FileManager.default.createSymbolicLink(atPath: fixture.outside, withDestinationPath: fixture.outside)
        for attempt in [{ _ = try fixture.create() }, { _ = try fixture.remove(force: true) }, { try fixture.undo() }]
            as [() throws -> Void]
        {
            do {
                try attempt()
                Issue.record("it was taken for gone")
            } catch let error as RemovalError {
                guard case .unreachable(_, tree, _) = error else { throw error }
                #expect(error.kind == .refused && error.remedy == "ls -ld \(fixture.outside)")
            }
        }
        #expect(try await Pruner(fixture.coordinator()).prune(dryRun: false).allSatisfy { !$0.isPruned })
        #expect(try fixture.problems(repair: true) == ["worktree-unreachable"])
        #expect(try fixture.worktreeCount() == 2)
        try FileManager.default.removeItem(atPath: fixture.outside)
        try prepare("mv", fixture.outside + "-away", fixture.outside)
        #expect(try fixture.problems() == [])
        #expect(try fixture.hazards() == [.untracked([RepositoryPath("untracked")])])
    }
}

/// Worktrees that were moved away and have a symbolic link in their place.
@Suite struct TidyLinkedPlaceTests {
    @Test func aLinkInThePlaceOfAWorktreeIsMendedByWhatIsSaid() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/untracked", "mine\n")
        try prepare("mv", tree, fixture.outside)
        try FileManager.default.createSymbolicLink(atPath: tree, withDestinationPath: fixture.outside)
        var remedies: Set<String?> = []
        for attempt in [{ _ = try fixture.create() }, { _ = try fixture.remove(force: true) }, { try fixture.undo() }]
            as [() throws -> Void]
        {
            do {
                try attempt()
                Issue.record("it was followed")
            } catch let error as RemovalError {
                #expect(error.kind == .refused && error.description.contains("symbolic link to '\(fixture.outside)'"))
                remedies.insert(error.remedy)
            }
        }
        remedies.formUnion(try fixture.doctor().filter { $0.severity == .problem }.map(\.remedy))
        #expect(remedies.count == 1)
        try fixture.mend(present(remedies.first))
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.record().creation?.worktree == fixture.outside)
        #expect(try fixture.hazards() == [.untracked([RepositoryPath("untracked")])])
        #expect(try fixture.check().isEmpty)
    }

    @Test func aLinkInThePlaceOfTheFolderOfWorktreesIsFollowedByNeitherRemovalNorUndo() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try fixture.create("docs")
        try writeFile(tree + "/untracked", "mine\n")
        try fixture.remove("docs")
        let folder = (tree as NSString).deletingLastPathComponent
        try prepare("mv", folder, fixture.outside)
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: fixture.outside)
        var remedies: [String?] = []
        let attempts: [() throws -> Void] = [
            { _ = try fixture.remove(force: true) }, { try fixture.undo() }, { _ = try fixture.create("docs") },
        ]
        for attempt in attempts {
            do {
                try attempt()
                Issue.record("it was followed")
            } catch let error as any Explained {
                #expect(error.kind == .refused && error.description.contains("'\(folder)' is a symbolic link"))
                remedies.append(error.remedy)
            }
        }
        #expect(Set(remedies) == ["rm \(folder) && mv \(fixture.outside) \(folder)"])
        #expect(try fixture.problems(repair: true) == ["worktree-foreign"])
        try fixture.mend(present(remedies.first))
        #expect(try fixture.problems() == [])
        #expect(try fixture.hazards() == [.untracked([RepositoryPath("untracked")])])
        try fixture.undo()
        #expect(exists(fixture.tree("docs") + "/.git"))
    }

    /// It may have come with the repository, and lead to anything.
    @Test func whatALinkLeadsToIsNotMovedWhereNoWorktreeIsKnownThere() throws {
        let fixture = try TidyFixture()
        try FileManager.default.createDirectory(atPath: fixture.outside, withIntermediateDirectories: true)
        let folder = fixture.path + "/.czarina/worktrees"
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: fixture.outside)
        do { try fixture.create() } catch let error as WorkspaceError { #expect(error.remedy == "mv \(folder) \(folder).old") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.outside).isEmpty)
    }
}
