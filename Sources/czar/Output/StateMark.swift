import CzarPlanning

/// How a state looks wherever it is shown: a symbol, its text form and a colour.
struct StateMark {
    private let state: WorkerState
    private let symbol: String
    private let ascii: String
    let tone: Style.Tone

    init(_ state: WorkerState) {
        self.state = state
        (symbol, ascii) = state.mark
        tone =
            switch state {
            case .complete: .green
            case .active, .starting: .blue
            case .ready: .cyan
            case .pending: .faint
            case .blocked, .paused: .yellow
            case .failed: .red
            }
    }

    /// The symbol alone.
    func sign(_ style: Style) -> String { style.symbol(symbol, ascii: ascii) }

    /// Symbol and name, without colour.
    func plain(_ style: Style) -> String { "\(style.symbol(symbol, ascii: ascii)) \(state)" }

    /// Symbol and name, in colour.
    func text(_ style: Style) -> String { style.paint(plain(style), tone) }
}
