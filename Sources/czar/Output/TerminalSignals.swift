import CzarKit
import CzarPlanning
import Glibc

/// The bell and the title of the terminal in which `czar run` runs; nothing where there is no terminal.
struct TerminalSignals: Sendable {
    private let isTerminal: Bool

    init(quiet: Bool, asJSON: Bool) { isTerminal = !quiet && !asJSON && isatty(STDOUT_FILENO) == 1 }

    /// One bell for what happened together, and the counts in the title.
    func show(_ pulse: DaemonPulse) {
        guard isTerminal else { return }
        if !pulse.notices.isEmpty { Console.signal("\u{7}") }
        let shown: [WorkerState] = [.active, .blocked, .paused, .failed, .complete]
        let counts = shown.compactMap { state in pulse.states[state].map { "\($0) \(state)" } }
        title(counts.isEmpty ? "czar" : "czar: " + counts.joined(separator: ", "))
    }

    /// Leaves the title to whoever sets it next.
    func end() { if isTerminal { title("") } }

    private func title(_ text: String) { Console.signal("\u{1B}]0;\(text)\u{7}") }
}
