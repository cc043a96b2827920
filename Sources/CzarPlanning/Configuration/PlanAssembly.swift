import OrderedCollections

/// Makes workers of drafts: ids, branches, folders and work, then checks what only the whole plan shows.
final class PlanAssembly {
    let settings: PlanSettings
    /// The plan's base, else the branch that HEAD names; nil where neither is known.
    let base: String?
    let problems: ProblemCollector
    /// The drafts with a name of their own; all lists below run parallel to it.
    private(set) var drafts: [WorkerDraft] = []
    /// The drafts whose name another has already: no workers, but what they say is checked like the others'.
    private var repeated: [WorkerDraft] = []
    private(set) var ids: [WorkerID] = []
    private(set) var indexByName: [String: Int] = [:]
    /// Nil where a problem was reported.
    private(set) var branches: [BranchName?] = []
    private(set) var worktrees: [String?] = []
    /// Indexes of workers; what could not be resolved is left out.
    var dependencies: [[Int]] = []
    var merges: [[Int]] = []
    /// How many more unknown names get a suggestion, each of which compares all names.
    var suggestionsLeft = 50
    /// What is wrong with the plan's own templates, until ``reportTemplates()`` says it.
    var templateFaults = TemplateFaults()
    /// A file could not be read, so that an unknown name may stand there.
    let dependenciesMayBeUnread: Bool

    init(settings: PlanSettings, drafts: [WorkerDraft], head: String?, dependenciesMayBeUnread: Bool, problems: ProblemCollector) {
        (self.settings, self.problems, self.dependenciesMayBeUnread) = (settings, problems, dependenciesMayBeUnread)
        base = settings.project.base ?? head
        keepFirstOfEachName(drafts)
        assignIDs()
        branches = self.drafts.indices.map(branch)
        worktrees = self.drafts.indices.map(worktree)
    }

    /// The plan's workers, complete unless problems were reported.
    func definitions() -> OrderedDictionary<WorkerID, WorkerDefinition> {
        let work = drafts.map(work)
        checkPlaces()
        reportTemplates()
        resolveReferences()
        checkRepeated()
        checkGraph()
        var result: OrderedDictionary<WorkerID, WorkerDefinition> = [:]
        for (index, draft) in drafts.enumerated() {
            guard let branch = branches[index], let worktree = worktrees[index], let work = work[index] else { continue }
            if work == .person, draft.setup != nil {
                problems.warnOnce(
                    "workers.setup.person", draft.position, draft.field("setup"),
                    "A person works there, so the set-up is not run: it comes before a command's first start.")
            }
            result[ids[index]] = WorkerDefinition(
                id: ids[index], displayName: draft.displayName ?? (draft.name.value == ids[index].rawValue ? nil : draft.name.value),
                phase: phase(of: index), description: draft.description, role: draft.role, work: work,
                dependencies: dependencies[index].map { ids[$0] }, merges: merges[index].map { ids[$0] }, branch: branch,
                base: draft.base?.value,
                worktree: worktree, priority: draft.priority, budget: draft.budget, plannedDuration: draft.plannedDuration,
                paths: draft.paths, copy: draft.copy, isSparse: draft.isSparse,
                allowEmpty: draft.allowEmpty, success: draft.success, firstAction: draft.firstAction, brief: draft.brief,
                tasks: draft.tasks,
                setup: draft.setup, ports: draft.ports)
        }
        return result
    }

    func phase(of index: Int) -> PhaseID { drafts[index].phase ?? settings.project.phase }

    // MARK: Ids

    private func keepFirstOfEachName(_ all: [WorkerDraft]) {
        var first: [String: SourcePosition] = [:]
        for draft in all {
            let key = draft.name.value.lowercased()
            if let other = first[key] {
                repeated.append(draft)
                let place = other.file == draft.name.position.file ? "on line \(other.line)" : "in \(other.file), line \(other.line)"
                problems.error(
                    draft.name.position, draft.field("id"),
                    "The id '\(draft.name.value.shortened)' is already the id of the worker \(place).")
            } else {
                first[key] = draft.name.position
                drafts.append(draft)
            }
        }
    }

    /// Ids that keep the rule go first, so that a mapped one never takes a name away from them.
    private func assignIDs() {
        var taken: Set<String> = []
        var numbers: [String: Int] = [:]
        var assigned = drafts.map { WorkerID(rawValue: $0.name.value) }
        for case .some(let id) in assigned { taken.insert(id.rawValue) }
        for (index, draft) in drafts.enumerated() where assigned[index] == nil {
            let id = safeID(for: draft.name.value, taken: taken, numbers: &numbers)
            taken.insert(id.rawValue)
            assigned[index] = id
            problems.warn(
                draft.name.position, draft.field("id"),
                "The id '\(draft.name.value.shortened)' \(WorkerID.problem(in: draft.name.value) ?? "is unusable"); '\(id)' is used instead."
            )
            indexByName[id.rawValue] = indexByName[id.rawValue] ?? index
        }
        ids = assigned.compactMap(\.self)
        for (index, draft) in drafts.enumerated() { indexByName[draft.name.value] = index }
        // Whoever names one that differs in case only means a worker that is there: one problem is enough.
        let indexes = Dictionary(drafts.enumerated().map { ($1.name.value.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        for draft in repeated {
            indexByName[draft.name.value] = indexByName[draft.name.value] ?? indexes[draft.name.value.lowercased()]
        }
    }

    /// One look finds what is wrong with them too, not only once they have got a name of their own.
    private func checkRepeated() {
        for draft in repeated {
            _ = work(draft)
            for (field, names) in [("dependencies", draft.dependencies), ("merges", draft.merges)] {
                for name in names where indexByName[name.value] == nil { reportUnknown(name, draft.field(field)) }
            }
        }
    }

    /// `numbers` keeps the last number given to a stem, so that many workers with one bad name take linear time.
    private func safeID(for name: String, taken: Set<String>, numbers: inout [String: Int]) -> WorkerID {
        let stem = SafeName.make(from: name, fallback: "worker")
        while true {
            let number = numbers[stem, default: 0] + 1
            numbers[stem] = number
            let candidate = number == 1 ? stem : "\(stem.prefix(50))-\(number)"
            if !taken.contains(candidate), let id = WorkerID(rawValue: candidate) { return id }
        }
    }

    // MARK: Places

    private func values(of index: Int, branch: String? = nil) -> [String: String] {
        var values = [
            "id": ids[index].rawValue, "phase": phase(of: index).rawValue, "slug": settings.project.slug, "repo": settings.repository,
        ]
        values["version"] = settings.project.version
        values["base"] = drafts[index].base?.value ?? settings.project.base
        values["branch"] = branch
        return values
    }

    private func branch(of index: Int) -> BranchName? {
        let draft = drafts[index]
        if draft.branchIsInvalid { return nil }
        if let written = draft.branch { return BranchName(rawValue: written.value) }
        if settings.places["unusable branch_template"] != nil { return nil }
        guard let text = filled("branch_template", settings.orchestration.branchTemplate, index, values(of: index)) else { return nil }
        if let problem = BranchName.problem(in: text) {
            reportTemplate("branch_template", index, problem, "The branch '\(text.shortened)' of worker '\(ids[index])' \(problem).")
            return nil
        }
        return BranchName(rawValue: text)
    }

    private func worktree(of index: Int) -> String? {
        if let written = drafts[index].worktree { return WorktreePath.problem(in: written.value) == nil ? written.value : nil }
        if settings.places["unusable worktree_template"] != nil { return nil }
        let template = settings.orchestration.worktreeTemplate
        if Placeholders.names(in: template).contains("branch"), branches[index] == nil { return nil }
        guard let text = filled("worktree_template", template, index, values(of: index, branch: branches[index]?.rawValue)) else {
            return nil
        }
        if let problem = WorktreePath.problem(in: text) {
            reportTemplate("worktree_template", index, problem, "The worktree '\(text.shortened)' of worker '\(ids[index])' \(problem).")
            return nil
        }
        return text
    }

    private func filled(_ key: String, _ template: String, _ index: Int, _ values: [String: String]) -> String? {
        if Placeholders.names(in: template).contains("base"), values["base"] == nil {
            reportTemplate(key, index, "base", "{base} has no value for worker '\(ids[index])': write project.base.")
            return nil
        }
        return Placeholders.fill(template, with: values)
    }

    /// A template that the plan does not write itself is no line to repair, so each worker has its own problem then.
    func reportTemplate(_ key: String, _ index: Int, _ reason: String, _ message: @autoclosure () -> String) {
        if settings.places[key] != nil { return templateFaults.add(key, reason: reason, message()) }
        problems.error(drafts[index].position, "orchestration.\(key)", message())
    }

    private func reportTemplates() {
        for (key, message) in templateFaults.sentences {
            if let place = settings.places[key] { problems.error(place, "orchestration.\(key)", message) }
        }
    }

    // MARK: Work

    /// Nil where a problem was reported.
    private func work(_ draft: WorkerDraft) -> WorkerDefinition.Work? {
        if let agent = draft.agent, let message = AgentNames.problem(agent.value, plan: settings.agents) {
            problems.error(agent.position, draft.field("agent"), message)
            return nil
        }
        if settings.orchestration.launcher == .none { return .person }
        if let command = draft.command { return .command(command) }
        if let script = draft.script { return .script(script) }
        let chosen =
            draft.agent?.value ?? draft.role.flatMap { settings.orchestration.agentsByRole[$0] } ?? settings.orchestration.defaultAgent
        guard let agent = chosen else { return .person }
        if settings.agents[agent] != nil || AgentNames.builtIn.contains(agent) { return .agent(agent) }
        if AgentNames.editors.contains(agent) {
            problems.warnOnce(
                "editor.\(agent)", draft.workPlace, draft.field("agent"),
                "'\(agent)' cannot be started by a command, so a person works there.")
        }
        return .person
    }
}
