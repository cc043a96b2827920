import OrderedCollections

/// What came of reading a plan.
public struct PlanReading: Hashable, Sendable {
    /// Nil exactly when a problem is an error.
    public var plan: Plan?
    /// Everything that is wrong or worth saying, by file, line and column.
    public var problems: [Problem]
    /// The bases that the files name, with their places: whether they exist is for whoever has the repository to say.
    public var bases: [NamedBase] = []
    /// The branches that workers are to have, with the problem to report where one of the repository's is in the way.
    package var branches: [NamedBranch] = []
    /// The omnibus branch that workers wait for to contain others' work, with what to say as long as there is none.
    package var awaitedTarget: NamedBase?

    /// A base as a file names it.
    public struct NamedBase: Hashable, Sendable {
        /// The branch or revision.
        public var name: String
        /// The problem to report when it does not exist.
        public var missing: Problem
    }

    /// A worker's branch as the plan's files give it.
    package struct NamedBranch: Hashable, Sendable {
        package var name: BranchName
        /// Without the name of the other branch.
        package var inTheWay: Problem
    }

    /// The problems that keep the plan from being used.
    public var errors: [Problem] { problems.filter { $0.severity == .error } }
    /// The remarks that do not.
    public var warnings: [Problem] { problems.filter { $0.severity == .warning } }
}

/// Reads plans: Czar's own and every form that Czarina projects use.
///
/// Reading goes from bytes to nodes with places (``ConfigurationNode``), to drafts of workers, to a validated ``Plan``. No stage
/// stops at a problem of another part, so one reading lists all there is to repair; only a file that is no JSON or YAML
/// hides what stands behind the place where that shows. Nothing is read from the disk and nothing depends on the clock.
/// - Complexity: linear in the files' sizes and the number of dependencies for a plan without cycles.
public struct PlanReader: Sendable {
    /// The value of `{repo}` and the name of a project that has none.
    public var repository: String
    /// The branch that HEAD names, which is the base of a plan that names none; nil where nobody has looked.
    public var head: String?
    /// Whether a plan's file without workers is none of its faults.
    public var mayBeEmpty = false

    /// A reader for the plan of one repository, named like its folder.
    public init(repository: String = "repository") { self.repository = repository }

    /// Reads the plan's file and the definitions that `czar add` wrote; without either file there is no worker, which is an error.
    public func read(_ main: PlanFile?, workers files: [PlanFile] = []) -> PlanReading {
        let problems = ProblemCollector()
        let names = (main.map { [$0.name] } ?? []) + files.map(\.name)
        var settings = PlanSettings(repository: repository, file: names.first ?? "")
        var drafts: [WorkerDraft] = []
        var workersAreUnknown = false
        if let main {
            let tree = main.tree(reportingTo: problems)
            if case .whole(let node) = tree, let root = Fields(node, block: "", path: "", problems: problems) {
                settings.read(root)
                drafts = WorkerDraft.readAll(root, mayBeEmpty: mayBeEmpty || !files.isEmpty)
                root.finish()
            } else {
                workersAreUnknown = true
            }
            if case .beginning(let beginning) = tree { check(beginning, problems) { readSingleValues(beginning.root, main.name, $0) } }
        }
        for file in files {
            switch file.tree(reportingTo: problems) {
            case .whole(let node):
                if let draft = WorkerDraft(file: file, node: node, problems: problems) { drafts.append(draft) }
            case .beginning(let beginning):
                workersAreUnknown = true
                check(beginning, problems) { _ = WorkerDraft(file: file, node: beginning.root, problems: $0) }
            case .none: workersAreUnknown = true
            }
        }
        if main == nil, files.isEmpty {
            problems.error(SourcePosition(file: "", line: 1, column: 1), "workers", "There is no plan: no file defines a worker.")
        }
        let assembly = PlanAssembly(
            settings: settings, drafts: drafts, head: head, dependenciesMayBeUnread: workersAreUnknown, problems: problems)
        let workers = assembly.definitions()
        let sorted = problems.sorted(files: names)
        var reading = PlanReading(plan: nil, problems: sorted, bases: Self.bases(settings, assembly))
        reading.branches = Self.branches(assembly)
        reading.awaitedTarget = Self.awaitedTarget(settings)
        guard !problems.hasErrors else { return reading }
        var plan = Plan(
            project: settings.project, orchestration: settings.orchestration, agents: settings.agents, workers: workers,
            integration: settings.integration, testMarkers: settings.testMarkers,
            notifications: settings.notifications)
        plan.reports = settings.reports
        reading.plan = plan
        return reading
    }

    /// What is wrong with single values before a syntax error; what only the whole plan shows is not known.
    private func check(_ beginning: YAMLBeginning, _ problems: ProblemCollector, _ read: (ProblemCollector) -> Void) {
        let found = ProblemCollector()
        beginning.duplicates.forEach(found.add)
        read(found)
        found.problems.filter { !beginning.isDoubtful($0) }.forEach(problems.add)
    }

    private func readSingleValues(_ node: ConfigurationNode, _ file: String, _ problems: ProblemCollector) {
        guard let root = Fields(node, block: "", path: "", problems: problems) else { return }
        var settings = PlanSettings(repository: repository, file: file)
        settings.read(root)
        _ = WorkerDraft.readAll(root, mayBeEmpty: true)
        root.finish()
    }

    private static func branches(_ assembly: PlanAssembly) -> [PlanReading.NamedBranch] {
        zip(assembly.drafts, assembly.branches).compactMap { draft, branch in
            guard let branch else { return nil }
            let place = draft.place(of: draft.branch?.position)
            let problem = Problem(
                file: place.file, line: place.line, column: place.column, field: draft.field("branch"),
                message: "Git cannot have both '\(branch)' and the existing branch")
            return PlanReading.NamedBranch(name: branch, inTheWay: problem)
        }
    }

    private static func awaitedTarget(_ settings: PlanSettings) -> PlanReading.NamedBase? {
        guard settings.orchestration.dependencyGate == .integrated, let name = settings.project.omnibusBranch else { return nil }
        let place = settings.place("omnibus")
        return PlanReading.NamedBase(
            name: name,
            missing: Problem(
                severity: .warning, file: place.file, line: place.line, column: place.column, field: "project.omnibus_branch",
                message: "The omnibus branch '\(name)' does not exist yet, and workers wait until it contains what they depend on"))
    }

    private static func bases(_ settings: PlanSettings, _ assembly: PlanAssembly) -> [PlanReading.NamedBase] {
        func named(_ name: String, _ place: SourcePosition, _ field: String) -> PlanReading.NamedBase {
            let message = "The base '\(name)' does not exist in this repository."
            return PlanReading.NamedBase(
                name: name, missing: Problem(file: place.file, line: place.line, column: place.column, field: field, message: message))
        }
        var found: [PlanReading.NamedBase] = []
        if let base = settings.project.base, let place = settings.places["base"] { found.append(named(base, place, "project.base")) }
        // A base that is a worker's branch will exist when that worker does; that it may not be the own one is said already.
        let branches = Set(assembly.branches.compactMap { $0?.rawValue })
        for (draft, own) in zip(assembly.drafts, assembly.branches) {
            guard let base = draft.base, !branches.contains(base.value) else { continue }
            if base.value.lowercased() == own?.rawValue.lowercased() { continue }
            found.append(named(base.value, base.position, draft.field("base")))
        }
        return found
    }
}
