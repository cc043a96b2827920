import CzarGit

/// Where a command's terminal is: a pane of a tmux server.
package struct TerminalPlace: Hashable, Sendable {
    /// The server's socket, absolute.
    package let socket: String
    /// tmux's own name for the pane, such as `%5`: it is never given twice.
    package let pane: String

    /// The pane around a process, by the variables that tmux gives it.
    init?(environment: [String: String]) {
        guard let socket = environment["TMUX"]?.split(separator: ",").first, let pane = environment["TMUX_PANE"], pane.hasPrefix("%") else {
            return nil
        }
        (self.socket, self.pane) = (String(socket), pane)
    }

    /// The journal's form: the pane, a space, and the socket.
    package var text: String { "\(pane) \(socket)" }

    /// Reads ``text``.
    package init?(text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].hasPrefix("%"), parts[1].hasPrefix("/") else { return nil }
        (pane, socket) = (String(parts[0]), String(parts[1]))
    }

    /// What tmux is told so that a person sees the pane: in a client of the same server that one turns to it, elsewhere a client is opened.
    package func attachArguments(around environment: [String: String]) -> [String] {
        let isInside = TerminalPlace(environment: environment)?.socket == socket
        return ["-S", socket, isInside ? "switch-client" : "attach-session", "-t", pane]
    }
}
