/// What a worker needs a person for, and the command that comes next.
extension StatusReport.Worker {
    /// What needs a person, with the next command; nil when nothing does.
    func attention(_ facts: StatusFacts) -> StatusReport.Attention? {
        let found = isUnrecorded ? unrecordedAttention(facts) : attentionBesideFolder(facts)
        if record.state == .active, record.person, record.creation?.worktree == nil {
            // Nobody can get in, or prove anything, before.
            let id = definition.id
            // In a phase that the plan is not in nothing makes one, and what is committed is proven without.
            let proof = (figures.ownCommits ?? 0) > 0 ? ["czar complete \(id)"] : []
            return StatusReport.Attention(
                worker: id, why: "\(found?.why ?? "waits for a person"); it has no worktree", since: record.stateSince,
                commands: facts.isOfFormerPhase
                    ? proof + ["czar fail \(id) --reason 'not done'"] : ["czar create \(id)", "czar status \(id)"])
        }
        guard figures.worktree.state == .missing, record.creation != nil, record.state != .complete else { return found }
        let id = definition.id
        if let place = figures.worktree.movedTo {
            return StatusReport.Attention(
                worker: id, why: [found?.why, "its worktree was moved to '\(place)'"].compactMap { $0 }.joined(separator: "; "),
                since: found?.since ?? record.stateSince, commands: ["czar doctor --repair"] + (found?.commands ?? []))
        }
        let sentence = "its worktree \(figures.worktree.path.map { "'\($0)' " } ?? "")is gone"
        let isSaid = record.reason?.contains(Proof.worktreeMissing) == true
        // What runs there works on files that nobody will see again.
        let isRunning = record.attempts.running != nil
        let mend =
            facts.isOfFormerPhase
            ? "\(isRunning ? "czar stop \(id) && " : "")czar remove \(id)"
            : isRunning ? "czar stop \(id) && czar create \(id) && czar start \(id)" : "czar create \(id)"
        return StatusReport.Attention(
            worker: id, why: [found?.why, isSaid ? nil : sentence].compactMap { $0 }.joined(separator: "; "),
            since: found?.since ?? record.stateSince, commands: [mend] + (found?.commands ?? ["czar status \(id)"]))
    }

    private func attentionBesideFolder(_ facts: StatusFacts) -> StatusReport.Attention? {
        let (id, now) = (definition.id, facts.now)
        func attention(_ why: String, _ commands: String...) -> StatusReport.Attention {
            StatusReport.Attention(worker: id, why: why, since: record.stateSince, commands: commands)
        }
        if let sessionProcess {
            return attention(
                "a person has taken it over (process \(sessionProcess)); 'czar start \(id)' goes on once that session has ended",
                "czar diff \(id)")
        }
        if record.attempts.isRunning(beyond: record.state), !facts.schedule.orphaned.contains(id) {
            let why = record.reason.map { ": \($0)" } ?? ""
            return attention("\(record.state)\(why); its command still runs", "czar stop \(id)", "czar status \(id)")
        }
        switch record.state {
        case .failed where retryAt != nil: break
        case .failed:
            if let remedy = record.remedy, record.causes == [.unproven] || (record.causes == [.create] && record.attempts.count > 0) {
                // What it did is on another branch: its output does not say so, and another attempt would begin there again.
                return attention("failed: \(record.reason ?? "not proven")", remedy, "czar logs \(id)", "czar retry \(id)")
            }
            // What stands in the way is removed before it is tried again.
            let commands = (record.remedy.map { [$0] } ?? []) + ["czar retry \(id)", "czar status \(id)"]
            // What it printed says more than any reason, where it ran at all.
            return StatusReport.Attention(
                worker: id, why: "failed: \(record.reason ?? "no reason recorded")", since: record.stateSince,
                commands: record.attempts.count > 0 ? ["czar logs \(id)"] + commands : commands)
        // Its command may have been stopped meanwhile: the answer waits for the next one.
        case .blocked where record.causes.contains(.event), .paused where record.causes == [.event, .interrupted]:
            let question = record.whyHeld(by: record.causes.subtracting([.interrupted])) ?? ""
            return attention("blocked: \(question)", "czar unblock \(id) 'answer'", "czar status \(id)")
        case .paused where record.causes == [.interrupted]:
            let why = "paused: \(record.reason ?? "czar run was stopped")"
            // Whoever starts it again without a look meets the same hang.
            return stuckSince == nil ? attention(why, "czar run", "czar resume \(id)") : attention(why, "czar logs \(id)", "czar run")
        case .paused where record.causes.contains(.budget) && !exhausted(now).isEmpty:
            // Resumed with the same budget it would be held again at once.
            let fields = exhausted(now).map { "'budget: {\($0.name): …}'" }.joined(separator: " and ")
            return attention(
                "paused: \(record.reason ?? "its budget is used up"); 'czar resume \(id)' is of use once \(fields) of '\(id)' is raised in the plan",
                // What has no commit of its own is proven by nobody.
                (figures.ownCommits ?? 0) > 0 ? "czar diff \(id)" : "czar logs \(id)",
                (figures.ownCommits ?? 0) > 0 ? "czar complete \(id)" : "czar fail \(id) --reason 'out of budget'")
        case .paused:
            let other = record.attempts.running == nil ? "czar start \(id)" : "czar stop \(id)"
            return attention("paused: \(record.reason ?? "by an operator")", "czar resume \(id)", other)
        case .active where record.person && record.attempts.count > 0 && record.declaration == nil:
            return attention("reopened: a person works there", "czar complete \(id)", "czar start \(id)")
        case .active where record.person && record.declaration != nil:
            return attention("declared complete, not proven yet", "czar complete \(id)")
        case .ready where waitingFor.contains(where: { $0.why == "approval" }):
            return attention("waits for approval", "czar approve \(id)")
        default: break
        }
        if let problem = figures.worktree.problem { return attention("its worktree cannot be read: \(problem)", "czar doctor") }
        switch health {
        case .stuck: return attention(stuckText, "czar status \(id)", "czar stop \(id)")
        case .drifted where figures.worktree.state == .drifted:
            let git = BranchMend.git(in: figures.worktree.path)
            let found = figures.worktree.otherBranch, exists = figures.tip != nil
            let why = "its worktree is not on its branch '\(branch)' but on \(found.map { "'\($0)'" } ?? "none")"
            if let other = figures.worktree.branchPlace { return attention("\(why); '\(other)' has that checked out", "czar doctor") }
            let mend = BranchMend.command(git, to: branch, found: found, exists: exists, isAnothers: isOnAnothersBranch)
            // What kept it from there, such as a rebase, comes first: git refuses to switch before that.
            return exists
                ? attention(why, "\(git) status", mend) : attention("\(why), and '\(branch)' no longer exists", mend, "czar doctor")
        case .drifted: return attention("drifted from the plan", rebinding(planned: facts.plannedTips[id]))
        case .overBudget where record.state.canMove(to: .paused):
            return attention(overBudgetText(now), "czar pause \(id)", "czar stop \(id)")
        case .crashed where facts.schedule.orphaned.contains(id):
            return attention("its supervisor died; 'czar run' judges what it left", "czar run", "czar stop \(id)")
        case .ok, .idle, .crashed, .overBudget: return figures.stranded.isEmpty ? nil : strandedAttention()
        }
    }

    /// Rebinding moves no commit: the worktree is brought to the branch of the plan before, which begins with the work where it is new.
    private func rebinding(planned: CommitID?) -> String {
        let command = "czar create --rebind \(definition.id)"
        guard definition.branch != branch, let tip = figures.tip, tip != planned ?? figures.baseTip,
            let path = record.creation?.worktree, record.attempts.running == nil
        else { return command }
        let isNew = planned == nil ? "-c " : ""
        return "\(BranchMend.git(in: path)) switch \(isNew)\(ShellText.word(definition.branch.rawValue)) && \(command)"
    }

    /// The command has ended and nobody could write that down: a `czar run` does as soon as there is space.
    private func unrecordedAttention(_ facts: StatusFacts) -> StatusReport.Attention? {
        let id = definition.id
        func attention(_ why: String, _ commands: String...) -> StatusReport.Attention {
            StatusReport.Attention(worker: id, why: why, since: record.stateSince, commands: commands)
        }
        if let fullDisk = facts.fullDisk {
            return attention("its command has ended, and the disk is too full to record that", fullDisk, "czar status \(id)")
        }
        if facts.daemon != nil { return nil }
        return attention("its command ended while the disk was full; 'czar run' judges what it left", "czar run", "czar stop \(id)")
    }

    /// The limits of its own of which nothing is left.
    private func exhausted(_ now: Timestamp) -> [BudgetUse] {
        BudgetUse.of(definition.budget, tokens: record.tokens.used, milliseconds: record.activeMilliseconds(at: now)).filter(\.isOver)
    }

    /// `over budget: 880,000 of 800,000 tokens`.
    private func overBudgetText(_ now: Timestamp) -> String {
        let over = exhausted(now).map {
            $0.name == "tokens" ? "\(Figures.grouped($0.used)) of \(Figures.grouped($0.limit)) tokens" : $0.text
        }
        return "over budget: " + over.joined(separator: ", ") + (stuckSince == nil ? "" : "; and \(stuckText)")
    }

    private var stuckText: String {
        "stuck" + (stuckSince.map { " since \($0)" } ?? "") + ": no commit, changed file, event or output"
    }

    private func strandedAttention() -> StatusReport.Attention {
        let count = figures.stranded.count
        return StatusReport.Attention(
            worker: definition.id, why: count == 1 ? "1 stranded commit" : "\(count) stranded commits", since: record.endedAt,
            commands: ["czar complete \(definition.id)", "czar reopen \(definition.id)"])
    }
}
