import CzarGit
import CzarPlanning

/// What the plan's files, and the record of trust beside the journal, are at one moment.
package struct PlanFiles: Hashable, Sendable {
    let fingerprint: [String]
    let trust: String?
}

/// Finds and reads the files that make up a plan.
package struct PlanSource: Sendable {
    /// The plan that was read, with what was noticed on the way.
    package struct Reading: Sendable {
        package let plan: Plan
        package let graph: PlanGraph
        package let warnings: [Problem]
        /// The files' names relative to the root, the main one first.
        package let files: [String]
        /// What the files were when they were read: other files have another one.
        package let fingerprint: [String]
    }

    let project: ProjectLayout
    /// Files below `.czarina` that count as not there: they are about to be written.
    var passedOver: Set<String> = []

    /// What a plan's main file may be called, below `.czarina`.
    static let mainFiles = ["config.json", "config.yaml", "config.yml"]

    package init(_ project: ProjectLayout) { self.project = project }

    /// The plan's problems, or none when there is a valid plan.
    /// - Throws: ``ProjectError`` when there is no plan file, more than one, or one that cannot be read from disk.
    package func problems() throws -> [Problem] {
        try project.requireReadableFormat()
        var head: String?
        if case .branch(let name, _) = try Repository(opening: project.location.commonDirectory).head() { head = name }
        let (result, files) = try result(head: head)
        let order = files.map(\.name)
        func place(_ problem: Problem) -> (Int, Int, Int) { (order.firstIndex(of: problem.file) ?? 0, problem.line, problem.column) }
        let found = try missingBases(result) + branchesInTheWay(result) + missingTarget(result, head: head)
        return (result.problems + found).sorted { place($0) < place($1) }
    }

    /// Reads and validates the plan.
    ///
    /// `evenEmpty`: one without workers is none that could be used, but the first may be added to it.
    package func read(evenEmpty: Bool = false) throws -> Reading {
        // Taken first: a file that changes while it is read is read again by whoever compares.
        let fingerprint = try fingerprint()
        let (result, files) = try result(evenEmpty: evenEmpty)
        guard let plan = result.plan else { throw ProjectError.invalidPlan(problems: result.problems) }
        return Reading(
            plan: plan, graph: PlanGraph(plan), warnings: result.problems.filter { $0.severity == .warning }, files: files.map(\.name),
            fingerprint: fingerprint)
    }

    /// Bases that the repository does not have, with the places where the plan names them.
    private func missingBases(_ result: PlanReading) throws -> [Problem] {
        let repository = try Repository(opening: project.location)
        // A branch made by the template is no branch of the repository yet, and may be another worker's base all the same.
        let branches = Set(result.plan?.definitions.map(\.branch.rawValue) ?? [])
        let remote = result.plan?.orchestration.remote ?? Orchestration().remote
        return try result.bases.filter { base in
            try !branches.contains(base.name) && repository.baseTip(base.name) == nil
        }.map { try AbsentBase($0.name, in: project, remote: remote).problem($0.missing, base: $0.name) }
    }

    /// Branches of the repository beside which Git cannot have those of workers: it keeps them as files in folders.
    private func branchesInTheWay(_ result: PlanReading) throws -> [Problem] {
        let existing = Set(try Repository(opening: project.location).branches().map(\.name))
        return result.branches.compactMap { branch in
            let name = branch.name.rawValue
            guard !existing.contains(name), let other = existing.filter({ name.hasPrefix($0 + "/") || $0.hasPrefix(name + "/") }).min()
            else {
                return nil
            }
            var problem = branch.inTheWay
            problem.message += " '\(other)'."
            return problem
        }
    }

    /// The branch that work is to be merged into, where there is none yet.
    private func missingTarget(_ result: PlanReading, head: String?) throws -> [Problem] {
        guard let target = result.awaitedTarget, try Repository(opening: project.location).branchTip(target.name) == nil else { return [] }
        var problem = target.missing
        let start = result.plan?.project.base ?? head
        problem.message += "; make it with: git branch \(ShellText.word(target.name))" + (start.map { " " + ShellText.word($0) } ?? "")
        return [problem]
    }

    /// The state of the plan's files, and of what is trusted: whether a plan can be used depends on both.
    package func files() throws -> PlanFiles {
        PlanFiles(fingerprint: try fingerprint(), trust: fileStamp(of: project.stateFolder + "/trust"))
    }

    /// Names, sizes and times of the files that make up the plan now.
    func fingerprint() throws -> [String] {
        var paths = Self.mainFiles.map { project.folder + "/" + $0 }
        if FileKind(at: project.workersFolder) == .folder {
            let names = try Folder(opening: project.workersFolder).entries().map { String(decoding: $0, as: UTF8.self) }
            paths += names.filter { $0.hasSuffix(".yaml") }.sorted().map { project.workersFolder + "/" + $0 }
        }
        return paths.compactMap(fileStamp)
    }

    /// What the plan would be with one more worker's file.
    func reading(adding file: PlanFile) throws -> PlanReading {
        PlanReader(repository: project.name).read(try mainFile(), workers: try workerFiles() + [file])
    }

    /// What the plan would be with another main file.
    func reading(of main: PlanFile) throws -> PlanReading {
        PlanReader(repository: project.name).read(main, workers: try workerFiles())
    }

    private func result(head: String? = nil, evenEmpty: Bool = false) throws -> (result: PlanReading, files: [PlanFile]) {
        try project.requireReadableFormat()
        let main = try mainFile()
        let extra = try workerFiles()
        guard main != nil || !extra.isEmpty else {
            throw ProjectError.noPlan(folder: project.folder, restore: try LostPlan(source: self).restore())
        }
        var reader = PlanReader(repository: project.name)
        (reader.head, reader.mayBeEmpty) = (head, evenEmpty)
        let result = reader.read(main, workers: extra)
        return (result, (main.map { [$0] } ?? []) + extra)
    }

    private func mainFile() throws -> PlanFile? {
        let found = try Self.mainFiles.filter { !passedOver.contains($0) }.compactMap { name in
            try project.planFile(name).map { PlanFile(name: displayName(name), bytes: $0) }
        }
        if found.count > 1 { throw ProjectError.twoPlans(first: found[0].name, second: found[1].name) }
        return found.first
    }

    /// The definitions of `czar add`: `workers/<id>.yaml`, in the order of their names.
    private func workerFiles() throws -> [PlanFile] {
        guard FileKind(at: project.workersFolder) == .folder else { return [] }
        let names = try Folder(opening: project.workersFolder).entries().map { String(decoding: $0, as: UTF8.self) }
        return try names.filter { $0.hasSuffix(".yaml") && !passedOver.contains("workers/" + $0) }.sorted().compactMap { name in
            try project.planFile("workers/" + name).map { PlanFile(name: displayName("workers/" + name), bytes: $0) }
        }
    }

    private func displayName(_ name: String) -> String {
        project.location.isBare ? "czarina/" + name : ".czarina/" + name
    }
}
