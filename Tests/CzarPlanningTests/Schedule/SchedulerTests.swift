import CzarPlanning
import OrderedCollections
import Testing

@Suite struct SchedulerTests {
    private func schedule(
        _ plan: Plan, _ journal: TestJournal, options: ScheduleOptions = ScheduleOptions(), facts: (inout ScheduleFacts) -> Void = { _ in }
    ) -> Schedule {
        var scheduleFacts = ScheduleFacts(now: journal.now)
        facts(&scheduleFacts)
        return Scheduler(plan: plan, order: Array(plan.workers.keys), options: options).schedule(journal.state, facts: scheduleFacts)
    }

    @Test func workersWithoutDependenciesStartAndTheOthersSayWhatTheyWaitFor() {
        let plan = makePlan(["a": [], "b": ["a"]])
        let schedule = schedule(plan, TestJournal())
        #expect(schedule.decisions == [.move("a", StateMove(to: .ready)), .start("a")])
        #expect(schedule.waiting["b"] == [Schedule.Waiting(worker: "a", why: "ready")])
    }

    @Test func noMoreThanMaxActiveStartAndPriorityGoesFirst() {
        let plan = makePlan(["a": [], "b": [], "c": []]) { plan in
            plan.orchestration.maxActive = 2
            plan.workers["c"]?.priority = 5
        }
        let starts = schedule(plan, TestJournal()).decisions.filter { if case .start = $0 { true } else { false } }
        #expect(starts == [.start("c"), .start("a")])
    }

    @Test func aLivingProcessOfABlockedWorkerStillTakesASlot() {
        let plan = makePlan(["a": [], "b": []]) { $0.orchestration.maxActive = 1 }
        var journal = TestJournal()
        journal.start("a")
        journal.move("a", StateMove(to: .blocked, causes: [.event], reason: "needs a key"))
        #expect(!schedule(plan, journal).decisions.contains(.start("b")))
        journal.end("a", exit: 1)
        #expect(schedule(plan, journal).decisions.contains(.start("b")))
    }

    @Test func aFailureBlocksEveryDependentAndARetryFreesThem() {
        let plan = makePlan(["a": [], "b": ["a"], "c": ["b"]])
        var journal = TestJournal()
        journal.start("a")
        journal.end("a", exit: 3)
        journal.move("a", StateMove(to: .failed, causes: [.exit], reason: "its command ended with 3"))
        let blocked = schedule(plan, journal)
        #expect(
            blocked.decisions == [
                .move("b", StateMove(to: .blocked, causes: [.dependencyFailed], reason: "'a' failed")),
                .move("c", StateMove(to: .blocked, causes: [.dependencyFailed], reason: "'b' is blocked: 'a' failed")),
            ])
        #expect(!blocked.canContinue)
        for case .move(let id, let move) in blocked.decisions { journal.move(id, move) }
        journal.move("a", StateMove(to: .pending))
        let freed = schedule(plan, journal).decisions
        #expect(freed.contains(.move("b", StateMove(to: .pending))))
        #expect(freed.contains(.move("c", StateMove(to: .pending))))
    }

    @Test func aFailureWithARetryLeftHoldsDependentsWithoutBlockingThem() {
        let plan = makePlan(["a": [], "b": ["a"]]) { $0.orchestration.retry = Retry(limit: 1, backoff: .seconds(60)) }
        var journal = TestJournal()
        journal.start("a")
        journal.end("a", exit: 3)
        journal.move("a", StateMove(to: .failed, causes: [.exit], reason: "its command ended with 3"))
        let waiting = schedule(plan, journal)
        #expect(waiting.decisions.isEmpty)
        #expect(waiting.canContinue)
        #expect(waiting.nextMoment == journal[("a")].stateSince?.advanced(by: .seconds(60)))
        journal.now = journal.now.advanced(by: .seconds(60))
        guard case .move("a", let move)? = schedule(plan, journal).decisions.first else { return #expect(Bool(false), "no retry") }
        #expect(move.to == .pending && move.automatic)
        journal.move("a", move)
        #expect(journal["a"].attempts.retries == 1)
    }

    @Test func whatAnOperatorFailedIsNotRetried() {
        let plan = makePlan(["a": []]) { $0.orchestration.retry = Retry(limit: 5, backoff: .zero) }
        var journal = TestJournal()
        journal.start("a")
        journal.end("a", exit: 0)
        journal.move("a", StateMove(to: .failed, causes: [.operator], reason: "no"))
        #expect(schedule(plan, journal).decisions.isEmpty)
    }

    @Test func theIntegratedGateWaitsForTheTarget() {
        let plan = makePlan(["a": [], "b": ["a"]]) { $0.orchestration.dependencyGate = .integrated }
        var journal = TestJournal()
        journal.start("a")
        journal.end("a", exit: 0)
        journal.move("a", StateMove(to: .complete), fields: [Field.tip: "1234"])
        #expect(schedule(plan, journal).waiting["b"] == [Schedule.Waiting(worker: "a", why: "complete, not integrated")])
        #expect(schedule(plan, journal) { $0.integrated = ["a"] }.decisions.contains(.start("b")))
    }

    @Test func approvalIsAskedOnceForEachAttempt() {
        let plan = makePlan(["a": []])
        var journal = TestJournal()
        let options = ScheduleOptions(asksApproval: true)
        #expect(!schedule(plan, journal, options: options).decisions.contains(.start("a")))
        journal.write("a", .approved)
        #expect(schedule(plan, journal, options: options).decisions.contains(.start("a")))
        journal.start("a")
        #expect(!journal["a"].approved)
    }

    @Test func aPersonAtWorkKeepsNoRunGoing() {
        let plan = makePlan(["a": [], "b": ["a"]]) { _ in
        } worker: {
            if $0.id == "a" { $0.work = .person }
        }
        var journal = TestJournal()
        journal.move("a", StateMove(to: .ready))
        journal.move("a", StateMove(to: .starting), person: true)
        journal.move("a", StateMove(to: .active), person: true)
        let schedule = schedule(plan, journal)
        #expect(!schedule.canContinue && schedule.decisions.isEmpty)
        #expect(schedule.waiting["a"]?.first?.why == "a person works there")
    }

    @Test func driftedWorkersAreHeld() {
        let plan = makePlan(["a": []])
        let schedule = schedule(plan, TestJournal()) { $0.drifted = ["a": "branch 'x' instead of 'feat/a'"] }
        #expect(!schedule.decisions.contains(.start("a")))
        #expect(schedule.waiting["a"]?.first?.why == "drifted: branch 'x' instead of 'feat/a'")
    }

    @Test func anEndedAttemptIsSettledAndABudgetIsReportedOnceALevel() {
        let plan = makePlan(["a": []], worker: { $0.budget = Budget(tokens: 100, onLimit: .pause) })
        var journal = TestJournal()
        journal.start("a")
        journal.write("a", .checkpoint, [Field.tokens: "85"])
        #expect(schedule(plan, journal).decisions == [.reachBudget("a", level: "tokens-80", hold: nil, reason: "85 of 100 tokens")])
        journal.write("a", .budgetReached, [Field.level: "tokens-80"])
        #expect(schedule(plan, journal).decisions.isEmpty)
        journal.write("a", .checkpoint, [Field.tokens: "15"])
        #expect(schedule(plan, journal).decisions == [.reachBudget("a", level: "tokens-100", hold: .pause, reason: "100 of 100 tokens")])
        journal.end("a", exit: 0)
        #expect(schedule(plan, journal).decisions.contains(.settle("a")))
    }

    /// A level is told once, and one that is starting could not be held for it.
    @Test func aBudgetIsLookedAtOnlyWhenTheCommandRuns() {
        let plan = makePlan(["a": []], worker: { $0.budget = Budget(tokens: 100, onLimit: .stop) })
        var journal = TestJournal()
        journal.move("a", StateMove(to: .ready))
        journal.move("a", StateMove(to: .starting))
        journal.write("a", .checkpoint, [Field.tokens: "150"])
        #expect(!schedule(plan, journal).decisions.contains { if case .reachBudget = $0 { true } else { false } })
        journal.move("a", StateMove(to: .active))
        let told = schedule(plan, journal).decisions
        #expect(told.contains(.reachBudget("a", level: "tokens-100", hold: .stop, reason: "150 of 100 tokens")), "\(told)")
    }

    @Test func thePlansBudgetHoldsNewStartsOnceItIsUsedUp() {
        let plan = makePlan(["a": [], "b": []]) { plan in
            plan.orchestration.maxActive = 1
            plan.orchestration.budget = Budget(tokens: 1000, onLimit: .stop)
        }
        var journal = TestJournal()
        journal.start("a")
        journal.write("a", .workerComplete, [Field.tokens: "1001"])
        #expect(
            schedule(plan, journal).decisions.first
                == .reachPlanBudget(level: "tokens-100 1000", hold: .stop, reason: "the plan has used 1001 of 1000 tokens"))
        journal.write(nil, .budgetReached, [Field.level: "tokens-100 1000"])
        journal.end("a", exit: 0)
        journal.move("a", StateMove(to: .complete), fields: [Field.tip: "1"])
        let held = schedule(plan, journal)
        #expect(!held.decisions.contains(.start("b")))
        #expect(held.waiting["b"]?.first?.why == "the plan's budget: 1001 of 1000 tokens")
    }

    @Test func aTimeBudgetIsReportedWhenItIsReachedAndTheMomentIsKnownBefore() {
        let plan = makePlan(["a": []], worker: { $0.budget = Budget(time: .seconds(100), onLimit: .pause) })
        var journal = TestJournal()
        journal.start("a")
        let start = journal["a"].stateSince!
        #expect(schedule(plan, journal).nextMoment == start.advanced(by: .seconds(80)))
        journal.now = start.advanced(by: .seconds(80))
        #expect(schedule(plan, journal).decisions == [.reachBudget("a", level: "time-80", hold: nil, reason: "1m20s of 1m40s")])
        journal.now = start.advanced(by: .seconds(100))
        journal.write("a", .budgetReached, [Field.level: "time-80"])
        guard case .reachBudget("a", level: "time-100", hold: .pause, reason: _)? = schedule(plan, journal).decisions.first else {
            return #expect(Bool(false), "the limit was not reported")
        }
    }

    @Test func workersOfAnotherPhaseWaitForTheirPhase() {
        let plan = makePlan(["a": []], worker: { $0.phase = PhaseID(rawValue: "2") })
        let schedule = schedule(plan, TestJournal())
        #expect(!schedule.decisions.contains(.start("a")))
        #expect(schedule.waiting["a"]?.first?.why == "phase 2; the plan is in phase 1")
    }

    @Test func silenceBecomesStuckOnceAndTheMomentIsKnownBefore() {
        let plan = makePlan(["a": []]) { $0.orchestration.stuckAfter = .seconds(600) }
        var journal = TestJournal()
        journal.start("a")
        let due = journal["a"].stateSince!.advanced(by: .seconds(600))
        #expect(schedule(plan, journal).nextMoment == due)
        journal.now = due
        #expect(schedule(plan, journal).decisions == [.markStuck("a", since: journal["a"].stateSince!)])
        #expect(schedule(plan, journal) { $0.activity = ["a": due] }.decisions.isEmpty)
        journal.write("a", .stuck)
        #expect(schedule(plan, journal).decisions.isEmpty)
        // Output ends the silence; the next one is said again.
        let output = due.advanced(by: .seconds(60))
        journal.now = output.advanced(by: .seconds(600))
        #expect(schedule(plan, journal) { $0.activity = ["a": output] }.decisions == [.markStuck("a", since: output)])
    }

    @Test func aRateLimitHoldsEveryWorkerOfTheAgentUntilItsEnd() {
        let plan = makePlan(["a": [], "b": [], "c": []]) { plan in
            plan.workers["a"]?.work = .agent("claude")
            plan.workers["b"]?.work = .agent("claude-code")
            plan.workers["c"]?.work = .agent("codex")
            plan.orchestration.maxActive = 2
        }
        var journal = TestJournal()
        journal.start("a")
        journal.end("a", exit: 1)
        let until = journal.now.advanced(by: .seconds(100))
        journal.write("a", .rateLimited, [Field.agent: "claude", Field.until: until.description])
        journal.move("a", StateMove(to: .blocked, causes: [.rateLimit], reason: "refused"), fields: [Field.ends: "true"])
        let held = schedule(plan, journal)
        #expect(held.decisions.contains(.start("c")) && !held.decisions.contains(.start("b")))
        #expect(held.waiting["b"]?.first?.why.contains("rate-limited until \(until)") == true)
        #expect(held.canContinue && held.nextMoment == until)
        let free = schedule(plan, journal) { $0.now = until }
        #expect(free.decisions.contains(.move("a", StateMove(to: .pending))) && free.decisions.contains(.start("b")))
        #expect(journal["a"].attempts.retries == 0)
    }

    @Test func aWorkerThatIsHeldForAnotherReasonTooStaysHeldWhenTheLimitEnds() {
        let plan = makePlan(["a": []]) { $0.workers["a"]?.work = .agent("claude") }
        var journal = TestJournal()
        journal.start("a")
        journal.end("a", exit: 1)
        journal.write("a", .rateLimited, [Field.agent: "claude", Field.until: journal.now.description])
        journal.move("a", StateMove(to: .blocked, causes: [.rateLimit, .event], reason: "refused"))
        #expect(schedule(plan, journal).decisions == [.changeCauses("a", [.event], reason: "refused")])
    }
}
