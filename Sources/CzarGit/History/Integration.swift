/// Whether a target contains a worker's change, and how that is known.
package struct Integration: Hashable, Sendable {
    /// How the change got there; raw values are those of `czar status`.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The target lacks some of it, or there is nothing of its own to contain.
        case no
        /// The tip is reachable from the target.
        case ancestor
        /// Every own commit's patch is on the target.
        case patch
        /// The whole change is one commit of the target, or merging the tip would change nothing.
        case squash
        /// It landed, and a later commit of the target took it out.
        case reverted
    }

    /// How.
    package var state: State
    /// The target's commit that shows it: the landing, the matching patch, or the revert. Nil where the trees alone tell.
    package var evidence: ObjectID?

    /// A finding.
    package init(state: State, evidence: ObjectID? = nil) { (self.state, self.evidence) = (state, evidence) }
}

extension CommitGraph {
    /// Whether `target` contains the change of `tip` (SPEC, section 1). A tip without own commits is not integrated.
    ///
    /// Both histories must be loaded. `patches` keeps what was read of changes for the next question.
    ///
    /// - Throws: ``GitError`` when a tree or blob that must be compared is missing.
    /// - Complexity: the first time O(target's commits since the fork) tree comparisons, afterwards look-ups.
    package func integration(
        of tip: ObjectID, into target: ObjectID, forkPoint: ObjectID?, in repository: borrowing Repository, patches: inout PatchIndex
    ) throws(GitError) -> Integration {
        try integrations(of: [(tip: tip, forkPoint: forkPoint)], into: target, in: repository, patches: &patches)[0]
    }

    /// The same for many tips and one target: what they share is computed once.
    ///
    /// - Throws: ``GitError`` when a tree or blob that must be compared is missing.
    package func integrations(
        of tips: [(tip: ObjectID, forkPoint: ObjectID?)], into target: ObjectID, in repository: borrowing Repository,
        patches: inout PatchIndex
    ) throws(GitError) -> [Integration] {
        patches.use(overrides)
        guard !tips.isEmpty else { return [] }
        let target = try integrationTarget(target)
        var paths = try ChangedPaths(repository)
        let open = tips.filter { patches[PatchIndex.Question(tip: $0.tip, target: target.id, fork: $0.forkPoint)] == nil }
        for range in [try patches.news(of: target.id, self), try sharedRange(of: target, for: open.map(\.tip))].compactMap({ $0 })
        where !patches.covers(range) {
            try patches.index(range, self, &paths)
        }
        var answers: [Integration] = []
        for (tip, fork) in tips {
            answers.append(
                try integration(of: tip, into: target, forkPoint: fork, in: repository, patches: &patches, paths: &paths))
        }
        return answers
    }

    /// The same for one tip, with what questions about one target share, and a thread's own trees.
    func integration(
        of tip: ObjectID, into target: IntegrationTarget, forkPoint: ObjectID?, in repository: borrowing Repository,
        patches: inout PatchIndex, paths: inout ChangedPaths
    ) throws(GitError) -> Integration {
        let question = PatchIndex.Question(tip: tip, target: target.id, fork: forkPoint)
        if let known = patches[question] { return known }
        let bases = try bases(of: tip, target)
        let fork = forkPoint.flatMap { contains($0) ? $0 : nil }
        let answer: Integration
        if bases == [tip] {
            answer = try integrationByAncestry(of: tip, into: target.id, fork: fork, repository, &patches, &paths)
        } else {
            let own = try ownCommits(of: tip, outside: target, fork)
            answer = try integrationByContent(of: tip, into: target.id, own, bases, repository, &patches, &paths)
        }
        patches[question] = answer
        return answer
    }

    /// The target that many questions are about.
    /// - Throws: ``GitError`` when its history is not loaded.
    func integrationTarget(_ id: ObjectID) throws(GitError) -> IntegrationTarget {
        let position = try position(of: id)
        return IntegrationTarget(id: id, position: position, ancestors: ancestors(ofBase: position))
    }

    private func bases(of tip: ObjectID, _ target: IntegrationTarget) throws(GitError) -> [ObjectID] {
        mergeBases(of: target.position, try position(of: tip), target.ancestors).map { id(of: $0) }
    }

    /// The target's commits since the lowest merge base: one walk for all tips whose own base that one is an ancestor of. Nil where one
    /// walk for all saves nothing.
    func sharedRange(of target: IntegrationTarget, for tips: [ObjectID]) throws(GitError) -> PatchIndex.Range? {
        // A tip that lies in the target is asked about rarely, and may lie far back.
        var pairs: [(tip: ObjectID, base: ObjectID)] = []
        for tip in tips {
            if let base = try bases(of: tip, target).first, base != tip { pairs.append((tip, base)) }
        }
        var lowest: (base: ObjectID, level: UInt32)?
        for pair in pairs {
            let level = levels[Int(try position(of: pair.base))]
            if level < lowest?.level ?? .max { lowest = (pair.base, level) }
        }
        guard let lowest, pairs.count > 1 else { return nil }
        let covered = try self.tips(pairs.map(\.base), containing: lowest.base)
        return PatchIndex.Range(target: target.id, excluded: lowest.base, completeFor: covered.map { pairs[$0].tip })
    }

    private func ownCommits(of tip: ObjectID, outside target: IntegrationTarget, _ fork: ObjectID?) throws(GitError) -> [ObjectID] {
        if let fork, !target.ancestors.contains(try position(of: fork)) { return try commits(of: tip, excluding: [target.id, fork]) }
        return commits(of: try position(of: tip), outside: target.ancestors).map { id(of: $0) }
    }

    private func integrationByAncestry(
        of tip: ObjectID, into target: ObjectID, fork: ObjectID?, _ repository: borrowing Repository, _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> Integration {
        switch try landing(of: tip, in: target) {
        case .notContained: return Integration(state: .no)
        case .merged(let commit, let before):
            let own = try commits(of: tip, excluding: [before, fork].compactMap { $0 })
            guard !own.isEmpty else { return Integration(state: .no) }
            let landed = LandedChange(before: before, after: commit, own: own)
            return try settled(.ancestor, landed, evidence: commit, target, repository, &patches, &paths)
        case .fastForward:
            // Without a fork point a fast-forwarded branch looks like a fresh one.
            guard let fork else { return Integration(state: .no) }
            let own = try commits(of: tip, excluding: [fork])
            guard !own.isEmpty else { return Integration(state: .no) }
            return try settled(
                .ancestor, LandedChange(before: fork, after: tip, own: own), evidence: tip, target, repository, &patches, &paths)
        }
    }

    private func integrationByContent(
        of tip: ObjectID, into target: ObjectID, _ own: [ObjectID], _ bases: [ObjectID], _ repository: borrowing Repository,
        _ patches: inout PatchIndex, _ paths: inout ChangedPaths
    ) throws(GitError) -> Integration {
        guard !own.isEmpty, let base = bases.first else { return Integration(state: .no) }
        let change = LandedChange(before: base, after: tip, own: own)
        if let match = try matchingPatches(of: own, target, tip, repository, &patches, &paths) {
            return try settled(.patch, change, evidence: match, target, repository, &patches, &paths)
        }
        let (before, after) = (try tree(of: base), try tree(of: tip))
        // Between several merge bases what the tip differs in from one of them is not its whole change.
        if bases.count == 1,
            let match = try commit(changing: before, to: after, in: target, excluding: tip, repository, &patches, &paths)
        {
            let landed = LandedChange(before: try parents(of: match).first, after: match, own: [])
            return try settled(.squash, landed, evidence: match, target, repository, &patches, &paths)
        }
        let absorbed = try mergeChangesNothing(
            from: mergeOrigin(bases), ours: tree(of: target), theirs: after, &paths, in: repository)
        return Integration(state: absorbed ? .squash : .no)
    }

    /// The newest of the target's commits that carry the own commits' patches; nil when one is missing or a merge is among them.
    private func matchingPatches(
        of own: [ObjectID], _ target: ObjectID, _ tip: ObjectID, _ repository: borrowing Repository, _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        var newest: ObjectID?
        for id in own where try parents(of: id).count > 1 { return nil }
        for id in own {
            let before = try parents(of: id).first.map { parent throws(GitError) in try tree(of: parent) }
            let after = try tree(of: id)
            // A commit that changes nothing is contained anywhere.
            guard before != after else { continue }
            guard let match = try commit(changing: before, to: after, in: target, excluding: tip, repository, &patches, &paths) else {
                return nil
            }
            newest = try later(match, newest)
        }
        return newest
    }

    /// The one that stands later in history.
    fileprivate func later(_ commit: ObjectID, _ other: ObjectID?) throws(GitError) -> ObjectID {
        guard let other else { return commit }
        return levels[Int(try position(of: commit))] > levels[Int(try position(of: other))] ? commit : other
    }

    /// A commit of `target` that `excluded` does not reach and whose change is that from `before` to `after`.
    private func commit(
        changing before: ObjectID?, to after: ObjectID?, contextLines: UInt32 = 3, in target: ObjectID, excluding excluded: ObjectID,
        _ repository: borrowing Repository, _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        let candidates = try patches.candidates(from: before, to: after, in: target, excluding: excluded, self, &paths)
        guard !candidates.isEmpty else { return nil }
        let change = try paths.changes(from: before, to: after)
        for candidate in candidates {
            let old = try parents(of: candidate).first.map { parent throws(GitError) in try tree(of: parent) }
            let new = try tree(of: candidate)
            // The same files became the same files: no line has to be read to know.
            if try paths.changes(from: old, to: new).elementsEqual(change, by: ==) { return candidate }
            let wanted = try patches.digest(from: before, to: after, contextLines: contextLines, repository)
            if try patches.digest(from: old, to: new, contextLines: contextLines, repository) == wanted { return candidate }
        }
        return nil
    }

    private func settled(
        _ state: Integration.State, _ landed: LandedChange, evidence: ObjectID, _ target: ObjectID, _ repository: borrowing Repository,
        _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> Integration {
        if let revert = try revert(of: landed, in: target, repository, &patches, &paths) {
            return Integration(state: .reverted, evidence: revert)
        }
        return Integration(state: state, evidence: evidence)
    }
}

/// What all questions about one target share.
struct IntegrationTarget: Sendable {
    let id: ObjectID
    let position: Int32
    let ancestors: Bitset
}

/// A change as it landed: from one commit's tree to another's, made of `own` commits.
struct LandedChange: Sendable {
    let before: ObjectID?
    let after: ObjectID
    let own: [ObjectID]
}

extension CommitGraph {
    /// The target's commit that took the change out; nil where the change is there, or was never taken out as such.
    ///
    /// Reverted means: the inverse of the change, as a whole or commit by commit, is on the target, and the change was not landed again
    /// after it. Lines that were changed once more since then do not make it less so; a file that was only moved does not make it so.
    fileprivate func revert(
        of landed: LandedChange, in target: ObjectID, _ repository: borrowing Repository, _ patches: inout PatchIndex,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        guard landed.after != target else { return nil }
        let before = try landed.before.map { id throws(GitError) in try tree(of: id) }
        let after = try tree(of: landed.after)
        // What is there whole was not taken out, or came back: the target's commits need not be looked through.
        guard before != after,
            try !mergeChangesNothing(from: .one(before), ours: tree(of: target), theirs: after, mindingMoves: false, &paths, in: repository)
        else { return nil }
        var (reached, level) = (landed.after, UInt32(0))
        while let inverse = try carrier(of: landed, isInverse: true, in: target, after: reached, above: level, repository, &patches, &paths)
        {
            level = levels[Int(try position(of: inverse))]
            let again = try carrier(of: landed, isInverse: false, in: target, after: inverse, above: level, repository, &patches, &paths)
            guard let again else { return inverse }
            (reached, level) = (again, levels[Int(try position(of: again))])
        }
        return nil
    }

    /// The commit of `target` that carries a change, or its inverse, as a whole; else the newest of those that carry it commit by
    /// commit. `start` does not reach it, and it lies above `level`, so that who asks on from it comes to an end.
    private func carrier(
        of landed: LandedChange, isInverse: Bool, in target: ObjectID, after start: ObjectID, above level: UInt32,
        _ repository: borrowing Repository, _ patches: inout PatchIndex, _ paths: inout ChangedPaths
    ) throws(GitError) -> ObjectID? {
        func find(_ before: ObjectID?, _ after: ObjectID?) throws(GitError) -> ObjectID? {
            let (old, new) = isInverse ? (after, before) : (before, after)
            let found = try commit(changing: old, to: new, contextLines: 0, in: target, excluding: start, repository, &patches, &paths)
            guard let found, levels[Int(try position(of: found))] > level else { return nil }
            return found
        }
        let before = try landed.before.map { id throws(GitError) in try tree(of: id) }
        if let whole = try find(before, try tree(of: landed.after)) { return whole }
        var newest: ObjectID?
        for id in landed.own {
            let parents = try parents(of: id)
            guard parents.count < 2 else { continue }
            let old = try parents.first.map { parent throws(GitError) in try tree(of: parent) }
            let new = try tree(of: id)
            guard old != new else { continue }
            guard let found = try find(old, new) else { return nil }
            newest = try later(found, newest)
        }
        return newest
    }
}
