/// What one line of an agent's JSON stream says to a reader.
package struct TranscriptPart: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The agent's own words.
        case text
        /// What it runs, or another tool that it uses.
        case command
        /// What came of that.
        case output
        /// What happened beside the conversation.
        case note
        case failure
    }

    package let kind: Kind
    /// One or more lines.
    package let text: String

    package init(_ kind: Kind, _ text: String) { (self.kind, self.text) = (kind, text) }
}

/// Turns agents' JSON streams into readable text: Claude Code's `stream-json` (and Cursor's and Gemini's, which are like it) and Codex's
/// JSON lines. Pure; a line is looked at by itself.
package enum AgentTranscript {
    /// What the line says; empty for a message that says nothing to a reader; nil for a line that is no agent's message.
    /// - Complexity: linear in the line.
    package static func parts(of line: String) -> [TranscriptPart]? {
        guard let message = AgentMessage(line), let type = message["type"]?.text else { return nil }
        switch type {
        case "system", "init": return system(message)
        case "assistant", "user": return ClaudeMessage.parts(message)
        case "message": return message["role"]?.text == "user" ? [] : text(message["content"])
        case "result": return result(message)
        case "tool_use", "tool_result": return ClaudeMessage.tool(message, type)
        case "error": return [TranscriptPart(.failure, message["message"]?.text ?? message["error"]?["message"]?.text ?? "an error")]
        case "stream_event", "rate_limit_event", "tool_call": return []
        default: return CodexMessage.parts(message, type)
        }
    }

    static func text(_ message: AgentMessage?) -> [TranscriptPart] {
        guard let text = message?.text, !text.isEmpty else { return [] }
        return [TranscriptPart(.text, text)]
    }

    private static func system(_ message: AgentMessage) -> [TranscriptPart] {
        switch message["subtype"]?.text {
        case "init", nil:
            let details = ["model", "permissionMode", "session_id"].compactMap { message[$0]?.text }
            return [TranscriptPart(.note, "session begins: " + details.joined(separator: ", "))]
        case "api_retry":
            let status = message["error_status"]?.text.map { " \($0)" } ?? ""
            let delay = message["retry_delay_ms"]?.text.flatMap { Double($0) }.map { ", again in \(seconds($0))" } ?? ""
            return [TranscriptPart(.failure, "the model's server answered with an error\(status)\(delay)")]
        default: return []
        }
    }

    private static func result(_ message: AgentMessage) -> [TranscriptPart] {
        let failed = message["is_error"]?.text == "true"
        var facts = [message["subtype"]?.text ?? message["status"]?.text ?? "done"]
        if let turns = message["num_turns"]?.text { facts.append(turns == "1" ? "1 turn" : "\(turns) turns") }
        if let duration = message["duration_ms"]?.text.flatMap({ Double($0) }) { facts.append(seconds(duration)) }
        facts += usage(message["usage"])
        if let cost = message["total_cost_usd"]?.text.flatMap({ Double($0) }) { facts.append(dollars(cost)) }
        let reason = failed ? message["result"]?.text.map { [TranscriptPart(.failure, $0)] } ?? [] : []
        return reason + [TranscriptPart(failed ? .failure : .note, "session ends: " + facts.joined(separator: ", "))]
    }

    static func usage(_ usage: AgentMessage?) -> [String] {
        guard let usage, let input = usage["input_tokens"]?.text, let output = usage["output_tokens"]?.text else { return [] }
        return ["\(input) tokens in", "\(output) out"]
    }

    /// To a tenth of a cent: one session may cost less than a cent.
    private static func dollars(_ cost: Double) -> String {
        guard cost > 0, cost < 10, (cost * 1000).rounded() >= 1 else {
            return cost > 0 && cost < 10 ? "under $0.001" : Figures.dollars(cost)
        }
        let mills = Int((cost * 1000).rounded())
        let digits = String(mills % 1000 + 1000).dropFirst()
        return "$\(mills / 1000)." + (digits.last == "0" ? digits.dropLast() : digits)
    }

    private static func seconds(_ milliseconds: Double) -> String {
        let tenths = Int((milliseconds / 100).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

/// Messages with a list of content blocks.
private enum ClaudeMessage {
    static func parts(_ message: AgentMessage) -> [TranscriptPart] {
        guard let content = message["message"]?["content"] ?? message["content"] else { return [] }
        if content.text != nil { return message["type"]?.text == "user" ? [] : AgentTranscript.text(content) }
        return content.elements.flatMap { block -> [TranscriptPart] in
            switch block["type"]?.text {
            case "text": message["type"]?.text == "user" ? [] : AgentTranscript.text(block["text"])
            case "tool_use": [TranscriptPart(.command, call(block["name"]?.text, block["input"]))]
            case "tool_result": output(block["content"], failed: block["is_error"]?.text == "true")
            default: []
            }
        }
    }

    /// Gemini's own lines for tools.
    static func tool(_ message: AgentMessage, _ type: String) -> [TranscriptPart] {
        if type == "tool_use" { return [TranscriptPart(.command, call(message["tool_name"]?.text, message["parameters"]))] }
        return output(message["output"], failed: message["status"]?.text == "error")
    }

    /// A shell command as it is, another tool with its most telling argument.
    private static func call(_ name: String?, _ input: AgentMessage?) -> String {
        let name = name ?? "tool"
        if let command = input?["command"]?.text { return "\(name): \(command)" }
        for key in ["file_path", "path", "pattern", "query", "url", "description", "prompt"] {
            if let value = input?[key]?.text { return "\(name): \(value)" }
        }
        return name
    }

    private static func output(_ content: AgentMessage?, failed: Bool) -> [TranscriptPart] {
        guard let content else { return [] }
        let text = content.text ?? content.elements.compactMap { $0["text"]?.text }.joined(separator: "\n")
        return text.isEmpty ? [] : [TranscriptPart(failed ? .failure : .output, text)]
    }
}

/// `codex exec --json`.
private enum CodexMessage {
    static func parts(_ message: AgentMessage, _ type: String) -> [TranscriptPart]? {
        switch type {
        case "thread.started": return [TranscriptPart(.note, "session begins: \(message["thread_id"]?.text ?? "")")]
        case "turn.started", "item.updated": return []
        case "item.started": return started(message["item"])
        case "item.completed": return completed(message["item"])
        case "turn.completed":
            return [TranscriptPart(.note, (["turn ends"] + AgentTranscript.usage(message["usage"])).joined(separator: ", "))]
        case "turn.failed": return [TranscriptPart(.failure, message["error"]?["message"]?.text ?? "the turn failed")]
        default: return nil
        }
    }

    private static func started(_ item: AgentMessage?) -> [TranscriptPart] {
        guard item?["type"]?.text == "command_execution", let command = item?["command"]?.text else { return [] }
        return [TranscriptPart(.command, command)]
    }

    private static func completed(_ item: AgentMessage?) -> [TranscriptPart] {
        switch item?["type"]?.text {
        case "agent_message": return AgentTranscript.text(item?["text"])
        case "error": return [TranscriptPart(.failure, item?["message"]?.text ?? "an error")]
        case "command_execution":
            let output = item?["aggregated_output"]?.text ?? ""
            let code = item?["exit_code"]?.text ?? "0"
            let shown = output.isEmpty ? [] : [TranscriptPart(.output, output)]
            return shown + (code == "0" || code == "null" ? [] : [TranscriptPart(.failure, "exit \(code)")])
        case "file_change":
            let changes = item?["changes"]?.elements.compactMap { $0["path"]?.text } ?? []
            return changes.isEmpty ? [] : [TranscriptPart(.command, "edit: " + changes.joined(separator: ", "))]
        default: return []
        }
    }
}

/// One JSON object, looked into by name.
struct AgentMessage {
    private let node: ConfigurationNode

    /// Nil for what is no JSON object.
    init?(_ line: String) {
        guard line.utf8.first == UInt8(ascii: "{") else { return nil }
        do throws(Problem) {
            var reader = JSONReader(try SourceText(file: PlanFile(name: "", bytes: Array(line.utf8), format: .json)))
            node = try reader.read()
        } catch {
            return nil
        }
        guard case .map = node.value else { return nil }
    }

    private init(_ node: ConfigurationNode) { self.node = node }

    subscript(_ name: String) -> AgentMessage? {
        guard case .map(let entries) = node.value else { return nil }
        return entries.first { $0.key == name }.map { AgentMessage($0.value) }
    }

    /// A string, or the text of a number or literal; nil for null, lists and objects.
    var text: String? {
        guard case .scalar(let text, _) = node.value, !node.isNull else { return nil }
        return text
    }

    var elements: [AgentMessage] {
        guard case .list(let nodes) = node.value else { return [] }
        return nodes.map { AgentMessage($0) }
    }
}
