import CzarPlanning
import Testing

/// Blocked and paused hold a set of causes; what is not taken away stays.
@Suite struct HoldsTests {
    private func active() -> TestJournal {
        var journal = TestJournal()
        journal.start("a")
        return journal
    }

    private func pause(_ journal: inout TestJournal, by cause: Cause = .operator, ends: Bool = false) {
        let event = Event(time: journal.now, phase: .first, worker: "a", type: .stateChanged, actor: "test")
        for entry in event.paused(journal["a"], by: cause, reason: "held by \(cause)", ends: ends) { journal.add(entry) }
    }

    private func resume(_ journal: inout TestJournal, from causes: Set<Cause> = Cause.pausing) {
        let event = Event(time: journal.now, phase: .first, worker: "a", type: .stateChanged, actor: "test")
        for entry in event.released(journal["a"], from: causes) { journal.add(entry) }
    }

    private func report(_ journal: inout TestJournal, _ type: EventType, _ fields: [String: String] = [:]) {
        let event = journal.write("a", type, fields)
        for entry in Reaction.follow(event, record: journal["a"], isPerson: false) { journal.add(entry) }
    }

    @Test func aResumedWorkerIsBlockedAgainByWhatBlockedItBefore() {
        var journal = active()
        report(&journal, .blocked, [Field.reason: "need key"])
        pause(&journal)
        #expect(journal["a"].state == .paused && journal["a"].causes == [.operator, .event])
        resume(&journal)
        #expect(journal["a"].state == .blocked && journal["a"].causes == [.event])
        #expect(journal["a"].reason == "need key")
        report(&journal, .unblocked)
        #expect(journal["a"].state == .active && journal["a"].causes.isEmpty)
    }

    @Test func aBlockThatIsReportedWhilePausedHoldsAfterwards() {
        var journal = active()
        pause(&journal)
        report(&journal, .blocked, [Field.reason: "need key"])
        #expect(journal["a"].state == .paused && journal["a"].causes == [.operator, .event])
        #expect(journal["a"].reason == "need key; held by operator")
        resume(&journal)
        #expect(journal["a"].state == .blocked && journal["a"].reason == "need key")
    }

    @Test func aBlockThatIsTakenBackWhilePausedLeavesThePause() {
        var journal = active()
        report(&journal, .blocked, [Field.reason: "need key"])
        pause(&journal)
        report(&journal, .unblocked)
        #expect(journal["a"].state == .paused && journal["a"].causes == [.operator])
        #expect(journal["a"].reason == "held by operator")
        resume(&journal)
        #expect(journal["a"].state == .active)
    }

    @Test func aBlockThatIsReportedBeforeTheStartIsRecordedIsKept() {
        var journal = TestJournal()
        journal.move("a", StateMove(to: .ready))
        journal.move("a", StateMove(to: .starting), fields: [Field.attempt: "1", Field.process: "pid=1"])
        report(&journal, .blocked, [Field.reason: "need key"])
        #expect(journal["a"].state == .starting && journal["a"].causes == [.event])
        #expect(journal["a"].whyHeld(by: [.event]) == "need key")
        report(&journal, .unblocked)
        #expect(journal["a"].causes.isEmpty)
    }

    @Test func anInterruptionIsTakenAwayAndAnOperatorsHoldStays() {
        var journal = active()
        pause(&journal)
        pause(&journal, by: .interrupted, ends: true)
        journal.end("a", exit: 143)
        resume(&journal, from: [.interrupted])
        #expect(journal["a"].state == .paused && journal["a"].causes == [.operator])
        resume(&journal)
        // It was told to end, so that nobody judges it: the next attempt goes on.
        #expect(journal["a"].state == .pending)
    }

    @Test func anEndThatCameWhileHeldIsJudgedAndNotRunAgain() {
        let plan = makePlan(["a": []])
        for hold in [EventType.blocked, nil] {
            var journal = active()
            if let hold { report(&journal, hold, [Field.reason: "q"]) } else { pause(&journal) }
            if hold != nil { report(&journal, .workerComplete) }
            journal.end("a", exit: 0)
            #expect(journal["a"].hasEndToJudge)
            if hold == nil { resume(&journal) } else { report(&journal, .unblocked) }
            #expect(journal["a"].state == .active)
            let schedule = Scheduler(plan: plan, order: ["a"]).schedule(journal.state, facts: ScheduleFacts(now: journal.now))
            #expect(schedule.decisions == [.settle("a")])
            journal.move("a", StateMove(to: .failed, causes: [.unproven], reason: "no commit"))
            #expect(!journal["a"].hasEndToJudge)
        }
    }

    @Test func anEndAfterABlockWithoutADeclarationIsNotJudgedWhicheverHoldGoesLast() {
        for pauses in [false, true] {
            var journal = active()
            report(&journal, .blocked, [Field.reason: "q"])
            if pauses { pause(&journal) }
            journal.end("a", exit: 0)
            report(&journal, .unblocked)
            if pauses { resume(&journal) }
            #expect(journal["a"].state == .pending && journal["a"].attempts.retries == 0)
        }
    }

    @Test func aDependencyThatFailsDoesNotHoldAnAttemptThatHasEnded() {
        let plan = makePlan(["b": [], "a": ["b"]])
        var journal = active()
        report(&journal, .blocked, [Field.reason: "q"])
        report(&journal, .workerComplete)
        journal.end("a", exit: 0)
        journal.start("b")
        journal.end("b", exit: 1)
        journal.move("b", StateMove(to: .failed, causes: [.operator], reason: "no"))
        let schedule = Scheduler(plan: plan, order: ["b", "a"]).schedule(journal.state, facts: ScheduleFacts(now: journal.now))
        #expect(schedule.decisions.isEmpty)
        #expect(schedule.waiting["a"] == [Schedule.Waiting(why: "q")])
    }
}
