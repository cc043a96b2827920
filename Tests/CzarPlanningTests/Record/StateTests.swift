import CzarPlanning
import Testing

@Suite struct StateTests {
    @Test func theTableIsTheSpecificationsTable() {
        let expected: [WorkerState: String] = [
            .pending: "blocked failed paused ready", .ready: "blocked failed paused pending starting", .starting: "active failed ready",
            .active: "blocked complete failed paused", .blocked: "active failed paused pending ready",
            .paused: "active blocked failed pending ready", .failed: "pending", .complete: "active",
        ]
        for state in WorkerState.allCases {
            let reachable = WorkerState.allCases.filter { state.canMove(to: $0) }.map(\.rawValue).sorted().joined(separator: " ")
            #expect(reachable == expected[state], "\(state)")
        }
    }

    @Test func tokensOfAnAttemptAreTheLargerOfSumAndTotal() {
        var journal = TestJournal()
        journal.start("a")
        journal.write("a", .checkpoint, [Field.tokens: "100"])
        journal.write("a", .taskComplete, [Field.tokens: "50", Field.task: "x"])
        #expect(journal["a"].tokens.used == 150)
        journal.write("a", .checkpoint, [Field.tokensTotal: "120"])
        #expect(journal["a"].tokens.used == 150)
        journal.write("a", .workerComplete, [Field.tokens: "400"])
        #expect(journal["a"].tokens.used == 400)
        journal.end("a", exit: 1)
        journal.move("a", StateMove(to: .failed, causes: [.exit]))
        journal.move("a", StateMove(to: .pending))
        journal.start("a")
        journal.write("a", .checkpoint, [Field.tokens: "10"])
        #expect(journal["a"].tokens.used == 410)
        journal.write("a", .usage, [Field.tokens: "7"])
        #expect(journal["a"].tokens.used == 407)
        #expect(journal["a"].tokens.source == .measured)
    }

    @Test(arguments: ["-5", "x", "", "1e9", "99999999999999999999"]) func aFigureThatIsNoCountIsPassedOver(text: String) {
        var journal = TestJournal()
        journal.write("a", .checkpoint, [Field.tokens: text])
        #expect(journal["a"].tokens.used == nil)
    }

    @Test func blockedAndUnblockedMoveTheStateInTheSameTransaction() {
        var journal = TestJournal()
        journal.start("a")
        let event = Event(time: journal.now, phase: .first, worker: "a", type: .blocked, fields: [Field.reason: "no key"], actor: "cli")
        let follow = Reaction.follow(event, record: journal["a"], isPerson: false)
        journal.add(event)
        follow.forEach { journal.add($0) }
        #expect(journal["a"].state == .blocked)
        #expect(journal["a"].reason == "no key")
        let back = Event(time: journal.now, phase: .first, worker: "a", type: .unblocked, actor: "cli")
        Reaction.follow(back, record: journal["a"], isPerson: false).forEach { journal.add($0) }
        #expect(journal["a"].state == .active)
        #expect(journal["a"].causes.isEmpty)
    }

    @Test func aReopenedWorkerNeedsANewDeclaration() {
        var journal = TestJournal()
        journal.start("a")
        journal.write("a", .workerComplete)
        journal.end("a", exit: 0)
        journal.move("a", StateMove(to: .complete), fields: [Field.tip: "abc"])
        #expect(journal["a"].completedTip?.rawValue == "abc")
        journal.move("a", StateMove(to: .active), person: true)
        #expect(journal["a"].declaration == nil && journal["a"].completedTip == nil && journal["a"].person)
    }

    @Test func aTipThatTheJournalKnewAndThatIsSeenLateIsNoProgress() {
        var journal = TestJournal()
        journal.start("a")
        let made = journal.now
        journal.write("a", .committed, [Field.commit: "abc", Field.subject: "work"])
        journal.write("a", .tipMoved, [Field.to: "abc", Field.subject: "work"])
        #expect(journal["a"].lastProgress == .init(time: made, kind: .commit, text: "work"))
        #expect(journal["a"].tip?.rawValue == "abc")
        journal.move("a", StateMove(to: .complete), fields: [Field.tip: "def"])
        journal.write("a", .tipMoved, [Field.to: "def", Field.subject: "proven"])
        #expect(journal["a"].lastProgress?.time == made)
        let later = journal.now
        journal.write("a", .tipMoved, [Field.to: "123", Field.subject: "more"])
        #expect(journal["a"].lastProgress == .init(time: later, kind: .commit, text: "more"))
    }

    @Test func activeTimeCountsOnlyActiveStretches() {
        var journal = TestJournal()
        journal.start("a")
        journal.now = journal.now.advanced(by: .seconds(99))
        journal.move("a", StateMove(to: .paused, causes: [.operator]))
        journal.now = journal.now.advanced(by: .seconds(1000))
        journal.move("a", StateMove(to: .active))
        let now = journal.now.advanced(by: .seconds(9))
        #expect(journal["a"].activeMilliseconds(at: now) == 110_000)
    }

    @Test func foldingIsTheSameInOnePieceAndInSteps() {
        var journal = TestJournal()
        journal.write(nil, .planAccepted, [Field.plan: "{}", Field.base: "main"])
        journal.start("a")
        journal.write("a", .checkpoint, [Field.name: "parser"])
        #expect(ProjectState(journal.entries) == journal.state)
        #expect(journal.state.plans[.first]?.base == "main")
        #expect(journal["a"].lastProgress?.text == "CHECKPOINT: parser")
    }

    @Test func whatIsMeasuredIsATotalOfItsAttemptAndWins() {
        var journal = TestJournal()
        journal.start("a")
        journal.write("a", .checkpoint, [Field.tokens: "9000"])
        for total in ["100", "250"] {
            journal.write(
                "a", .usage, [Field.attempt: "1", Field.tokensTotal: total, Field.cost: "0.5", Field.session: "s", Field.tokensCached: "7"])
        }
        #expect(journal["a"].tokens.used == 250 && journal["a"].tokens.source == .measured)
        #expect(journal["a"].tokens.cost == 0.5 && journal["a"].tokens.cached == 7)
        journal.end("a", exit: 1)
        journal.move("a", StateMove(to: .failed, causes: [.exit]))
        journal.move("a", StateMove(to: .pending))
        journal.start("a")
        journal.write("a", .usage, [Field.attempt: "2", Field.tokensTotal: "50", Field.cost: "0.25", Field.session: "s"])
        #expect(journal["a"].tokens.used == 300 && journal["a"].tokens.cost == 0.75)
        #expect(journal["a"].tokens.measured(before: 2, inSession: "s").tokens == 250)
        #expect(journal["a"].tokens.measured(before: 2, inSession: "other").tokens == 0)
    }

    @Test func aSessionIsForgottenWithItsWorktreeAndWhenItCouldNotBeOpened() {
        var journal = TestJournal()
        journal.write("a", .agentSession, [Field.agent: "claude", Field.session: "s", Field.attempt: "1"])
        #expect(journal["a"].session?.id == "s" && journal["a"].session?.agent == "claude" && journal["a"].session?.attempt == 1)
        journal.write("a", .agentSession, [Field.agent: "claude", Field.attempt: "2", Field.reason: "gone"])
        #expect(journal["a"].session == nil)
        journal.write("a", .agentSession, [Field.agent: "claude", Field.session: "t"])
        journal.write("a", .worktreeRemoved)
        #expect(journal["a"].session == nil)
    }
}
