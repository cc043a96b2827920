import CzarPlanning

/// The plan that a phase's workers stand in: its own, else one of another phase that has some of it.
struct PhasePlan {
    let plan: Plan
    /// Whether it is the plan as it is now.
    let isCurrent: Bool
    /// As it was accepted; nil where it never was.
    let accepted: ProjectState.AcceptedPlan?

    /// `current`: the plan as it is now; nil for a moment that has passed. Nil where no plan has any of the phase.
    init?(of phase: PhaseID, _ current: Plan?, _ state: ProjectState) {
        func isMeant(_ plan: Plan) -> Bool { plan.definitions.contains { $0.phase == phase } }
        if let current, current.phase == phase {
            self.init(plan: current, isCurrent: true, accepted: state.plans[phase])
        } else if let accepted = state.plans[phase], let plan = Plan(normalised: accepted.text) {
            self.init(plan: plan, isCurrent: false, accepted: accepted)
        } else if let current, isMeant(current) {
            self.init(plan: current.holding(phase), isCurrent: true, accepted: state.plans[current.phase])
        } else {
            let earlier = state.plans.values.sorted { $0.sequence > $1.sequence }.lazy.compactMap { accepted in
                Plan(normalised: accepted.text).flatMap { isMeant($0) ? (plan: $0, accepted: accepted) : nil }
            }.first
            guard let earlier else { return nil }
            self.init(plan: earlier.plan.holding(phase), isCurrent: false, accepted: earlier.accepted)
        }
    }

    private init(plan: Plan, isCurrent: Bool, accepted: ProjectState.AcceptedPlan?) {
        (self.plan, self.isCurrent, self.accepted) = (plan, isCurrent, accepted)
    }
}

extension Plan {
    /// As the plan of a phase that some of its workers are of.
    fileprivate func holding(_ phase: PhaseID) -> Plan {
        var plan = self
        plan.project.phase = phase
        return plan
    }
}
