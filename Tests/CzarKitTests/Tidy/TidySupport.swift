import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport

/// A real project with workers that people work on, and what a test needs to look at it.
struct TidyFixture: Sendable {
    let repository: GitRepository
    var path: String { repository.path }

    static let ids = ["api", "docs", "ui"]

    init(ids: [String] = ids) throws {
        repository = try GitRepository()
        try repository.write(".gitignore", "*.o\nbuild/\n")
        for index in 0..<5 { try repository.write("src/file\(index)", "content \(index)\n") }
        try repository.write("tool.sh", "#!/bin/sh\n")
        try repository.commitAll("base")
        let workers = ids.map { "{\"id\":\"\($0)\",\"launcher\":\"none\"}" }.joined(separator: ",")
        try repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(workers)]}")
        try repository.commitAll("plan")
        try git("config", "user.name", "T", in: path)
        try git("config", "user.email", "t@example.org", in: path)
    }

    func coordinator() throws -> Coordinator { try Coordinator(around: path, actor: "cli") }

    /// Makes the worktree and returns its path.
    @discardableResult
    func create(_ id: String = "api") throws -> String {
        let coordinator = try coordinator()
        return try WorkspaceCreator(coordinator).create(try present(coordinator.plan[key(id).id])).path
    }

    func key(_ id: String = "api") -> WorkerKey { WorkerKey(phase: .first, id: WorkerID(rawValue: id)!) }

    func tree(_ id: String = "api") -> String { path + "/.czarina/worktrees/" + id }

    func branch(_ id: String = "api") throws -> String { try git("symbolic-ref", "--short", "HEAD", in: tree(id)) }

    @discardableResult
    func remove(_ id: String = "api", branch: Bool = false, force: Bool = false, ignored: Bool = false) throws -> Removed {
        try WorkspaceRemover(coordinator(), options: RemovalOptions(branch: branch, force: force, ignored: ignored)).remove(key(id))
    }

    func hazards(_ id: String = "api", branch: Bool = false, force: Bool = false) throws -> [RemovalHazard] {
        do {
            try remove(id, branch: branch, force: force)
            return []
        } catch RemovalError.refused(_, let hazards, _) {
            return hazards
        }
    }

    func record(_ id: String = "api") throws -> WorkerRecord { try coordinator().ledger.refresh()[key(id)] }

    /// Commits something in a worker's worktree and returns the commit.
    @discardableResult
    func commit(_ id: String = "api", file: String = "work", _ text: String = "work\n") throws -> String {
        try writeFile(tree(id) + "/" + file, text)
        try git("add", "-A", in: tree(id))
        try git("commit", "-qm", "work on \(file)", in: tree(id))
        return try git("rev-parse", "HEAD", in: tree(id))
    }

    /// A fixture with a worktree that holds every kind of change and was removed, and what it held.
    static func removedByForce() throws -> (fixture: TidyFixture, before: [String: String]) {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit()
        try fixture.makeMess()
        let before = try fixture.contents()
        try fixture.remove(force: true)
        return (fixture, before)
    }

    /// What `git status` and the files say: equal before and after what must change nothing.
    func contents(_ id: String = "api") throws -> [String: String] { try contents(at: tree(id)) }

    func contents(at tree: String) throws -> [String: String] {
        var result: [String: String] = [
            " status": try git("status", "--porcelain", "-uall", in: tree), " head": try git("rev-parse", "HEAD", in: tree),
            " index": try git("ls-files", "-s", in: tree),
        ]
        let manager = FileManager.default
        for name in try manager.subpathsOfDirectory(atPath: tree) where name != ".git" && !name.hasPrefix(".czar") {
            let full = tree + "/" + name
            let kind = try manager.attributesOfItem(atPath: full)
            if kind[.type] as? FileAttributeType == .typeSymbolicLink {
                result[name] = "link " + (try manager.destinationOfSymbolicLink(atPath: full))
            } else if kind[.type] as? FileAttributeType == .typeRegular {
                let mode = try present(kind[.posixPermissions] as? Int)
                result[name] = "\(mode & 0o100) " + (manager.contents(atPath: full) ?? Data()).base64EncodedString()
            }
        }
        return result
    }

    /// git's own judgement of the repository.
    func check() throws -> String {
        try git("fsck", "--strict", "--no-dangling", in: path) + (try git("worktree", "prune", "--dry-run", "-v", in: path))
    }

    func worktreeCount() throws -> Int {
        try git("worktree", "list", "--porcelain", in: path).split(separator: "\n").count { $0.hasPrefix("worktree ") }
    }

    /// Every kind of change that a worktree can hold at once.
    ///
    /// `beyondStash`: also what git's own stash does not bring back as it was.
    func makeMess(_ id: String = "api", beyondStash: Bool = true) throws {
        let tree = tree(id)
        if beyondStash { try git("rm", "-q", "--cached", "src/file3", in: tree) }
        try writeFile(tree + "/src/file0", "changed\n")
        try writeFile(tree + "/src/file1", "staged\n")
        try git("add", "src/file1", in: tree)
        try writeFile(tree + "/src/file1", "staged, then changed\n")
        try FileManager.default.removeItem(atPath: tree + "/src/file2")
        try git("update-index", "--chmod=+x", "src/file4", in: tree)
        _ = try run(["chmod", "+x", "tool.sh"], in: tree)
        try writeFile(tree + "/only staged", "in the index\n")
        try git("add", "only staged", in: tree)
        // Popping a stash, git writes a file that was staged and then deleted.
        if beyondStash { try FileManager.default.removeItem(atPath: tree + "/only staged") }
        try writeFile(tree + "/new/deep/ä\"\n\\ file", "untracked\n")
        try writeFile(tree + "/run me", "#!/bin/sh\n")
        _ = try run(["chmod", "+x", "run me"], in: tree)
        try FileManager.default.createSymbolicLink(atPath: tree + "/dangling", withDestinationPath: "no where")
        try writeFile(tree + "/binary", Data([0, 255, 13, 10, 0]))
    }
}

extension TidyFixture {
    /// A project whose main branch has a submodule `sub`.
    static func withSubmodule() throws -> TidyFixture {
        let fixture = try TidyFixture()
        let source = fixture.path + "-source"
        try git("init", "-q", "-b", "main", source, in: fixture.path)
        try writeFile(source + "/lib", "lib\n")
        try git("add", "-A", in: source)
        try git("commit", "-qm", "lib", in: source)
        try git("-c", "protocol.file.allow=always", "submodule", "add", "-q", source, "sub", in: fixture.path)
        try fixture.repository.commitAll("submodule")
        return fixture
    }

    /// Clones it in the worker's worktree.
    func cloneSubmodule() throws {
        try git("-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init", in: tree())
    }
}
