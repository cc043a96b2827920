import CzarGit
import CzarPlanning

/// Writes a project's first plan.
package struct PlanInitializer {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    package enum Source: Hashable, Sendable {
        case starter
        /// Somebody's file.
        case file(String)
        /// What the journal accepted last.
        case accepted
    }

    /// Writes the starter plan, or another one once it was found valid.
    ///
    /// `agent`: who works in the starter plan where a worker names nobody; nil: people.
    /// - Returns: the path of the file that was written.
    /// - Throws: ``ProjectError`` when there is a plan already, or when `source` is no valid one beside the workers that were added here;
    ///   nothing is written then.
    package func write(from source: Source, agent: String?) throws -> String {
        try project.requireReadableFormat()
        let found = PlanSource.mainFiles.filter { FileKind(at: project.folder + "/" + $0) != nil }
        // What a killed process has left of a plan is empty, and is taken over by the next one that writes it.
        let isLeft = try found.count == 1 && project.planFile(found[0])?.isEmpty == true
        if let first = found.first, !isLeft { throw ProjectError.planExists(path: project.folder + "/" + first) }
        let (name, bytes) = try content(source, agent)
        if isLeft, found[0] != name { throw ProjectError.planExists(path: project.folder + "/" + found[0]) }
        let file = PlanFile(name: shownName(source) ?? name, bytes: bytes)
        let reading = try PlanSource(project).reading(of: file)
        guard reading.plan != nil else { throw ProjectError.invalidPlan(problems: reading.problems) }
        let parent = try Folder(opening: project.root).subfolder(project.location.isBare ? "czarina" : ".czarina", creating: 0o777)
        if isLeft { try parent.removeFile(name) }
        try parent.createWhole(name, bytes)
        return parent.path + "/" + name
    }

    private func shownName(_ source: Source) -> String? {
        if case .file(let path) = source { path } else { nil }
    }

    private func content(_ source: Source, _ agent: String?) throws -> (name: String, bytes: [UInt8]) {
        switch source {
        case .starter:
            let base = try PlanAcceptance.headBranch(project)
            let taken = try addedNames()
            let branches = Set(try Repository(opening: project.location).branches().map(\.name))
            let text = StarterPlan.yaml(project: project.name, base: base, agent: agent) { id in
                taken.contains(id) || branches.contains("cz1/feat/\(id)")
            }
            return ("config.yaml", Array(text.utf8))
        case .file(let path): return try content(ofFile: path)
        case .accepted: return ("config.json", Array((try acceptedPlan().normalisedValue.prettyText + "\n").utf8))
        }
    }

    /// The ids of the workers that were added without a plan, and of briefs that somebody has written already.
    private func addedNames() throws -> Set<String> {
        guard FileKind(at: project.workersFolder) == .folder else { return [] }
        let names = try Folder(opening: project.workersFolder).entries().map { String(decoding: $0, as: UTF8.self).lowercased() }
        let files = names.compactMap { name in [".yaml", ".md"].first(where: name.hasSuffix).map { String(name.dropLast($0.count)) } }
        var source = PlanSource(project)
        source.passedOver = Set(PlanSource.mainFiles)
        do { return Set(files).union(try source.read().plan.ids.map { $0.rawValue.lowercased() }) } catch ProjectError.noPlan {
            return Set(files)
        }
    }

    /// The plan that was accepted last, without the workers whose own files are there still.
    private func acceptedPlan() throws -> Plan {
        guard var plan = try AcceptedPlans(of: project)?.newest?.plan else {
            throw ProjectError.noPlan(folder: project.folder, restore: nil)
        }
        for worker in plan.definitions where FileKind(at: "\(project.workersFolder)/\(worker.id).yaml") != nil {
            plan.remove(worker.id)
        }
        return plan
    }

    private func content(ofFile source: String) throws -> (name: String, bytes: [UInt8]) {
        guard let bytes = try fileContent(source) else { throw ProjectError.unreadable(path: source, why: "there is no such file") }
        return (source.lowercased().hasSuffix(".json") ? "config.json" : "config.yaml", bytes)
    }
}
