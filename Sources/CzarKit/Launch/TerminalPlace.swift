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
    ///
    /// The person gets a session with this one window in it, which ends with the window or when the person leaves. In the session where all
    /// workers' windows are tmux would show another worker's in place of one that ended, and what is typed would go there.
    package func attachArguments(around environment: [String: String], view: String) -> [String] {
        let isInside = TerminalPlace(environment: environment)?.socket == socket
        let steps = [
            ["new-session", "-d", "-s", view, "cat"], ["link-window", "-k", "-s", pane, "-t", view + ":^"],
            [isInside ? "switch-client" : "attach-session", "-t", view],
            // A person who was in a session of this server comes back to it.
            ["set-option", "-t", view, "detach-on-destroy", isInside ? "off" : "on"],
            ["set-option", "-t", view, "destroy-unattached", "on"],
            // Detaching would leave the person's own tmux.
            isInside ? ["set-option", "-t", view, "status-right", "#{prefix} L goes back"] : [],
        ].filter { !$0.isEmpty }
        return ["-S", socket] + Array(steps.joined(separator: [";"]))
    }
}
