import CLibgit2
import SystemPackage

extension Repository {
    /// Sorts what stands in the folders of submodules, and the repositories that git keeps for them in this worktree's own folder.
    ///
    /// - Complexity: O(submodules), and for each repository O(its references).
    func lookAtSubmodules(_ folders: [RepositoryPath], _ found: inout WorktreeHoldings) throws(GitError) {
        let modules = joinPath(gitDirectory, "modules")
        for folder in folders {
            guard let worktree, let text = folder.text else { continue }
            let (path, gitFile) = (joinPath(worktree, text), joinPath(worktree, text + "/.git"))
            guard FileKind(at: path) == .folder else { continue }
            switch FileKind(at: gitFile) {
            case nil: found.strays += try onFiles { () throws(FileError) in try Folder(opening: path).entries() }.map { folder.child($0) }
            case .file where try onFiles({ () throws(FileError) in try leads(gitFile, below: modules) }):
                found.submodules.append(folder)
                if let place = try Self.work(in: path) {
                    found.changedSubmodules.append(place.isEmpty ? folder : RepositoryPath(bytes: folder.bytes + [0x2F] + place))
                }
            default: found.repositories.append(RepositoryPath(bytes: folder.bytes + [0x2F]))
            }
        }
        // One whose files are there is named once.
        let cloned = found.submodules
        found.submodules += try unpushedSubmodules(in: gitDirectory).filter { module in
            !cloned.contains { module.bytes == Array("modules/".utf8) + $0.bytes }
        }
    }

    /// The folder, seen from a submodule's and empty for itself, that holds more than what its commit has, ignored files too: its own, one of a
    /// submodule in it, or of one there that is not cloned. Nil where there is none; one that cannot be looked at may be one.
    private static func work(in path: String) throws(GitError) -> [UInt8]? {
        let submodule: Repository
        do throws(GitError) { submodule = try Repository(opening: path) } catch { return [] }
        let work = try submodule.work()
        guard work.tracked.isEmpty, work.strangers.untracked.isEmpty, work.strangers.ignored.isEmpty else { return [] }
        let head: Head
        do throws(ReferenceError) { head = try submodule.head() } catch { throw error.gitError }
        var inner = WorktreeHoldings(head: head)
        try submodule.lookAtSubmodules(work.submodules, &inner)
        return (inner.changedSubmodules.first ?? inner.repositories.first ?? inner.strays.first)?.bytes
    }

    private func leads(_ gitFile: String, below modules: String) throws(FileError) -> Bool {
        guard let target = try folder(namedByGitFile: gitFile) else { return false }
        return realPath(target)?.hasPrefix((realPath(modules) ?? modules) + "/") ?? false
    }
}

/// The repositories that git keeps for submodules in a worktree's own folder, as paths below it, that have commits which none of their
/// remote-tracking references reaches. They go with the worktree's entry, also where its files are gone.
///
/// - Complexity: O(references) for each.
package func unpushedSubmodules(in gitDirectory: String) throws(GitError) -> [RepositoryPath] {
    var found: [RepositoryPath] = []
    for repository in try onFiles({ () throws(FileError) in try repositories(below: joinPath(gitDirectory, "modules")) })
    where try holdsUnpushed(repository) {
        found.append(RepositoryPath(String(repository.dropFirst(gitDirectory.count + 1))))
    }
    return found
}

/// The git directories below a folder of them: a submodule's name may have slashes, and it may have submodules of its own.
private func repositories(below folder: String) throws(FileError) -> [String] {
    guard FileKind(at: folder) == .folder else { return [] }
    var found: [String] = []
    for name in try Folder(opening: folder).entries().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
        let path = joinPath(folder, name)
        guard FileKind(at: path) == .folder else { continue }
        if FileKind(at: path + "/HEAD") == .file, FileKind(at: path + "/objects") == .folder {
            found.append(path)
            found += try repositories(below: path + "/modules")
        } else {
            found += try repositories(below: path)
        }
    }
    return found
}

/// Whether a repository has commits, also in its reflogs, that none of its remote-tracking references reaches.
private func holdsUnpushed(_ path: String) throws(GitError) -> Bool {
    let repository = try Repository(openingBare: path)
    let references: [(name: String, target: ObjectID)]
    do throws(ReferenceError) { references = try repository.references(matching: "refs/*") } catch { throw error.gitError }
    let own = references.filter { !$0.name.hasPrefix("refs/remotes/") }
    var named = try idsNamed(in: path, except: ["FETCH_HEAD"]).union(own.map(\.target))
    if let head = try repository.headCommit() { named.insert(head) }
    var history = try KeptHistory(of: repository, excluding: Set(own.map(\.name)))
    return try !history.unreached(named, in: repository).isEmpty
}

extension RepositoryPath {
    /// Something in this folder.
    fileprivate func child(_ name: [UInt8]) -> RepositoryPath { RepositoryPath(bytes: bytes + [0x2F] + name) }
}
