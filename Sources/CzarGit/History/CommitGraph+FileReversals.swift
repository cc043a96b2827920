/// What one commit made of one file.
private struct FileStep {
    let commit: ObjectID
    let old: DiffSide?
    let new: DiffSide?
}

/// What became of a file on a target after it landed: each change in history's order, through moves.
private struct FileLife {
    var steps: [FileStep] = []
    /// Where the file is, or was last.
    var place: RepositoryPath
}

/// What one file's part of a landed change is recognised by.
private struct FilePart {
    let old: DiffSide?
    let new: DiffSide?
    /// Lines that it brought, and that the whole change did not take from elsewhere.
    let broughtLines: Set<[UInt8]>
}

/// A change that landed, and where.
private struct Landed {
    let change: LandedChange
    let target: ObjectID
    /// By the path where it landed.
    let files: [(path: RepositoryPath, old: DiffSide?, new: DiffSide?)]
    /// Lines that it took out, in any file.
    let takenLines: Set<[UInt8]>
}

extension CommitGraph {
    /// The newest of the target's commits that took a landed change out file by file, whatever else they changed; nil where some of it is
    /// there, or was not taken out as such.
    ///
    /// A file's part was taken out where a later commit carries exactly its inverse, also after the file was moved, and no commit after
    /// that brings it back. A commit that adds some of the lines to another file moved them: then they are not out.
    ///
    /// - Complexity: O(files of the change) where one of them is on the target as it landed, which is nearly always; else the first time
    ///   O(target's commits since) comparisons of trees, afterwards look-ups.
    func revertByPaths(
        of change: LandedChange, in target: ObjectID, _ repository: borrowing Repository, _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        let before = try change.before.map { id throws(GitError) in try tree(of: id) }
        let files = try paths.changes(from: before, to: try tree(of: change.after))
        let now = try tree(of: target)
        for file in files where try holds(file, at: place(of: file), in: now, &paths, repository) { return nil }
        var taken: Set<[UInt8]> = []
        for file in files { taken.formUnion(try ChangedLines(from: file.old, to: file.new, in: repository).removed) }
        let landed = Landed(
            change: change, target: target, files: files.map { (place(of: $0), $0.old, $0.new) }, takenLines: taken)
        var newest: ObjectID?
        for file in landed.files {
            guard let revert = try revert(of: file, landed, repository, &patches, &paths) else { return nil }
            newest = try later(revert, newest)
        }
        return newest
    }

    private func place(of file: (old: DiffSide?, new: DiffSide?)) -> RepositoryPath {
        // A change has a side at least.
        (file.new ?? file.old)?.path ?? RepositoryPath(bytes: [])
    }

    /// The commit that took one file's part out, as a whole or as it was made by the own commits.
    private func revert(
        of file: (path: RepositoryPath, old: DiffSide?, new: DiffSide?), _ landed: Landed, _ repository: borrowing Repository,
        _ patches: inout PatchIndex, _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        let life = try life(of: file.path, landed, repository, &patches, &paths)
        guard !life.steps.isEmpty else { return nil }
        if life.place != file.path,
            try holds((file.old, file.new), at: life.place, in: tree(of: landed.target), &paths, repository)
        {
            return nil
        }
        if let whole = try revert(of: part(file.old, file.new, landed, repository), life, repository, &paths) { return whole }
        var newest: ObjectID?
        for (old, new) in try ownChanges(of: file.path, landed, &paths) {
            guard let one = try revert(of: part(old, new, landed, repository), life, repository, &paths) else { return nil }
            newest = try later(one, newest)
        }
        return newest
    }

    private func part(
        _ old: DiffSide?, _ new: DiffSide?, _ landed: Landed, _ repository: borrowing Repository
    ) throws(GitError) -> FilePart {
        let added = try ChangedLines(from: old, to: new, in: repository).added
        return FilePart(old: old, new: new, broughtLines: added.subtracting(landed.takenLines))
    }

    /// What the landed change's own commits, but for merges, made of a file.
    private func ownChanges(
        of path: RepositoryPath, _ landed: Landed, _ paths: inout ChangedPaths
    ) throws(GitError) -> [(DiffSide?, DiffSide?)] {
        var result: [(DiffSide?, DiffSide?)] = []
        for id in landed.change.own {
            let parents = try parents(of: id)
            guard parents.count < 2 else { continue }
            let old = try parents.first.flatMap { parent throws(GitError) in try paths.entry(at: path, in: tree(of: parent)) }
            let new = try paths.entry(at: path, in: try tree(of: id))
            if old != new { result.append((old, new)) }
        }
        return result
    }

    /// The last step that is the inverse of a part, where none after it is the part again.
    private func revert(
        of part: FilePart, _ life: FileLife, _ repository: borrowing Repository, _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        let inverse = try ChangedLines(from: part.new, to: part.old, in: repository)
        let again = try ChangedLines(from: part.old, to: part.new, in: repository)
        var found: ObjectID?
        for step in life.steps {
            let lines = try ChangedLines(from: step.old, to: step.new, in: repository)
            if lines == inverse {
                if try !moves(part, in: step, repository, &paths) { found = step.commit }
            } else if lines == again || bringsAll(of: part, lines, step) {
                found = nil
            }
        }
        return found
    }

    /// Whether a step brings a part back together with other changes.
    private func bringsAll(of part: FilePart, _ lines: ChangedLines, _ step: FileStep) -> Bool {
        guard let wanted = part.new, let new = step.new else { return false }
        if new.id == wanted.id, new.mode == wanted.mode { return true }
        return !part.broughtLines.isEmpty && part.broughtLines.isSubset(of: lines.added)
    }

    /// Whether a commit that takes lines out of a file puts some of them, or the file as it was, elsewhere.
    private func moves(
        _ part: FilePart, in step: FileStep, _ repository: borrowing Repository, _ paths: inout ChangedPaths
    ) throws(GitError) -> Bool {
        for other in try changes(by: step.commit, &paths) {
            guard let new = other.new, new.path != step.new?.path, new.path != step.old?.path else { continue }
            if new.id == part.new?.id { return true }
            guard !part.broughtLines.isEmpty else { continue }
            let added = try ChangedLines(from: other.old, to: new, in: repository).added
            if !added.isDisjoint(with: part.broughtLines) { return true }
        }
        return false
    }

    private func life(
        of path: RepositoryPath, _ landed: Landed, _ repository: borrowing Repository, _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> FileLife {
        var life = FileLife(place: path)
        var level: UInt32 = 0
        var isMoving = true
        while isMoving {
            isMoving = false
            var commits: [(id: ObjectID, level: UInt32)] = []
            let touching = try patches.commits(
                touching: life.place, in: landed.target, excluding: landed.change.after, self, &paths)
            for id in touching { commits.append((id, levels[Int(try position(of: id))])) }
            for commit in commits.sorted(by: { $0.level < $1.level }) where commit.level > level && !isMoving {
                let here = life.place
                let all = try changes(by: commit.id, &paths)
                guard let change = all.first(where: { ($0.new ?? $0.old)?.path == here }) else { continue }
                var step = FileStep(commit: commit.id, old: change.old, new: change.new)
                if let old = change.old, change.new == nil, let moved = try destination(of: old, all, repository) {
                    step = FileStep(commit: commit.id, old: old, new: moved)
                    (life.place, level, isMoving) = (moved.path, commit.level, true)
                }
                life.steps.append(step)
            }
        }
        return life
    }

    /// Where a commit moved a file that it deleted.
    private func destination(
        of old: DiffSide, _ changes: [(old: DiffSide?, new: DiffSide?)], _ repository: borrowing Repository
    ) throws(GitError) -> DiffSide? {
        let created = changes.compactMap { $0.old == nil ? $0.new : nil }
        guard !created.isEmpty else { return nil }
        let deleted = changes.compactMap { $0.new == nil ? $0.old : nil }
        var detection = RenameDetection(deleted: deleted, created: created)
        try detection.run(limit: 1000, in: repository)
        return detection.sourceOf.first { deleted[$0.value] == old }.map { created[$0.key] }
    }

    private func changes(by commit: ObjectID, _ paths: inout ChangedPaths) throws(GitError) -> [(old: DiffSide?, new: DiffSide?)] {
        let before = try parents(of: commit).first.map { id throws(GitError) in try tree(of: id) }
        return try paths.changes(from: before, to: try tree(of: commit))
    }

    /// Whether a tree has one file's part of a change: bringing it there would change nothing.
    private func holds(
        _ part: (old: DiffSide?, new: DiffSide?), at path: RepositoryPath, in tree: ObjectID, _ paths: inout ChangedPaths,
        _ repository: borrowing Repository
    ) throws(GitError) -> Bool {
        let here = try paths.entry(at: path, in: tree)
        guard let here, let new = part.new else { return here == nil && part.new == nil }
        if here.id == new.id, here.mode == new.mode { return true }
        if let old = part.old, here.id == old.id, here.mode == old.mode { return false }
        guard here.isRegular, new.isRegular, part.old?.isRegular ?? true, here.mode == new.mode || new.mode == part.old?.mode else {
            return false
        }
        let base = try part.old.map { side throws(GitError) in try repository.blob(side.id) } ?? []
        let ours = try repository.blob(here.id)
        return try mergedText(over: base, ours, repository.blob(new.id)) == ours
    }
}
