import OrderedCollections

/// The tasks a worker named in its events, in the order of their first mention.
package struct TaskLog: Hashable, Sendable {
    /// Task text → done.
    package private(set) var tasks: OrderedDictionary<String, Bool> = [:]

    package init() {}

    package var done: Int { tasks.values.count { $0 } }

    package mutating func take(_ type: EventType, fields: [String: String]) {
        guard let task = fields[Field.task], !task.isEmpty else { return }
        switch type {
        case .taskStart: tasks[task] = tasks[task] ?? false
        case .taskComplete: tasks[task] = true
        default: break
        }
    }

    /// The brief's checklist and the tasks of events as one list: a task of the same text is one task, done where either says so.
    package func merged(withChecklist checklist: [(text: String, done: Bool)]) -> [(text: String, done: Bool)] {
        var merged = OrderedDictionary<String, Bool>()
        for item in checklist { merged[item.text] = (merged[item.text] ?? false) || item.done }
        for (text, done) in tasks { merged[text] = (merged[text] ?? false) || done }
        return merged.map { (text: $0.key, done: $0.value) }
    }
}
