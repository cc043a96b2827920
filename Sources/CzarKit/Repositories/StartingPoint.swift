import CzarGit
import CzarPlanning

/// Where the workers of a plan without a base start from: the branch that was recorded first, else the one that HEAD names.
package struct StartingPoint {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// The problem of a plan that names no base while HEAD names no branch with a commit; nil when there is none.
    ///
    /// Where there is no branch at all it is a checkout that CI made, whose plan may be right: that is a warning.
    package func problem(of reading: PlanSource.Reading) throws -> Problem? {
        let plan = reading.plan
        guard plan.project.base == nil, plan.definitions.contains(where: { $0.base == nil }), try recorded(plan) == nil else { return nil }
        do {
            _ = try PlanAcceptance.headBranch(project)
            return nil
        } catch let error as ProjectError {
            guard case .noBase(let why, let remedy) = error else { throw error }
            let isDetached = if case .detached = try Repository(opening: project.location.commonDirectory).head() { true } else { false }
            return Problem(
                severity: try isDetached && !hasBranches() ? .warning : .error, file: reading.files.first ?? "", line: 1, column: 1,
                field: "project.base",
                message: "The plan names no base, and \(why); before workers start: \(remedy), or write 'base: BRANCH' below project.")
        }
    }

    private func recorded(_ plan: Plan) throws -> String? {
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        return ProjectState(try Journal.open(place, mode: .readOnly)?.entries() ?? []).plans[plan.phase]?.startingPoint
    }

    private func hasBranches() throws -> Bool {
        try !Repository(opening: project.location).references(matching: "refs/heads/*").isEmpty
    }
}
