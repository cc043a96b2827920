import CzarGit
import CzarPlanning

/// Why a command cannot work on this project.
package enum ProjectError: Explained, Hashable {
    case noRepository(path: String)
    /// `restore` brings back the one that was accepted last; nil where there never was one.
    case noPlan(folder: String, restore: String?)
    case twoPlans(first: String, second: String)
    case invalidPlan(problems: [Problem])
    case unreadable(path: String, why: String)
    /// A folder that the user named cannot be reached.
    case noFolder(path: String, why: String)
    case noSuchWorker(name: String, suggestion: String?, known: [String])
    /// Several phases that the plan is not in have a worker of that name.
    case severalWorkers(name: String, phases: [PhaseID])
    /// It cannot start: it is of a phase that the plan is not in.
    case notOfThePhase(worker: WorkerKey, phase: PhaseID)
    case workerNeeded(known: [String])
    case noBase(why: String, remedy: String)
    case notTrusted(difference: String)
    case unsupported(sentence: String, remedy: String?)
    case planExists(path: String)
    case notYourWorker(acting: String, on: String)
    /// What is about the whole team, or takes the worker's own place away, is an operator's. `what`: `approve`, `use 'czar run'`.
    case operatorsOnly(acting: String, what: String)

    package var description: String {
        switch self {
        case .noRepository(let path): "there is no Git repository at or above '\(path)'"
        case .noPlan(let folder, nil): "there is no plan in '\(folder)'"
        case .noPlan(let folder, _?): "the plan in '\(folder)' is gone"
        case .twoPlans(let first, let second): "there are two plans, '\(first)' and '\(second)'"
        case .invalidPlan(let problems):
            (["the plan is invalid:"] + problems.filter { $0.severity == .error }.map { "  \($0)" }).joined(separator: "\n")
        case .unreadable(let path, let why): "cannot read '\(path)': \(why)"
        case .noFolder(let path, let why): "cannot use the folder '\(path)': \(why)"
        case .noSuchWorker(let name, let suggestion, let known):
            "there is no worker '\(name)': "
                + (suggestion.map { "the nearest is '\($0)'" }
                    ?? (known.isEmpty ? "the plan has none" : "the plan has \(Self.list(known))"))
        case .severalWorkers(let name, let phases):
            "which worker '\(name)'? There is one in the phases \(phases.map(\.rawValue).joined(separator: " and "))"
        case .notOfThePhase(let worker, let phase):
            "worker '\(worker.id)' is of phase \(worker.phase), and the plan is in phase \(phase): nothing starts it any more; it can be completed, failed or removed"
        case .workerNeeded(let known): "which worker? The plan has \(known.isEmpty ? "none" : Self.list(known))"
        case .noBase(let why, _): "cannot tell which branch the workers start from: \(why)"
        case .notTrusted(let difference):
            "the plan would run commands that were not trusted on this machine:\n\(difference)"
        case .unsupported(let sentence, _): sentence
        case .planExists(let path): "there is a plan already: '\(path)'"
        case .notYourWorker(let acting, let target): "worker '\(acting)' may not act on '\(target)'"
        case .operatorsOnly(let acting, let what): "worker '\(acting)' may not \(what): only an operator may"
        }
    }

    private static func list(_ known: [String]) -> String {
        let limit = 12
        return known.prefix(limit).joined(separator: ", ") + (known.count > limit ? " and \(known.count - limit) more" : "")
    }

    package var kind: FailureKind {
        switch self {
        case .noRepository, .noPlan, .noSuchWorker: .missing
        case .notOfThePhase: .refused
        case .planExists, .noFolder: .cannotCreate
        case .twoPlans, .invalidPlan, .noBase, .unreadable: .invalid
        case .workerNeeded, .severalWorkers: .usage
        case .notTrusted, .notYourWorker, .operatorsOnly: .refused
        case .unsupported: .unavailable
        }
    }

    package var remedy: String? {
        switch self {
        case .noRepository: "czar -C DIR status"
        case .noPlan(_, let restore): restore ?? "czar init"
        case .twoPlans(_, let second): ShellText.line(["mv", second, second + ".old"])
        case .invalidPlan: "czar validate"
        case .noSuchWorker(_, let suggestion, _): "czar status" + (suggestion.map { " \($0)" } ?? "")
        case .severalWorkers(let name, let phases): "czar status \(name) --phase \(ShellText.word(phases[0].rawValue))"
        case .notOfThePhase(let worker, _): "czar complete \(worker.id) --phase \(ShellText.word(worker.phase.rawValue))"
        case .workerNeeded(let known): "czar status" + (known.first.map { " \($0)" } ?? "")
        case .noBase(_, let remedy): remedy
        case .notTrusted: "czar trust"
        case .unsupported(_, let remedy): remedy
        // Read by an agent: how to get round the guard is the last thing to tell it.
        case .notYourWorker(let acting, _), .operatorsOnly(let acting, _): "czar status \(acting)"
        case .unreadable(let path, _): ShellText.line(["ls", "-l", path])
        case .noFolder(let path, _): ShellText.line(["mkdir", "-p", path])
        case .planExists: "czar validate"
        }
    }
}
