import CzarKit
import CzarPlanning
import Glibc
import Synchronization

/// One line on the terminal that says how far a creation is, drawn over itself.
///
/// Nothing is drawn in the first moments: what takes no time to wait for needs no bar. May be told from any thread.
final class ProgressBar: Sendable {
    private struct State {
        /// When something may be drawn again.
        var next: ContinuousClock.Instant
        var isDrawn = false
    }

    private let state = Mutex(State(next: .now + ProgressBar.patience))
    private let symbols: (full: String, empty: String)

    private static let patience = Duration.milliseconds(300)
    private static let pause = Duration.milliseconds(60)
    private static let barWidth = 24

    /// Nil where standard error is no terminal that a line can be drawn over on.
    init?(style: Style, environment: [String: String]) {
        guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return nil }
        symbols = (style.symbol("━", ascii: "#"), style.symbol("─", ascii: "-"))
    }

    func show(_ progress: WorkspaceProgress) {
        state.withLock { state in
            guard .now >= state.next else { return }
            state.next = .now + Self.pause
            state.isDrawn = true
            Console.draw("\r" + line(progress, columns: Self.columns()) + Self.eraseToEnd)
        }
    }

    /// Takes the line away; what is said next begins on a clean one.
    func clear() {
        state.withLock { state in
            if state.isDrawn { Console.draw("\r" + Self.eraseToEnd) }
            state.isDrawn = false
        }
    }

    private func line(_ progress: WorkspaceProgress, columns: Int) -> String {
        let share = progress.totalFiles > 0 ? Double(progress.files) / Double(progress.totalFiles) : 1
        let full = Int((share * Double(Self.barWidth)).rounded(.down))
        let bar = String(repeating: symbols.full, count: full) + String(repeating: symbols.empty, count: Self.barWidth - full)
        let step =
            switch progress.step {
            case .checkingOut: "checking out"
            case .bringing: "bringing along"
            }
        let counts = "\(progress.files) of \(progress.totalFiles) files, \(Figures.bytes(progress.bytes))"
        // A line that wraps could not be drawn over; the last column stays free, where some terminals wrap already.
        return [step, bar, counts].reduce("") { text, part in
            let longer = text.isEmpty ? part : text + "  " + part
            return DisplayText.width(longer) < columns ? longer : text
        }
    }

    private static func columns() -> Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    private static let eraseToEnd = "\u{1B}[K"
}
