import CzarKit

/// `czar __supervise`: the process between Czar and a worker's command. Not for people.
enum SupervisorCommand {
    static func run(_ paths: [String]) async -> Int32 { await WorkerSupervisor.run(window: paths.isEmpty ? nil : paths) }
}
