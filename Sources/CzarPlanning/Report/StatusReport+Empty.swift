extension StatusReport {
    /// `czar.status/1` of a repository that has no plan yet: `plan` is false, everything is counted as nothing, and what would have to be
    /// known from a plan is null.
    package static func jsonWithoutPlan(repository: String, now: Timestamp) -> JSONValue {
        var totals = JSONObject()
        totals.set("progress", .number(0))
        totals.set("workers", 0)
        for state in WorkerState.allCases { totals.set(state.rawValue, 0) }
        totals.set("tokens", 0)
        var daemon = JSONObject()
        daemon.set("running", false)
        var object = JSONObject()
        object.set("schema", "czar.status/1")
        object.set("generated_at", now.description)
        object.set("repository", repository)
        object.set("plan", false)
        object.setOrNull("base", nil)
        object.setOrNull("target", nil)
        object.set("daemon", daemon.value)
        object.set("attention", .array([]))
        object.set("totals", totals.value)
        object.set("workers", .array([]))
        return object.value
    }
}
