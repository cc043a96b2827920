extension StatusReport {
    /// The part of it that one phase's reports are about: a plan may hold workers whose own phase is another one. They count there, and in the
    /// table of `czar status`, which is of the plan.
    package func restricted(to phase: PhaseID, _ plan: Plan) -> StatusReport {
        var report = self
        report.phase = phase
        report.workers = workers.filter { $0.definition.phase == phase }
        let others = Set(workers.filter { $0.definition.phase != phase }.map(\.definition.id))
        report.attention = attention.filter { !others.contains($0.worker) }
        report.budgetTokens = Self.budget(of: plan.restricted(to: phase))
        return report
    }
}

extension Plan {
    /// Only the workers of one phase; they still name others where they did.
    package func restricted(to phase: PhaseID) -> Plan {
        var plan = self
        for worker in definitions where worker.phase != phase { plan.remove(worker.id) }
        return plan
    }
}
