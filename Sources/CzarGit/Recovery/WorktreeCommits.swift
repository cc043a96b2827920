import CLibgit2
import Glibc
import SystemPackage

/// Commits that exist only because a worktree remembers them.
extension RepositoryLocation {
    /// Every id that a worktree's own files name: the reflog of its HEAD, `ORIG_HEAD`, `MERGE_AUTOSTASH` and their kin, what a rebase keeps,
    /// references below `refs/worktree` and `refs/bisect`.
    ///
    /// - Complexity: O(reflog).
    package func idsNamed(byWorktree gitDirectory: String) throws(GitError) -> Set<ObjectID> {
        try CzarGit.idsNamed(in: gitDirectory)
    }

    /// The same for a branch's reflog, which goes when the branch is deleted.
    package func idsNamed(byReflogOf branch: String) throws(GitError) -> Set<ObjectID> {
        try onFiles { () throws(FileError) in
            Set(objectIDs(in: try fileContent(joinPath(commonDirectory, "logs/refs/heads/" + branch)) ?? []))
        }
    }
}

/// Every id that files of a git directory name beside its references: reflogs (but for those of what was fetched), `ORIG_HEAD` and its
/// kin, what a rebase keeps.
func idsNamed(in gitDirectory: String, except names: Set<String> = []) throws(GitError) -> Set<ObjectID> {
    try onFiles { () throws(FileError) in
        var found: Set<ObjectID> = []
        func take(_ bytes: [UInt8]?) { found.formUnion(objectIDs(in: bytes ?? [])) }
        take(try fileContent(joinPath(gitDirectory, "logs/HEAD")))
        for name in try Folder(opening: gitDirectory).entries().map({ String(decoding: $0, as: UTF8.self) })
        where name.utf8.allSatisfy({ (0x41...0x5A).contains($0) || $0 == 0x5F }) && !names.contains(name)
            && FileKind(at: joinPath(gitDirectory, name)) == .file
        {
            take(try fileContent(joinPath(gitDirectory, name)))
        }
        let fetched = joinPath(gitDirectory, "logs/refs/remotes/")
        for folder in ["rebase-merge", "rebase-apply", "sequencer", "refs", "logs/refs"] {
            try forEachFile(below: joinPath(gitDirectory, folder)) { (path) throws(FileError) in
                if !path.hasPrefix(fetched) { take(try fileContent(path)) }
            }
        }
        return found
    }
}

/// All runs of exactly 40 hexadecimal digits.
func objectIDs(in bytes: [UInt8]) -> [ObjectID] {
    bytes.split { byte in !(0x30...0x39).contains(byte) && !(0x61...0x66).contains(byte) }
        .filter { $0.count == 40 }
        .compactMap { ObjectID(hex: String(decoding: $0, as: UTF8.self)) }
        .filter { $0 != .zero }
}

func forEachFile(below folder: String, _ body: (String) throws(FileError) -> Void) throws(FileError) {
    guard FileKind(at: folder) == .folder else { return }
    for name in try Folder(opening: folder).entries().map({ String(decoding: $0, as: UTF8.self) }) {
        let path = joinPath(folder, name)
        switch FileKind(at: path) {
        case .folder: try forEachFile(below: path, body)
        case .file: try body(path)
        default: continue
        }
    }
}

/// What references reach: commits that survive without a worktree.
package struct KeptHistory: Sendable {
    private var graph: CommitGraph
    private let tips: [ObjectID]
    /// What the references name, tags not peeled.
    private let targets: Set<ObjectID>

    /// Loads what all references but `excluded` (full names) reach; tags are peeled.
    ///
    /// - Complexity: O(references + commits that no graph file has).
    package init(of repository: borrowing Repository, excluding excluded: Set<String>) throws(GitError) {
        let own = ["refs/bisect/", "refs/worktree/", "refs/rewritten/"]
        let references: [(name: String, target: ObjectID)]
        do throws(ReferenceError) { references = try repository.references(matching: "refs/*") } catch { throw error.gitError }
        var found: Set<ObjectID> = []
        var targets: Set<ObjectID> = []
        for reference in references where !excluded.contains(reference.name) && !own.contains(where: reference.name.hasPrefix) {
            targets.insert(reference.target)
            if let commit = try repository.peeledCommit(reference.target) { found.insert(commit) }
        }
        self.targets = targets
        tips = found.sorted()
        graph = try CommitGraph(of: repository, tips: tips)
    }

    /// Those of `ids` that are commits, that no reference reaches and that no other of them reaches.
    ///
    /// Ids of objects that are gone, or whose history is incomplete (an old reflog after a collection), are left out: nothing can keep them.
    package mutating func unreached(_ ids: Set<ObjectID>, in repository: borrowing Repository) throws(GitError) -> [ObjectID] {
        var wanted: [ObjectID] = []
        for id in ids.sorted() {
            if let commit = try repository.peeledCommit(id) { wanted.append(commit) }
        }
        let known = try load(wanted, from: repository)
        let loose = Set(try graph.commits(ofAny: known, excluding: tips))
        let candidates = Set(known).intersection(loose).sorted()
        var result: [ObjectID] = []
        for commit in candidates where try graph.tips(candidates, containing: commit).count == 1 { result.append(commit) }
        return result
    }

    /// Those of `ids` that are annotated tags and that no reference names.
    package func unnamedTags(_ ids: Set<ObjectID>, in repository: borrowing Repository) throws(GitError) -> [ObjectID] {
        var result: [ObjectID] = []
        for id in ids.subtracting(targets).sorted() where try repository.isTag(id) { result.append(id) }
        return result
    }

    /// Loads what it can of `commits`; answers which are known then.
    private mutating func load(_ commits: [ObjectID], from repository: borrowing Repository) throws(GitError) -> [ObjectID] {
        let missing = commits.filter { !graph.contains($0) }
        if missing.isEmpty { return commits }
        // On a copy: what was cut off in the middle is not to be relied on.
        var extended = graph
        do throws(GitError) {
            try extended.extend(with: missing, from: repository)
            graph = extended
            return commits
        } catch {
            guard error.code == .notFound else { throw error }
            if missing.count == 1 { return commits.filter { $0 != missing[0] } }
        }
        var known: [ObjectID] = []
        for commit in commits { known += try load([commit], from: repository) }
        return known
    }

    /// Whether a reference reaches the commit.
    package mutating func reaches(_ commit: ObjectID, in repository: borrowing Repository) throws(GitError) -> Bool {
        try unreached([commit], in: repository).isEmpty
    }
}

extension Repository {
    /// Whether an object is an annotated tag; false where there is none.
    fileprivate func isTag(_ id: ObjectID) throws(GitError) -> Bool {
        do throws(GitError) {
            var raw = id.raw
            git_object_free(try make("read", id.hex) { git_object_lookup(&$0, handle, &raw, GIT_OBJECT_TAG) })
            return true
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
    }

    /// The commit that an object is or, as a tag, names; nil for anything else and for what does not exist.
    package func peeledCommit(_ id: ObjectID) throws(GitError) -> ObjectID? {
        do throws(GitError) {
            var raw = id.raw
            let object = try make("read", id.hex) { git_object_lookup(&$0, handle, &raw, GIT_OBJECT_ANY) }
            defer { git_object_free(object) }
            if git_object_type(object) == GIT_OBJECT_COMMIT { return id }
            guard git_object_type(object) == GIT_OBJECT_TAG else { return nil }
            let commit = try make("find the commit of", id.hex) { git_object_peel(&$0, object, GIT_OBJECT_COMMIT) }
            defer { git_object_free(commit) }
            return ObjectID(git_object_id(commit).pointee)
        } catch {
            if error.code == .notFound || error.code == .invalidName || error.code.rawValue == GIT_EPEEL.rawValue { return nil }
            throw error
        }
    }
}
