/// What only the whole plan shows: collisions of places, references to other workers, cycles.
extension PlanAssembly {
    // MARK: Branches and worktrees

    func checkPlaces() {
        checkBranches()
        checkWorktrees()
    }

    /// At the branch that the worker's own lines name, else at the template, once for all workers.
    private func report(branchOf index: Int, _ reason: String, _ message: String) {
        let draft = drafts[index]
        if draft.branch == nil, settings.places["branch_template"] != nil {
            return reportTemplate("branch_template", index, reason, message)
        }
        problems.error(draft.place(of: draft.branch?.position), draft.field("branch"), message)
    }

    private func checkBranches() {
        var owner: [String: Int] = [:]
        for index in drafts.indices {
            guard let branch = branches[index] else { continue }
            if let other = owner[branch.rawValue.lowercased()] {
                report(
                    branchOf: index, "same as \(other)",
                    "The workers '\(ids[other])' and '\(ids[index])' have the same branch '\(branch)'\(caseRemark(branch, branches[other]))."
                )
                continue
            }
            owner[branch.rawValue.lowercased()] = index
            checkReserved(branch, index)
        }
        // Git keeps branches as files: where `a` is one, `a/b` has no folder to be in.
        for index in drafts.indices {
            guard let branch = branches[index] else { continue }
            let parts = branch.rawValue.lowercased().split(separator: "/", omittingEmptySubsequences: false)
            for length in 1..<max(1, parts.count) {
                let prefix = parts.prefix(length).joined(separator: "/")
                if let other = owner[prefix], let short = branches[other] {
                    let message = "Git cannot have both '\(branch)' and '\(short)', the branch of worker '\(ids[other])'."
                    report(branchOf: index, "below \(prefix)", message)
                } else if prefix == base?.lowercased() {
                    report(branchOf: index, "below \(prefix)", "Git cannot have both '\(branch)' and the base '\(prefix)'.")
                } else if prefix == settings.project.omnibusBranch?.lowercased() {
                    report(branchOf: index, "below \(prefix)", "Git cannot have both '\(branch)' and the omnibus branch '\(prefix)'.")
                }
            }
        }
        checkTargets(owner)
    }

    private func caseRemark(_ left: BranchName, _ right: BranchName?) -> String {
        right.map { $0 == left ? "" : ", which differs from '\($0)' in case only" } ?? ""
    }

    /// A worker's branch may be neither its base nor, unless it integrates others, the omnibus branch.
    private func checkReserved(_ branch: BranchName, _ index: Int) {
        let name = branch.rawValue.lowercased()
        let isIntegrator = !drafts[index].merges.isEmpty || drafts[index].role?.lowercased() == "integration"
        if let base = drafts[index].base, base.value.lowercased() == name {
            problems.error(
                drafts[index].place(of: base.position), drafts[index].field("base"), "The worker's base is its own branch '\(branch)'.")
        } else if settings.project.omnibusBranch?.lowercased() == name {
            if !isIntegrator {
                report(
                    branchOf: index, "omnibus", "'\(branch)' is the plan's omnibus branch; only a worker with 'merges' may work on it.")
            }
        } else if base?.lowercased() == name {
            let whose = settings.project.base == nil ? "the branch that HEAD names, and so the base" : "the plan's base"
            report(branchOf: index, "base", "'\(branch)' is \(whose); a worker needs a branch of its own.")
        }
    }

    /// The base and the omnibus branch below a worker's branch, such as the omnibus `a/b` beside a worker's `a`.
    private func checkTargets(_ owner: [String: Int]) {
        for (name, key, what) in [(settings.project.base, "base", "base"), (settings.project.omnibusBranch, "omnibus", "omnibus branch")] {
            guard let name else { continue }
            let parts = name.lowercased().split(separator: "/")
            for length in 1..<max(1, parts.count) {
                guard let index = owner[parts.prefix(length).joined(separator: "/")], let branch = branches[index] else { continue }
                let field = key == "base" ? "project.base" : "project.omnibus_branch"
                problems.error(
                    settings.place(key), field,
                    "Git cannot have both the \(what) '\(name)' and '\(branch)', the branch of worker '\(ids[index])'.")
            }
        }
    }

    private func checkWorktrees() {
        var owner: [String: Int] = [:]
        for index in drafts.indices {
            guard let worktree = worktrees[index] else { continue }
            if let other = owner[worktree.lowercased()] {
                report(
                    worktreeOf: index, "same as \(other)",
                    "The workers '\(ids[other])' and '\(ids[index])' have the same worktree '\(worktree)'.")
            } else {
                owner[worktree.lowercased()] = index
            }
        }
        for index in drafts.indices {
            guard let worktree = worktrees[index] else { continue }
            let parts = worktree.lowercased().split(separator: "/")
            for length in 1..<max(1, parts.count) {
                guard let other = owner[parts.prefix(length).joined(separator: "/")] else { continue }
                report(
                    worktreeOf: index, "inside \(other)",
                    "The worktree '\(worktree)' of worker '\(ids[index])' lies inside that of '\(ids[other])'.")
            }
        }
    }

    private func report(worktreeOf index: Int, _ reason: String, _ message: String) {
        if let written = drafts[index].worktree {
            problems.error(drafts[index].place(of: written.position), drafts[index].field("worktree"), message)
        } else {
            reportTemplate("worktree_template", index, reason, message)
        }
    }

    // MARK: References

    /// Turns names into indexes and adds the dependencies that a base on another worker's branch implies.
    func resolveReferences() {
        for index in drafts.indices {
            dependencies.append(resolve(drafts[index].dependencies, of: index, field: "dependencies"))
            merges.append(resolve(drafts[index].merges, of: index, field: "merges"))
        }
        var ownerOfBranch: [String: Int] = [:]
        for index in drafts.indices {
            if let branch = branches[index] { ownerOfBranch[branch.rawValue] = ownerOfBranch[branch.rawValue] ?? index }
        }
        for index in drafts.indices {
            guard let base = drafts[index].base, base.value != settings.project.omnibusBranch, let owner = ownerOfBranch[base.value],
                owner != index, !dependencies[index].contains(owner)
            else { continue }
            dependencies[index].append(owner)
        }
        checkPhases()
        checkAgentLimits()
    }

    private func resolve(_ names: [Located<String>], of index: Int, field: String) -> [Int] {
        var result: [Int] = []
        var seen: Set<Int> = []
        for name in names {
            guard let other = indexByName[name.value] else {
                reportUnknown(name, drafts[index].field(field))
                continue
            }
            if other == index {
                let what = field == "merges" ? "merge itself" : "depend on itself"
                problems.error(
                    drafts[index].place(of: name.position), drafts[index].field(field), "The worker '\(ids[index])' cannot \(what).")
            } else if seen.insert(other).inserted {
                result.append(other)
            }
        }
        return result
    }

    func reportUnknown(_ name: Located<String>, _ field: String) {
        guard !dependenciesMayBeUnread else { return }
        suggestionsLeft -= 1
        let question = suggestionsLeft >= 0 ? NearName.question(for: name.value, among: indexByName.keys) : ""
        problems.error(name.position, field, "No worker is called '\(name.value.shortened)'.\(question)")
    }

    private func position(of other: Int, in field: String, of index: Int) -> SourcePosition {
        let draft = drafts[index]
        let names = field == "merges" ? draft.merges : draft.dependencies
        return draft.place(of: names.first { indexByName[$0.value] == other }?.position ?? draft.base?.position)
    }

    // MARK: Workers that can never start

    private func checkPhases() {
        for index in drafts.indices {
            for (field, others) in [("dependencies", dependencies[index]), ("merges", merges[index])] {
                for other in others where phase(of: other) > phase(of: index) {
                    problems.error(
                        position(of: other, in: field, of: index), drafts[index].field(field),
                        "The worker '\(ids[index])' of phase \(phase(of: index)) can never \(field == "merges" ? "complete" : "start"): '\(ids[other])' belongs to the later phase \(phase(of: other))."
                    )
                }
            }
        }
    }

    private func checkAgentLimits() {
        for (name, agent) in settings.agents where agent.maxActive == 0 && settings.orchestration.launcher != .none {
            let users = drafts.indices.filter { index in
                let draft = drafts[index]
                guard draft.command == nil, draft.script == nil else { return false }
                return
                    (draft.agent?.value ?? draft.role.flatMap { settings.orchestration.agentsByRole[$0] }
                    ?? settings.orchestration.defaultAgent) == name
            }
            guard !users.isEmpty else { continue }
            let names =
                users.prefix(5).map { "'\(ids[$0])'" }.joined(separator: ", ") + (users.count > 5 ? " and \(users.count - 5) more" : "")
            problems.error(
                settings.place("agents.\(name).max_active"), "agents.\(name).max_active", "With 0 at one time \(names) can never start.")
        }
    }

    /// Cycles of dependencies; then those that a `merges` closes, which let a worker start and never complete.
    func checkGraph() {
        let order = drafts.indices.sorted { ids[$0] < ids[$1] }
        var rank = [Int](repeating: 0, count: order.count)
        for (position, index) in order.enumerated() { rank[index] = position }
        func ranked(_ edges: [[Int]]) -> [[Int]] { order.map { edges[$0].map { rank[$0] } } }

        let cycles = Cycles.find(in: ranked(dependencies))
        for cycle in cycles.found {
            let members = cycle.map { order[$0] }
            let place = position(of: members[1 % members.count], in: "dependencies", of: members[0])
            problems.error(
                place, drafts[members[0]].field("dependencies"),
                "The dependencies form a cycle, so none of these can start: \(path(members)).")
        }
        if cycles.isTruncated, let first = cycles.found.first?.first {
            problems.error(drafts[order[first]].position, "workers", "There are more cycles than these \(cycles.found.count).")
        }
        guard cycles.found.isEmpty else { return }
        let all = drafts.indices.map { dependencies[$0] + merges[$0] }
        for cycle in Cycles.find(in: ranked(all)).found {
            let members = cycle.map { order[$0] }
            let closing = members.indices.first { !dependencies[members[$0]].contains(members[($0 + 1) % members.count]) } ?? 0
            let (from, other) = (members[closing], members[(closing + 1) % members.count])
            problems.error(
                position(of: other, in: "merges", of: from), drafts[from].field("merges"),
                "'\(ids[from])' can never complete: it must contain the work of '\(ids[other])', which waits for it: \(path(members)).")
        }
    }

    private func path(_ members: [Int]) -> String { (members + [members[0]]).map { ids[$0].rawValue }.joined(separator: " → ") }
}
