import Foundation
import TestSupport

/// A program that stands in for an agent: a script under the agent's name, first in `PATH`.
///
/// Each start appends its arguments to `<name>.calls`, one line, and keeps the prompt as `<name>.prompt`; `$STAND_IN` is the folder.
struct StandIn {
    let folder: TemporaryFolder

    /// `agents`: the shell text of each by its name; it runs after the prompt was read to its end.
    init(_ agents: [String: String]) throws {
        folder = try TemporaryFolder("stand-in")
        for (name, text) in agents {
            let path = folder.path + "/" + name
            try writeProgram(
                path,
                """
                #!/bin/sh
                echo "$*" >> "$STAND_IN/\(name).calls"
                cat > "$STAND_IN/\(name).prompt"
                \(text)

                """)
        }
    }

    /// The environment for `czar` in which the stand-ins are found.
    var environment: [String: String] {
        [
            "PATH": folder.path + ":" + (hermeticEnvironment["PATH"] ?? ""), "STAND_IN": folder.path,
            "XDG_STATE_HOME": folder.path + "/state",
        ]
    }

    /// The arguments of every start.
    func calls(_ name: String) -> [String] {
        guard let text = FileManager.default.contents(atPath: folder.path + "/\(name).calls") else { return [] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func prompt(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: folder.path + "/\(name).prompt") ?? Data(), as: UTF8.self)
    }

    /// What the real program printed.
    static func recorded(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/agents/\(name)").path
    }
}
