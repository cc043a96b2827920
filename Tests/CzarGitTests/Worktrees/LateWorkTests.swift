import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// What is written into a worktree while it is being removed, or after its removal was cut off, is never removed unseen.
@Suite struct LateWorkTests {
    private func place(_ name: String = "a") throws -> (repository: GitRepository, location: RepositoryLocation, tree: String) {
        let repository = try GitRepository()
        for index in 0..<9 { try repository.write("folder\(index % 3)/file\(index)", "content \(index)\n") }
        try repository.commitAll()
        try git("branch", name, in: repository.path)
        let location = try RepositoryLocation.discover(from: repository.path)
        let request = WorktreeRequest(
            name: name, path: "trees/" + name, root: repository.path, branch: name,
            commit: try Repository(opening: repository.path).resolve(name))
        return (repository, location, try location.addWorktree(request).path)
    }

    private func neighbours(_ tree: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: (tree as NSString).deletingLastPathComponent).sorted()
    }

    private func isEmptyStaging(_ repository: GitRepository) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: repository.path + "/.git/czar/staging").isEmpty
    }

    @Test(arguments: ["new", "changed", "renamed"]) func whatIsWrittenAfterTheLastLookStays(_ how: String) throws {
        let (repository, location, tree) = try place()
        try writeFile(repository.around + "/old", "old\n")
        var aside = ""
        let error = try #require(throws: WorktreeError.self) {
            try location.removeWorktree(named: "a") { step in
                guard step == .entryAside else { return }
                do {
                    switch how {
                    case "new": try writeFile(aside + "/folder1/late", "late\n")
                    case "changed": try writeFile(aside + "/folder1/late", "late\n")
                    default: try FileManager.default.moveItem(atPath: repository.around + "/old", toPath: aside + "/folder1/late")
                    }
                } catch { Issue.record(error) }
            } lastLook: { folder in
                aside = folder ?? ""
                if how == "changed" { do { try writeFile(aside + "/folder1/late", "known\n") } catch { Issue.record(error) } }
                return .goes(since: .next())
            }
        }
        guard case .workedIn(let remains, let files) = error else { return #expect(Bool(false), "\(error)") }
        #expect(files == ["folder1/late"] && remains.hasPrefix(tree + ".found-"))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: remains).sorted() == ["folder1", "folder1/late"])
        #expect(try location.worktrees().count == 1 && isEmptyStaging(repository))
    }

    /// Each is the other's second name, and old: neither was there at the last look.
    @Test func oldFilesOfTwoNamesStay() throws {
        let (repository, location, _) = try place()
        for (name, time) in [("old", "yesterday"), ("other", "yesterday")] {
            try writeFile(repository.around + "/" + name, name)
            try prepare("touch", "-d", time, repository.around + "/" + name)
        }
        try FileManager.default.linkItem(atPath: repository.around + "/old", toPath: repository.around + "/twin")
        let remains = try late(location) { aside in
            for name in ["old", "twin", "other"] {
                try FileManager.default.moveItem(atPath: repository.around + "/" + name, toPath: aside + "/folder1/" + name)
            }
        }
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: remains).sorted()
                == ["folder1", "folder1/old", "folder1/other", "folder1/twin"])
    }

    /// Moving a folder changes nothing below it.
    @Test func aFolderThatWasMovedThereStays() throws {
        let (repository, location, _) = try place()
        try writeFile(repository.around + "/precious/sub/nugget", "gold\n")
        for name in ["precious/sub/nugget", "precious/sub", "precious"] {
            try prepare("touch", "-d", "yesterday", repository.around + "/" + name)
        }
        let remains = try late(location) { aside in
            try FileManager.default.moveItem(atPath: repository.around + "/precious", toPath: aside + "/folder1/precious")
        }
        #expect(try String(contentsOfFile: remains + "/folder1/precious/sub/nugget", encoding: .utf8) == "gold\n")
        #expect(try !exists(remains + "/folder0") && location.worktrees().count == 1)
    }

    /// What a killed removal had begun with is not taken for something new; nor is what may not be written into.
    @Test func foldersThatWereBegunWithGo() async throws {
        let made = try place()
        for name in ["folder1", "folder2"] { try prepare("chmod", "500", made.tree + "/" + name) }
        try made.location.removeWorktree(named: "a", lastLook: { _ in .goes(since: .next()) })
        #expect(try neighbours(made.tree) == [])
    }

    /// Where what was written, by `work`, after the last look is kept.
    private func late(_ location: RepositoryLocation, _ work: (_ aside: String) throws -> Void) throws -> String {
        var aside = ""
        let error = try #require(throws: WorktreeError.self) {
            try location.removeWorktree(named: "a") { step in
                guard step == .entryAside else { return }
                do { try work(aside) } catch { Issue.record(error) }
            } lastLook: { folder in
                aside = folder ?? ""
                return .goes(since: .next())
            }
        }
        guard case .workedIn(let remains, _) = error else {
            Issue.record("\(error)")
            return ""
        }
        return remains
    }

    /// Removing one name of a file changes the stamp of the others.
    @Test func filesOfSeveralNamesGo() throws {
        let made = try place()
        for index in 0..<5 { try FileManager.default.linkItem(atPath: made.tree + "/folder0/file0", toPath: made.tree + "/link\(index)") }
        try made.location.removeWorktree(named: "a", lastLook: { _ in .goes(since: .next()) })
        #expect(try neighbours(made.tree) == [])
    }

    /// A store of files that trees share, as package managers keep: removing two side by side changes the stamps of what is left of each.
    @Test func filesThatTreesShareGo() throws {
        let made = try place()
        try git("branch", "b", in: made.repository.path)
        let commit = try Repository(opening: made.repository.path).resolve("b")
        let other = try made.location.addWorktree(
            WorktreeRequest(name: "b", path: "trees/b", root: made.repository.path, branch: "b", commit: commit)
        ).path
        for index in 0..<20 {
            try writeFile(made.tree + "/store\(index)", "\(index)")
            try FileManager.default.linkItem(atPath: made.tree + "/store\(index)", toPath: other + "/store\(index)")
        }
        try made.location.removeWorktree(
            named: "a",
            lastLook: { _ in
                let since = FileMoment.next()
                // The other's removal takes its names first.
                do { try made.location.removeWorktree(named: "b", lastLook: { _ in .goes(since: .next()) }) } catch { Issue.record(error) }
                return .goes(since: since)
            })
        #expect(try neighbours(made.tree) == [])
    }

    /// Archives and build tools set any time.
    @Test func aTimeThatIsAheadIsNoSignOfWork() throws {
        let made = try place()
        try writeFile(made.tree + "/later", "x")
        try FileManager.default.linkItem(atPath: made.tree + "/later", toPath: made.tree + "/same")
        for name in ["later", "folder0/file0"] { try prepare("touch", "-d", "2099-01-01", made.tree + "/" + name) }
        try made.location.removeWorktree(named: "a", lastLook: { _ in .goes(since: .next()) })
        #expect(try neighbours(made.tree) == [])
    }

    @Test func whatWasPutAtThePlaceMakesRoom() throws {
        let (repository, location, tree) = try place()
        let error = try #require(throws: WorktreeError.self) {
            try location.removeWorktree(
                named: "a",
                lastLook: { _ in
                    do { try writeFile(tree + "/out/log", "log\n") } catch { Issue.record(error) }
                    return .withheld
                })
        }
        guard case .withheld(tree, let found?) = error else { return #expect(Bool(false), "\(error)") }
        #expect(exists(found + "/out/log"))
        #expect(try git("status", "--porcelain", "-b", in: tree) == "## a")
        #expect(try isEmptyStaging(repository) && location.worktrees()[1].lockReason == nil)
    }

    // MARK: Killed

    private func kill(_ repository: GitRepository, at step: WorktreeStep) async throws -> String {
        let path = repository.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as WorktreeStep] in
            try RepositoryLocation.discover(from: path).removeWorktree(
                named: "a", step: { if $0 == step { Glibc.kill(getpid(), SIGKILL) } }, lastLook: { _ in .goes(since: .next()) })
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: path + "/trees")
        return path + "/trees/" + (try #require(names.first))
    }

    @Test func whatIsWrittenAfterAKillStays() async throws {
        let (repository, location, tree) = try place()
        let aside = try await kill(repository, at: .entryAside)
        try writeFile(aside + "/late", "late\n")
        let outcomes = try location.recoverStaging()
        guard case .kept(tree, let found) = try #require(outcomes.first) else { return #expect(Bool(false), "\(outcomes)") }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: found) == ["late"])
        #expect(try location.recoverStaging().isEmpty && location.worktrees().count == 1)
    }

    @Test func aFolderMadeAtThePlaceMeanwhileMakesRoomAfterAKill() async throws {
        let (repository, location, tree) = try place()
        let aside = try await kill(repository, at: .treeAside)
        try writeFile(aside + "/late", "late\n")
        try writeFile(tree + "/out/log", "log\n")
        #expect(try location.brokenLinks(candidates: []) == [])
        let outcomes = try location.recoverStaging()
        guard case .putBack(tree, let found) = try #require(outcomes.first) else { return #expect(Bool(false), "\(outcomes)") }
        #expect(try git("status", "--porcelain", "-b", in: tree) == "## a\n?? late" && exists(found + "/out/log"))
        #expect(try location.worktrees()[1].lockReason == nil && isEmptyStaging(repository))
    }

    /// Git leaves the entry alone while the folder is aside; somebody who removes it by hand does not get the folder removed.
    @Test(arguments: [true, false]) func nobodyTakesTheEntryAwayUnseen(_ byHand: Bool) async throws {
        let (repository, location, tree) = try place()
        let aside = try await kill(repository, at: .treeAside)
        try writeFile(aside + "/late", "late\n")
        try git("worktree", "prune", "--expire", "now", in: repository.path)
        if byHand { try FileManager.default.removeItem(atPath: repository.path + "/.git/worktrees/a") }
        let outcomes = try location.recoverStaging()
        guard byHand else {
            #expect(outcomes == [.forgotten(path: tree)])
            return #expect(try git("status", "--porcelain", "-b", in: tree) == "## a\n?? late")
        }
        guard case .kept(tree, let found) = try #require(outcomes.first) else { return #expect(Bool(false), "\(outcomes)") }
        #expect(exists(found + "/late") && exists(found + "/folder1/file1"))
        #expect(try isEmptyStaging(repository))
    }
}
