import OrderedCollections

extension Plan {
    /// Exactly what the plan makes a machine execute, one line an item, for asking, showing and comparing; empty for a plan that
    /// starts only built-in agents as they are.
    ///
    /// `autonomy: full` is in it, because it switches an agent's own safety off. The order of workers in the file is not.
    public var executableContent: String {
        var lines: [String] = []
        for (name, agent) in agents.sorted(by: { $0.key < $1.key }) {
            let title = "agent \(JSONText.quoted(name))"
            for (key, command) in [("command", agent.command), ("resume", agent.resume), ("take_over", agent.takeOver)] {
                if let command { lines.append("\(title) \(key) \(JSONValue.strings(command).text)") }
            }
            if agent.autonomy == .full { lines.append("\(title) autonomy full") }
            for (variable, value) in agent.environment.sorted(by: { $0.key < $1.key }) {
                lines.append("\(title) environment \(JSONText.quoted(variable)) \(JSONText.quoted(value))")
            }
        }
        for worker in workers.values.sorted(by: { $0.id < $1.id }) {
            switch worker.work {
            case .command(let command): lines.append("worker \(worker.id) command \(JSONValue.strings(command).text)")
            case .script(let script): lines.append("worker \(worker.id) script \(JSONText.quoted(script))")
            case .agent, .person: break
            }
            if let setup = worker.setup { lines.append("worker \(worker.id) setup \(JSONValue.strings(setup.run).text)") }
        }
        if let command = notifications?.command { lines.append("notify command \(JSONValue.strings(command).text)") }
        return lines.map { $0 + "\n" }.joined()
    }
}
