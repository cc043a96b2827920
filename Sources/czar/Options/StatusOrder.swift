import ArgumentParser
import CzarPlanning

/// `--sort`: the order of a status table's rows.
enum StatusOrder: String, CaseIterable, ExpressibleByArgument {
    case plan, id, state, commits, lines, dirty, tokens, seen

    /// What most needs a look comes first; workers that are equal keep the plan's order.
    func sorted(_ workers: [StatusReport.Worker]) -> [StatusReport.Worker] {
        switch self {
        case .plan: workers
        case .id: workers.sorted { $0.definition.id < $1.definition.id }
        case .state: workers.stablySorted { Self.rank($0.record.state) }
        case .commits: workers.stablySorted { -($0.figures.ownCommits ?? 0) }
        case .lines: workers.stablySorted { -(($0.figures.lines?.inserted ?? 0) + ($0.figures.lines?.deleted ?? 0)) }
        case .dirty: workers.stablySorted { -$0.figures.worktree.dirty }
        case .tokens: workers.stablySorted { -Int($0.record.tokens.used ?? 0) }
        case .seen: workers.stablySorted { -Int($0.lastProgress?.time.milliseconds ?? 0) }
        }
    }

    /// Lower is more worth a row.
    static func rank(_ state: WorkerState) -> Int {
        switch state {
        case .failed: 0
        case .blocked: 1
        case .paused: 2
        case .active: 3
        case .starting: 4
        case .ready: 5
        case .pending: 6
        case .complete: 7
        }
    }
}

extension [StatusReport.Worker] {
    func stablySorted(by key: (Element) -> Int) -> [Element] {
        enumerated().map { (key: key($1), offset: $0, worker: $1) }.sorted { ($0.key, $0.offset) < ($1.key, $1.offset) }.map(\.worker)
    }
}
