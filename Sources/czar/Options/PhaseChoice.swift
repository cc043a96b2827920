import ArgumentParser
import CzarKit
import CzarPlanning

/// `--phase P`: a worker of another phase, also where the plan has one of the same name.
struct PhaseChoice: ParsableArguments {
    @Option(help: ArgumentHelp("Of this phase instead of the plan's.", valueName: "phase"))
    var phase: String?

    /// Nil where none was named: then names mean the plan's workers first.
    var id: PhaseID? { phase.map { PhaseID(rawValue: $0) } }
}

extension Failure {
    /// The same with a hint that names the phase, for a worker that is not of the plan's.
    func about(_ worker: WorkerDefinition, in roster: Roster) -> Failure {
        roster.isElsewhere(worker) ? about(worker.key) : self
    }

    func about(_ worker: WorkerKey) -> Failure {
        Failure(
            message: message, hint: hint.map { PhaseHint(worker.phase).commands([$0], of: worker.id)[0] }, code: code)
    }
}
