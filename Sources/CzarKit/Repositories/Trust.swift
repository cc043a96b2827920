import CzarGit
import CzarPlanning
import SystemPackage

/// What this user has allowed a plan to run on this machine.
///
/// One line for each thing that is run (``Plan/executableContent``), kept in `<common dir>/czar/trust`, which no clone carries. A plan
/// is trusted when every line of it was; taking something out of a plan needs no new trust.
package struct Trust: Sendable {
    private static let name = "trust"

    let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// The plan's lines that were never trusted, in the order of the plan; empty when all may run.
    package func untrusted(_ plan: Plan) throws -> [String] {
        let trusted = try lines()
        return Self.lines(of: plan.executableContent).filter { !trusted.contains($0) }
    }

    /// What waits to be trusted, as a difference: each line that is new (`+ `), after what the trusted plan of before runs there instead (`- `).
    package func difference(_ plan: Plan) throws -> [String] {
        let missing = try untrusted(plan)
        guard !missing.isEmpty else { return [] }
        let now = Set(plan.executableItems.map(\.line))
        let gone = try lastTrusted()?.executableItems.filter { !now.contains($0.line) } ?? []
        var shown: Set<String> = []
        return plan.executableItems.filter { missing.contains($0.line) }.flatMap { item in
            let old = shown.insert(item.owner).inserted ? gone.filter { $0.owner == item.owner }.map { "- " + $0.line } : []
            return old + ["+ " + item.line]
        }
    }

    /// The plan accepted last of which everything was trusted; nil where there was none.
    private func lastTrusted() throws -> Plan? {
        let trusted = try lines()
        return try AcceptedPlans(of: project)?.newest(where: { plan in plan.executableItems.allSatisfy { trusted.contains($0.line) } })
    }

    /// The workers that a changed plan keeps from starting until it is trusted; none before anything was trusted here, when nobody has
    /// asked for a start yet.
    package func waiting(_ plan: Plan) throws -> Set<WorkerID> {
        let trusted = try lines()
        let isTrusted = { (plan: Plan) in Self.lines(of: plan.executableContent).allSatisfy(trusted.contains) }
        guard !trusted.isEmpty, !isTrusted(plan) else { return [] }
        return Set(plan.definitions.lazy.filter { !isTrusted(plan.reduced(to: $0)) }.map(\.id))
    }

    /// Trusts what the user himself named on the command line for one worker; what the plan adds to it still has to be trusted.
    package func addWork(of worker: WorkerDefinition, in plan: Plan) throws {
        var own = plan.reduced(to: worker)
        own.agents = [:]
        try add(own)
    }

    /// - Throws: ``ProjectError/notTrusted(difference:)`` when the plan would run something that was not trusted.
    package func require(_ plan: Plan) throws {
        let difference = try difference(plan)
        guard difference.isEmpty else { throw ProjectError.notTrusted(difference: difference.map { "  " + $0 }.joined(separator: "\n")) }
    }

    /// Trusts all that the plan runs now.
    /// - Returns: the lines that are new.
    @discardableResult
    package func add(_ plan: Plan) throws -> [String] {
        let missing = try untrusted(plan)
        guard !missing.isEmpty else { return [] }
        let all = try lines().union(missing).sorted()
        let folder = try Folder(opening: project.location.commonDirectory).subfolder("czar", creating: project.location.ownFiles.folder)
        try folder.write((all.joined(separator: "\n") + "\n").utf8, to: Self.name, mode: .asParent)
        return missing
    }

    private func lines() throws -> Set<String> {
        guard FileKind(at: project.stateFolder) == .folder else { return [] }
        do throws(FileError) {
            let bytes = try Folder(opening: project.stateFolder).read(Self.name) ?? []
            return Set(Self.lines(of: String(decoding: bytes, as: UTF8.self)))
        } catch {
            // What another user trusts, and keeps to himself, is not trusted by this one.
            guard error.errno == .permissionDenied else { throw error }
            return []
        }
    }

    private static func lines(of text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}
