import CzarGit
import CzarKit
import CzarPlanning

/// What `czar start --dry-run` shows of one worker.
struct StartPreview {
    let worker: WorkerDefinition
    let preview: WorkerStarter.Preview

    var answer: EachWorker.Answer { EachWorker.Answer(text: lines.joined(separator: "\n"), fields: fields) }

    private var lines: [String] {
        var lines = ["\(worker.id)", "  in    \(DisplayText.safe(preview.folder))"]
        guard let command = preview.command else { return lines + ["  argv  none: a person works there"] }
        if let setup = preview.setup {
            lines.append("  setup \(DisplayText.safe(ShellText.line(setup.arguments)))   (first, at most \(Int(setup.timeout)) s)")
        }
        lines.append("  argv  \(DisplayText.safe(ShellText.line(command.arguments)))")
        switch command.input {
        case .file(let path): lines.append("  stdin \(path): \(Self.shown(command.environment["CZAR_PROMPT"] ?? "the prompt"))")
        case .nothing: lines.append("  stdin nothing")
        }
        if missingPorts > 0 {
            lines.append("  ports \(missingPorts) more are leased at the start, from CZAR_PORT_\(preview.ports.count) on")
        }
        return lines + own(command).map { "  env   \($0.key)=\(Self.shown($0.value))" }
    }

    private var fields: [(name: String, value: JSONValue?)] {
        guard let command = preview.command else { return [("folder", .string(preview.folder))] }
        var variables = JSONObject()
        for (name, value) in own(command) { variables.set(name, value) }
        let input: String? = if case .file(let path) = command.input { path } else { nil }
        return [
            ("folder", .string(preview.folder)), ("setup", preview.setup.map { .strings($0.arguments) }),
            ("argv", .strings(command.arguments)),
            ("stdin", input.map(JSONValue.string)), ("ports", worker.ports > 0 ? .integer(Int64(worker.ports)) : nil),
            ("env", variables.value),
        ]
    }

    private var missingPorts: Int { max(0, worker.ports - preview.ports.count) }

    /// What the command's environment has that this program's has not, or has otherwise.
    private func own(_ command: ResolvedCommand) -> [(key: String, value: String)] {
        let inherited = processEnvironment()
        return command.environment.filter { inherited[$0.key] != $0.value }.sorted { $0.key < $1.key }
    }

    /// A value on one line: a prompt is longer than a screen, and stands in its file.
    private static func shown(_ value: String) -> String {
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return DisplayText.safe(value) }
        return DisplayText.safe(String(lines[0])) + " … (\(Figures.plural(lines.count, "line")))"
    }
}
