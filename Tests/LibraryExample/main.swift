import CzarKit
import CzarPlanning

let project = try ProjectReader(around: CommandLine.arguments.dropFirst().first ?? ".")
for (number, wave) in project.graph.waves.enumerated() {
    print("wave \(number + 1):", wave.map(\.rawValue).joined(separator: ", "))
}
for worker in try project.status() where worker.state != .complete {
    print(worker.id, worker.state, worker.attention ?? worker.waitsFor.map(\.rawValue).joined(separator: ", "))
}
for event in try project.events().suffix(3) {
    print(event.sequence, event.worker?.rawValue ?? "-", event.type)
}
