import CzarPlanning
import Testing

/// When a wait is over: from the state and the scheduler's answer alone.
@Suite struct WaitJudgementTests {
    private let plan = makePlan(["a": [], "b": ["a"], "c": []]) { $0.orchestration.retry = Retry(limit: 1, backoff: .seconds(600)) }

    private func judge(
        _ goal: WaitGoal, _ journal: TestJournal, of ids: [WorkerID] = ["a", "b", "c"], daemon: Bool = true,
        _ configure: (inout WaitFacts) -> Void = { _ in }
    ) -> WaitJudgement {
        let order = Array(plan.ids)
        let schedule = Scheduler(plan: plan, order: order).schedule(journal.state, facts: ScheduleFacts(now: journal.now))
        var facts = WaitFacts(state: journal.state, schedule: schedule, hasDaemon: daemon)
        configure(&facts)
        return WaitJudgement(goal, of: ids.compactMap { plan[$0] }, plan: plan, order: order, facts: facts)
    }

    private func complete(_ worker: WorkerID, _ journal: inout TestJournal) {
        journal.start(worker)
        journal.end(worker, exit: 0)
        journal.move(worker, StateMove(to: .complete), fields: [Field.tip: "1"])
    }

    private func fail(_ worker: WorkerID, _ journal: inout TestJournal) {
        journal.start(worker)
        journal.end(worker, exit: 1)
        journal.move(worker, StateMove(to: .failed, causes: [.exit], reason: "its command ended with 1"))
    }

    @Test func allOfThemMustBeComplete() {
        var journal = TestJournal()
        complete("a", &journal)
        #expect(judge(.complete, journal).outcome == .open)
        #expect(judge(.complete, journal, of: ["a"]).outcome == .met)
        complete("b", &journal)
        complete("c", &journal)
        #expect(judge(.complete, journal).outcome == .met)
        #expect(judge(.integrated, journal).outcome == .open)
        #expect(judge(.integrated, journal) { $0.integrated = ["a", "b", "c"] }.outcome == .met)
    }

    @Test func aFailureIsFinalOnlyWhenNobodyRetriesIt() {
        var journal = TestJournal()
        fail("a", &journal)
        #expect(judge(.complete, journal).outcome == .open, "the daemon will retry it")
        #expect(judge(.complete, journal, daemon: false).outcome == .failed, "nobody is there to retry it")
        journal.move("a", StateMove(to: .pending, reason: "retry", automatic: true))
        fail("a", &journal)
        let judgement = judge(.complete, journal)
        #expect(judgement.outcome == .failed)
        #expect(judgement.workers.map(\.outcome) == [.failed, .failed, .open], "who waits for it is lost too")
        #expect(judgement.workers.map(\.why) == ["its command ended with 1", "'a' failed", nil])
        #expect(judge(.complete, journal, of: ["c"]).outcome == .open, "the others go on")
    }

    @Test func nobodyStartsThemOnceTheRunIsGone() {
        var journal = TestJournal()
        journal.start("a")
        #expect(judge(.complete, journal, daemon: false).outcome == .open, "somebody may be about to begin a run")
        let judgement = judge(.complete, journal, daemon: false) { $0.hasLostDaemon = true }
        #expect(judgement.outcome == .failed)
        #expect(judgement.workers.map(\.outcome) == [.open, .failed, .failed], "what runs goes on without it")
        #expect(judgement.workers[1].why == "'czar run' has ended, and nobody starts it")
        #expect(judge(.complete, journal, of: ["a"], daemon: false) { $0.hasLostDaemon = true }.outcome == .open)
        // One that the run itself held when it was stopped waits for the next run.
        journal.end("a", exit: 1)
        journal.move("a", StateMove(to: .paused, causes: [.interrupted], reason: "czar run was stopped"))
        let held = judge(.complete, journal, of: ["a"], daemon: false) { $0.hasLostDaemon = true }
        #expect(held.outcome == .failed && held.workers[0].why == "czar run was stopped")
        #expect(judge(.complete, journal, of: ["a"], daemon: false).outcome == .open)
    }

    @Test func idleIsWhenNothingRunsAndNothingWill() {
        var journal = TestJournal()
        #expect(judge(.idle, journal).outcome == .open, "a daemon is about to start them")
        #expect(judge(.idle, journal, daemon: false).outcome == .met, "nobody starts them")
        journal.start("a")
        #expect(judge(.idle, journal, of: ["b"]).outcome == .open, "it will follow")
        #expect(judge(.idle, journal, of: ["a"], daemon: false).outcome == .open)
        journal.move("a", StateMove(to: .paused, causes: [.operator], reason: "paused"))
        #expect(judge(.idle, journal, of: ["a", "b"]).outcome == .met, "it waits for one that is paused")
        #expect(judge(.idle, journal, of: ["c"]).outcome == .open)
    }

    @Test func aPersonAtWorkIsNoProcessThatCouldEnd() {
        var journal = TestJournal()
        journal.move("a", StateMove(to: .ready))
        journal.move("a", StateMove(to: .starting), person: true)
        journal.move("a", StateMove(to: .active), person: true)
        #expect(judge(.idle, journal, of: ["a"]).outcome == .met)
        #expect(judge(.complete, journal, of: ["a"]).outcome == .open)
        #expect(judge(.complete, journal, of: ["a"]).workers[0].why == "a person works there")
        journal.move("a", StateMove(to: .paused, causes: [.operator], reason: "paused by an operator"), person: true)
        #expect(judge(.complete, journal, of: ["a"]).workers[0].why == "paused by an operator", "it waits for nothing")
        journal.move("a", StateMove(to: .active), person: true)
        #expect(judge(.attention, journal, of: ["a"]).outcome == .open)
    }

    @Test func attentionIsAboutThoseThatWereAskedFor() {
        var journal = TestJournal()
        journal.start("c")
        let item = StatusReport.Attention(worker: "c", why: "blocked: no key", since: nil, commands: [])
        #expect(judge(.attention, journal).outcome == .open)
        let judgement = judge(.attention, journal) { $0.attention = [item] }
        #expect(judgement.outcome == .met)
        #expect(judgement.workers.last?.why == "blocked: no key")
        #expect(judge(.attention, journal, of: ["a"]) { $0.attention = [item] }.outcome == .open)
        #expect(judge(.attention, journal, of: ["a"], daemon: false) { $0.attention = [item] }.outcome == .failed, "nothing runs")
    }
}
