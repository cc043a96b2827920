import OrderedCollections

extension Plan {
    /// Exactly what the plan makes a machine execute, one line an item, for asking, showing and comparing; empty for a plan that
    /// starts only built-in agents as they are.
    ///
    /// `autonomy: full` is in it, because it switches an agent's own safety off. The order of workers in the file is not.
    public var executableContent: String { executableItems.map { $0.line + "\n" }.joined() }

    /// The lines of ``executableContent``, each with whose it is: `worker api`.
    package var executableItems: [(owner: String, line: String)] {
        var items: [(owner: String, line: String)] = []
        for (name, agent) in agents.sorted(by: { $0.key < $1.key }) {
            let title = "agent \(JSONText.quoted(name))"
            func add(_ what: String) { items.append((title, "\(title) \(what)")) }
            for (key, command) in [("command", agent.command), ("resume", agent.resume), ("take_over", agent.takeOver)] {
                if let command { add("\(key) \(JSONValue.strings(command).text)") }
            }
            if agent.autonomy == .full { add("autonomy full") }
            for (variable, value) in agent.environment.sorted(by: { $0.key < $1.key }) {
                add("environment \(JSONText.quoted(variable)) \(JSONText.quoted(value))")
            }
        }
        for worker in workers.values.sorted(by: { $0.id < $1.id }) {
            func add(_ what: String) { items.append(("worker \(worker.id)", "worker \(worker.id) \(what)")) }
            switch worker.work {
            case .command(let command): add("command \(JSONValue.strings(command).text)")
            case .script(let script): add("script \(JSONText.quoted(script))")
            case .agent, .person: break
            }
            if let setup = worker.setup { add("setup \(JSONValue.strings(setup.run).text)") }
        }
        if let command = notifications?.command { items.append(("notify", "notify command \(JSONValue.strings(command).text)")) }
        return items
    }
}
