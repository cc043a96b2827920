import CzarGit
import CzarPlanning

/// Writes a project's first plan.
package struct PlanInitializer {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// Writes the starter plan, or a copy of `source` once it was found valid.
    /// - Returns: the path of the file that was written.
    /// - Throws: ``ProjectError`` when there is a plan already, or when `source` is no valid one; nothing is written then.
    package func write(from source: String?) throws -> String {
        for name in ["config.json", "config.yaml", "config.yml"] where FileKind(at: project.folder + "/" + name) != nil {
            throw ProjectError.planExists(path: project.folder + "/" + name)
        }
        let (name, bytes) = try content(source)
        let reading = PlanReader(repository: project.name).read(PlanFile(name: source ?? name, bytes: bytes))
        guard reading.plan != nil else { throw ProjectError.invalidPlan(problems: reading.problems) }
        let parent = try Folder(opening: project.root).subfolder(project.location.isBare ? "czarina" : ".czarina", creating: 0o777)
        try parent.create(name, mode: 0o666, bytes)
        return parent.path + "/" + name
    }

    private func content(_ source: String?) throws -> (name: String, bytes: [UInt8]) {
        guard let source else {
            let base = try PlanAcceptance.headBranch(project)
            return ("config.yaml", Array(StarterPlan.yaml(project: project.name, base: base).utf8))
        }
        guard let bytes = try fileContent(source) else { throw ProjectError.unreadable(path: source, why: "there is no such file") }
        return (source.lowercased().hasSuffix(".json") ? "config.json" : "config.yaml", bytes)
    }
}
