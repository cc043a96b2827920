import Testing

@testable import CzarPlanning

@Suite struct ReportTests {
    private let fixture = ReportFixture()

    @Test func theSameInputsMakeTheSameBytesInEveryForm() {
        for kind in ReportKind.allCases {
            let (one, two) = (ReportFixture().inputs(), ReportFixture().inputs())
            #expect(one.json(kind).prettyText == two.json(kind).prettyText, "\(kind)")
            #expect(one.document(kind).markdown == two.document(kind).markdown, "\(kind)")
            #expect(one.document(kind).html == two.document(kind).html, "\(kind)")
        }
    }

    @Test func statusGroupsTheWorkersAndSaysWhatBlocksThem() {
        let text = fixture.inputs().document(.status).markdown
        #expect(text.contains("- Complete: 1 of 5 (20 %)"))
        #expect(text.contains("## Complete\n\n- **foundation**: 4d active; 1,150,000 of 1,200,000 tokens (95 %); 3 commits"))
        #expect(text.contains("- **patterns**: 1 of 2 tasks (50 %)"))
        #expect(text.contains("## Pending\n\n- **qa**: waits for **patterns** (active) and **testing** (blocked)"))
    }

    @Test func standupBeginsWithTheLastWorkingDay() throws {
        // A Monday: the last working day is Friday.
        let monday = try #require(Timestamp("2026-01-12T09:00:00Z"))
        #expect(StandupReport.lastWorkday(before: monday, .utc) == Timestamp("2026-01-09T00:00:00Z"))
        #expect(StandupReport.lastWorkday(before: monday, centralEurope) == Timestamp("2026-01-08T23:00:00Z"))
        let text = fixture.inputs(at: monday).document(.standup).markdown
        #expect(text.contains("# Standup of Monday, 12 January 2026"))
        #expect(text.contains("since 2026-01-09 00:00 UTC") && text.contains("## Completed\n\n- **foundation**"))
        let later = fixture.inputs(at: Timestamp("2026-01-14T09:00:00Z")).document(.standup).markdown
        #expect(later.contains("Nothing was completed since then."))
        let since = fixture.inputs(at: Timestamp("2026-01-14T09:00:00Z"), since: ReportFixture.start).document(.standup).markdown
        #expect(since.contains("## Completed\n\n- **foundation**"))
    }

    @Test func aWidePictureScrollsBeforeItsWordsAreTooSmall() {
        func least(_ width: Int) -> String? {
            var document = Document(title: "t", subtitle: "s")
            document.add("Pictures", .picture(Document.Picture(svg: "<svg/>", caption: "c", width: width)))
            return document.html.firstMatch(of: /min-width:\d+px;max-width:\d+px/).map { String($0.output) }
        }
        #expect(least(300) == "min-width:300px;max-width:300px")
        #expect(least(900) == "min-width:640px;max-width:900px")
        #expect(least(3000) == "min-width:2400px;max-width:3000px")
    }

    @Test func aMomentAfterItsBeginningAPlanIsNotBehindSchedule() {
        var fixture = fixture
        fixture.plan.project.deadline = nil
        fixture.journal = TestJournal()
        fixture.journal.now = ReportFixture.start
        fixture.journal.write(nil, .planAccepted, [Field.plan: fixture.plan.normalised, Field.base: "main"])
        let inputs = fixture.inputs(at: ReportFixture.start.advanced(by: .seconds(20)))
        #expect(Forecast(inputs).late == 0 && !inputs.risks.contains { $0.kind == .late })
        let line = Forecast(inputs).line(.utc).plain
        #expect(line.hasPrefix("on schedule: the end is expected about") && line.hasSuffix("(by planned durations), as planned"), "\(line)")
    }

    @Test func aDeadlineThatIsMissedBySecondsIsMissed() throws {
        var fixture = ReportFixture()
        fixture.plan = makePlan(["one": []]) { $0.project.deadline = ReportFixture.start.advanced(by: .seconds(600)) }
        fixture.journal = TestJournal()
        fixture.journal.now = ReportFixture.start
        fixture.journal.write(nil, .planAccepted, [Field.plan: fixture.plan.normalised, Field.base: "main"])
        fixture.journal.start("one")
        fixture.journal.now = ReportFixture.start.advanced(by: .seconds(620))
        fixture.complete("one")
        let inputs = fixture.inputs()
        let end = try #require(Forecast(inputs).end)
        let seconds = try #require(fixture.plan.project.deadline.map { Int64(end.seconds(since: $0)) })
        #expect((20..<60).contains(seconds) && Forecast(inputs).late == seconds * 1000)
        #expect(Forecast(inputs).json.prettyText.contains("\"late_seconds\": \(seconds)"))
        let criterion = Criterion.all(inputs).first { $0.name == "The work ended in time" }
        #expect(criterion?.verdict == .unmet && criterion?.detail.hasSuffix(", \(seconds)s late") == true)
        #expect(Forecast(inputs).line(.utc).plain.hasPrefix("late: ended"))
        // A date is all of its last second.
        fixture.plan.project.deadline = Timestamp(milliseconds: end.milliseconds / 1000 * 1000)
        #expect(Criterion.all(fixture.inputs()).first { $0.name == "The work ended in time" }?.verdict == .met)
    }

    @Test func nothingMoreIsExpectedOfAClosedPhase() {
        var fixture = fixture
        fixture.journal.write(nil, .phaseClosed, [:])
        func later(_ days: Int) -> ReportInputs { fixture.inputs(at: fixture.journal.now.advanced(by: .seconds(days * 86_400))) }
        let (soon, late) = (later(1), later(300))
        #expect(Forecast(soon).json.prettyText == Forecast(late).json.prettyText && Forecast(late).end == nil)
        #expect(Forecast(late).json.prettyText.contains("\"basis\": \"closed\""))
        #expect(soon.risks == late.risks && !late.risks.contains { [.late, .stuck, .staleBase].contains($0.kind) }, "\(late.risks)")
        #expect(late.document(.weekly).markdown.contains("- Week of the phase: 1 of 3, by the deadline"))
        #expect(Criterion.all(late).first { $0.name == "The work ended in time" }?.detail.hasSuffix("closed before it ended") == true)
    }

    @Test func aWorkerBeyondItsPlannedDurationIsARiskAndNotOnSchedule() {
        var fixture = ReportFixture()
        fixture.journal.move("testing", StateMove(to: .active))
        fixture.plan.replace(planned: .seconds(6 * 86_400), of: "workflows")
        #expect(Forecast(fixture.inputs()).overrun.isEmpty && !fixture.inputs().risks.contains { $0.kind == .overPlanned })
        fixture.plan.replace(planned: .seconds(3600), of: "patterns")
        let inputs = fixture.inputs()
        #expect(inputs.risks.filter { $0.kind == .overPlanned }.map(\.text) == ["active for 1d, planned 1h"])
        let line = Forecast(inputs).line(.utc).plain
        #expect(line.hasPrefix("not known, because patterns takes longer than planned: the end is expected at "), "\(line)")
        #expect(line.contains(" at the earliest (by planned durations)"))
        let weekly = inputs.document(.weekly).markdown
        #expect(weekly.contains("1d active of 1h planned") && weekly.contains("- **foundation**: 4d active of 3d planned"))
        #expect(Forecast(inputs).json.prettyText.contains("\"overrun\": [\"patterns\"]") || Forecast(inputs).overrun == ["patterns"])
    }

    @Test func aLongNameIsBrokenInItsColumnAndDoesNotPushTheOthersOut() {
        #expect(fixture.inputs().document(.closeout).html.contains("td:first-child{white-space:normal;overflow-wrap:anywhere;"))
    }

    @Test func weeklyNamesWhatIsDoneWhatIsNextAndEveryRisk() {
        let inputs = fixture.inputs()
        let text = inputs.document(.weekly).markdown
        #expect(text.contains("## Completed this week\n\n- **foundation**"))
        #expect(text.contains("- Complete **patterns**.") && text.contains("- Get **testing** going again."))
        #expect(text.contains("- Week of the phase: 1 of 3, by the deadline"))
        let kinds = Set(inputs.risks.map(\.kind))
        #expect(kinds.isSuperset(of: [.blocked, .staleBase, .stuck]), "\(kinds)")
        #expect(text.contains("- **patterns**: 7 commits behind main"))
    }

    @Test func theForecastFollowsPlannedDurationsThroughTheGraph() throws {
        // patterns has two of its three days left, testing too; qa needs three days after them.
        let inputs = fixture.inputs()
        let forecast = Forecast(inputs)
        let end = try #require(forecast.end)
        #expect(abs(end.seconds(since: inputs.now) - 5 * 86_400) < 3600)
        #expect(forecast.due == Timestamp("2026-01-20T23:59:59Z") && (forecast.late ?? 1) < 0)
        let late = Forecast(fixture.inputs(at: Timestamp("2026-01-19T00:00:00Z")))
        #expect((late.late ?? 0) > 0)
        #expect(late.line(.utc).plain.hasPrefix("behind schedule; testing does not go on without a person: once it does, the end is"))
    }

    @Test func nothingIsOnScheduleThatCannotEndOrWhoseLengthNobodyKnows() {
        // testing is blocked: what is planned is in time, and still the end is not in sight.
        let held = Forecast(fixture.inputs())
        #expect(held.held == ["testing"] && (held.late ?? 1) < 0)
        #expect(held.line(.utc).plain.hasPrefix("held up; testing does not go on without a person: once it does, the end is expected"))
        var fixture = fixture
        fixture.journal.move("testing", StateMove(to: .failed, causes: [], reason: "no"))
        #expect(Forecast(fixture.inputs()).held == ["testing"], "qa, which only waits for it, goes on by itself")
        // A worker without a planned duration: the planned ones still tell how soon it cannot be.
        var open = ReportFixture()
        open.journal.move("testing", StateMove(to: .active))
        open.plan.replace(planned: .seconds(6 * 86_400), of: "workflows")
        #expect(Forecast(open.inputs()).line(.utc).plain.hasPrefix("on schedule: "))
        open.plan.replace(planned: nil, of: "patterns")
        let rated = Forecast(open.inputs())
        #expect(rated.end != nil && !rated.isPlanned || rated.unplanned.isEmpty, "a worker was completed: there is a rate")
        var unrated = ReportFixture()
        unrated.journal = TestJournal()
        unrated.journal.now = ReportFixture.start
        unrated.plan.replace(planned: nil, of: "patterns")
        unrated.journal.write(nil, .planAccepted, [Field.plan: unrated.plan.normalised, Field.base: "main"])
        let unknown = Forecast(unrated.inputs(at: ReportFixture.start.advanced(by: .seconds(60))))
        #expect(unknown.unplanned == ["patterns"])
        #expect(
            unknown.line(.utc).plain.hasPrefix(
                "not known, because of patterns nothing tells how long it takes: the end is expected at "))
        // What is planned is late whatever the rate says.
        let late = Forecast(unrated.inputs(at: Timestamp("2026-01-19T00:00:00Z")))
        #expect((late.late ?? 0) > 0 && late.line(.utc).plain.hasPrefix("behind schedule: the end is expected at "))
    }

    @Test func everyLimitOfEveryBudgetIsJudged() {
        var fixture = fixture
        func kept() -> Criterion? { Criterion.all(fixture.inputs()).first { $0.name == "The budget was kept" } }
        #expect(kept()?.verdict == .met && kept()?.detail == "27 % of the token budget used")
        // Time is a budget too, of the plan and of a worker.
        fixture.plan.orchestration.budget.time = .seconds(86_400)
        #expect(kept()?.verdict == .unmet && kept()?.detail.contains("% of the time budget used") == true)
        fixture.plan.orchestration.budget.time = nil
        fixture.plan.replace(budget: Budget(tokens: 420_000, time: .seconds(3600)), of: "patterns")
        #expect(kept()?.verdict == .unmet && kept()?.detail.hasSuffix("over their own: patterns") == true)
        let texts = fixture.inputs().risks.filter { $0.worker == "patterns" && $0.kind == .overBudget }.map(\.text)
        #expect(texts.count == 2 && texts.first == "used 100 % of its token budget", "\(texts)")
        #expect(texts.last?.hasPrefix("used 2") == true && texts.last?.hasSuffix("% of its time budget") == true, "\(texts)")
        // Over budget is no reason not to say that it is stuck.
        fixture.wait(days: 1)
        #expect(fixture.inputs().risks.contains { $0.worker == "patterns" && $0.kind == .stuck })
        fixture.plan.replace(budget: Budget(tokens: 420_000), of: "patterns")
        #expect(kept()?.verdict == .met, "all of it is not more than all of it")
    }

    @Test func closeoutTellsWhatIsMetAndWhatRemains() {
        var fixture = fixture
        fixture.merges = [MergeProof(worker: "qa", source: "foundation", verdict: .missing)]
        let inputs = fixture.inputs()
        let criteria = Dictionary(Criterion.all(inputs).map { ($0.name, $0.verdict) }) { first, _ in first }
        #expect(criteria["Every worker was started"] == .unmet, "qa never started")
        #expect(criteria["Nobody started before what it depends on was complete"] == .met)
        #expect(criteria["Every required merge is proven"] == .unmet)
        #expect(criteria["The work ended in time"] == .open)
        #expect(criteria["The budget was kept"] == .met)
        let text = inputs.document(.closeout).markdown
        #expect(text.contains("- **qa**: does not provably contain 'foundation'"))
        #expect(text.contains("## Stranded work\n\nNone"))
    }

    @Test func aWorkerThatStartedTooEarlyIsFound() {
        var fixture = fixture
        fixture.create("qa")
        fixture.journal.start("qa")
        let criterion = Criterion.all(fixture.inputs()).first { $0.name.hasPrefix("Nobody started before") }
        #expect(criterion?.verdict == .unmet && criterion?.detail == "started early: qa")
    }

    @Test func whoWaitsForWhomIsJudgedByThePlanThatHeldThen() {
        func criterion(_ fixture: ReportFixture) -> Criterion? {
            Criterion.all(fixture.inputs()).first { $0.name.hasPrefix("Nobody started before") }
        }
        // A dependency that came into the plan after the start was never waited for, and did not have to be.
        var fixture = fixture
        fixture.plan = makePlan(["foundation": [], "workflows": ["qa"], "patterns": ["foundation"], "testing": ["foundation"], "qa": []])
        fixture.journal.write(nil, .planAccepted, [Field.plan: fixture.plan.normalised, Field.base: "main"])
        #expect(criterion(fixture)?.verdict == .met)
        #expect(criterion(fixture)?.detail == "2 dependencies of those who started, and each was waited for")
        // And one that was taken out since should have been.
        var early = ReportFixture()
        early.create("qa")
        early.journal.start("qa")
        early.plan = makePlan(["foundation": [], "workflows": [], "patterns": [], "testing": [], "qa": []])
        early.journal.write(nil, .planAccepted, [Field.plan: early.plan.normalised, Field.base: "main"])
        #expect(criterion(early)?.verdict == .unmet && criterion(early)?.detail == "started early: qa")
    }

    @Test func whatOthersWroteCanNeitherFormatNorRun() {
        for kind in [ReportKind.status, .weekly, .closeout] {
            let document = fixture.inputs().document(kind)
            #expect(!document.html.contains("<script") && !document.html.contains("<b>types"), "\(kind)")
            #expect(
                kind == .closeout || document.markdown.contains("`waits for <script>alert(1)</script> @user`"), "\(kind): in a code span")
        }
        #expect(!fixture.inputs().document(.weekly).markdown.replacingCode.contains("@user"), "nobody is mentioned")
        #expect(fixture.inputs().document(.closeout).markdown.contains("`` All <b>types</b> have tests | `really` ``"))
    }

    @Test func aBarInATableAndALineBreakAreShownAsWhatTheyAre() {
        var document = Document(title: "t", subtitle: "s")
        var table = DocumentTable([("a|b", false, 0)])
        table.rows.append([Line([.code("x|y")])])
        document.add("S", .table(table), .paragraph(Line([.code("x|y\nz")])), .paragraph("one\ntwo"))
        #expect(document.markdown.contains("| `x\\|y` |") && document.markdown.contains("`x|y\\nz`"))
        #expect(document.markdown.contains("one\\\\ntwo") && document.html.contains("<code>x|y\\nz</code>"))
        #expect(!document.markdown.contains("\u{FFFD}") && !document.html.contains("\u{FFFD}"))
    }

    @Test func wordsSayWhatIsThere() {
        var fixture = fixture
        fixture.plan.replace(budget: Budget(tokens: 100), of: "patterns")
        // Contained, and with nothing of its own: everywhere the same.
        fixture.figures["foundation"]?.ownCommits = 0
        let inputs = fixture.inputs()
        #expect(inputs.document(.weekly).markdown.contains("420,000 of 100 tokens (420,000 %)"))
        for kind in [ReportKind.status, .weekly, .metrics] {
            let text = inputs.document(kind).markdown
            #expect(text.contains("nothing to land") && !text.contains("merged into main"), "\(kind)")
        }
        #expect(ReportKind.allCases.allSatisfy { !inputs.document($0).markdown.contains("check passed") })
        let since = fixture.inputs(since: ReportFixture.start).document(.weekly).markdown
        #expect(since.contains("## Completed since then\n\n- **foundation**") && !since.contains("this week") && !since.contains("Week to"))
        fixture.plan = makePlan(["foundation": [], "workflows": []], worker: { $0.description = "one\n  two" })
        let graph = fixture.inputs().document(.closeout).markdown
        #expect(graph.contains("<br/>one two") && !graph.contains("\u{FFFD}"))
        fixture.figures["foundation"]?.files = nil
        #expect(fixture.inputs().document(.metrics).markdown.contains("1 branch of which it is not known what it adds"))
    }

    @Test func sharesAreRoundedAndOnlyAllIsAll() {
        #expect(
            [(2, 3), (1, 3), (199, 200), (1, 300), (0, 4), (4, 4)].map { ReportText.share($0, of: $1) } == [
                "2 of 3 (67 %)", "1 of 3 (33 %)", "199 of 200 (99 %)", "1 of 300 (1 %)", "0 of 4 (0 %)", "4 of 4 (100 %)",
            ])
    }

    @Test func aWeekOfManyWorkersIsSummedUpAndCutShort() {
        var fixture = fixture
        fixture.plan = manyWorkers(100..<400)
        fixture.journal = TestJournal()
        fixture.journal.now = ReportFixture.start
        fixture.journal.write(nil, .planAccepted, [Field.plan: fixture.plan.normalised, Field.base: "main"])
        for number in 100..<300 {
            let worker = WorkerID(rawValue: "w\(number)")!
            fixture.journal.start(worker)
            if number < 200 { fixture.complete(worker) }
        }
        let text = fixture.inputs().document(.weekly).markdown
        #expect(text.contains("100 workers were completed, 100 are at work, 0 are held, and 100 are still to start."))
        #expect(text.contains("- and 60 more: `czar report weekly --json` names all."))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("- **w") } == 81, "forty of each, and who needs a person")
    }

    @Test func aWorkerWithNothingToLandSaysSoWhereItIsCounted() {
        var fixture = fixture
        fixture.figures["workflows"]?.integration = .ancestor
        let inputs = fixture.inputs()
        #expect(inputs.metrics.totals.integrated == 2 && inputs.document(.metrics).markdown.contains("| nothing to land |"))
    }

    @Test func throughputIsToldFromTheFirstHour() {
        var fixture = ReportFixture()
        let early = fixture.inputs(at: ReportFixture.start.advanced(by: .seconds(3600))).document(.metrics).markdown
        #expect(early.contains("- Commits an hour: 8\n") && early.contains("- Workers completed an hour: 0\n"))
        let first = fixture.inputs(at: ReportFixture.start.advanced(by: .seconds(3000))).document(.metrics).markdown
        #expect(!first.contains(" an hour:"), "less than an hour tells nothing of an hour")
        fixture.wait(days: 1)
        let late = fixture.inputs().document(.metrics).markdown
        #expect(late.contains("- Commits a day: ") && late.contains("- Lines added or removed a day: "))
        let text = fixture.inputs().metrics.exposition(.prometheus)
        for name in ["czar_worker_commits{", "czar_workers_completed_per_day{", "czar_own_commits_per_day{", "czar_lines_per_day{"] {
            #expect(text.contains("\n\(name)"), "\(name)")
        }
    }

    @Test func aQuestionNeedsNoSecondPoint() {
        let line = Line("blocked: Which database shall I use?").trying("czar unblock a").plain
        #expect(line == "blocked: Which database shall I use? Try czar unblock a")
        #expect(Line("is failed").trying("czar retry a").plain == "is failed. Try czar retry a")
    }

    @Test func whatFailedIsNamedAndWhoOnlyWaitsForItIsNot() {
        var fixture = fixture
        fixture.journal.move("testing", StateMove(to: .failed, causes: [], reason: "no"))
        fixture.journal.move("qa", StateMove(to: .blocked, causes: [.dependencyFailed], reason: "'testing' failed"))
        #expect(fixture.inputs().document(.weekly).markdown.contains("cannot go on, because 'testing' failed"))
        fixture.journal.move("qa", StateMove(to: .pending))
        fixture.journal.move("qa", StateMove(to: .blocked, causes: [.dependencyFailed], reason: "'ui' is blocked: 'api' failed"))
        #expect(fixture.inputs().document(.weekly).markdown.contains("cannot go on, because it depends on 'ui', and 'api' failed"))
    }

    @Test func whoWaitsForWhatIsHeldIsNextToo() {
        let text = fixture.inputs().document(.weekly).markdown
        #expect(text.contains("- Then start **qa**: it waits for **patterns** (active) and **testing** (blocked)."), "\(text)")
    }

    @Test func whoIsAtWorkWithoutNewsSaysThatItIs() {
        var fixture = ReportFixture()
        fixture.journal = TestJournal()
        fixture.journal.now = ReportFixture.start
        fixture.figures = [:]
        fixture.journal.write(nil, .planAccepted, [Field.plan: fixture.plan.normalised, Field.base: "main"])
        fixture.journal.start("workflows")
        let text = fixture.inputs().document(.standup).markdown
        #expect(!text.split(separator: "\n").contains("- **workflows**") && text.contains("- **workflows**: "), "\(text)")
    }

    @Test func whatWasMergedBeforeTheCommitsThatAreCountedIsSaidToBe() {
        var fixture = fixture
        fixture.figures["foundation"]?.stranded = [CommitID(rawValue: String(repeating: "e", count: 40))]
        let inputs = fixture.inputs()
        #expect(inputs.document(.status).markdown.contains("merged into main before these commits"))
        #expect(inputs.document(.closeout).markdown.contains("| merged before these commits |"))
    }

    @Test func whatEndedAfterTheClosingIsNotTheTimeToTheClosing() {
        var fixture = fixture
        fixture.journal.write(nil, .phaseClosed, [:])
        #expect(fixture.inputs().document(.closeout).markdown.contains("- From the beginning to the closing: "))
        fixture.wait(days: 1)
        fixture.journal.move("patterns", StateMove(to: .failed, causes: [], reason: "no"))
        let text = fixture.inputs().document(.closeout).markdown
        #expect(text.contains("- From the beginning to the last work, after the closing: 6d"), "\(text)")
        #expect(text.contains("- Last work, after the closing: 2026-01-11"))
    }

    @Test func whoNeedsAPersonIsInTheDataToo() {
        for kind in [ReportKind.standup, .weekly] {
            let text = fixture.inputs().json(kind).prettyText
            #expect(text.contains("\"attention\": [\n") && text.contains("czar unblock testing"), "\(kind)")
        }
    }

    @Test func everyReportExplainsItsWords() {
        for kind in ReportKind.allCases {
            let text = fixture.inputs().document(kind).markdown
            #expect(text.contains("## What the words mean\n\n- **worker**: one piece of the work"), "\(kind)")
            #expect(text.contains("- **phase**: the workers of one plan"), "\(kind)")
            #expect(text.contains("**landed**") == (kind == .metrics || kind == .closeout), "\(kind)")
        }
    }

    @Test func whatRemainsNamesTheNextCommand() {
        var fixture = fixture
        fixture.figures["foundation"]?.integration = .no
        fixture.merges = ["qa", "patterns"].map { MergeProof(worker: $0, source: "foundation", verdict: .missing) }
        fixture.journal.write("patterns", .worktreeCreated, [Field.path: "/a b/patterns"])
        let text = fixture.inputs().document(.closeout).markdown
        #expect(text.contains("is complete and not on main. Try `git switch main && git merge feat/foundation`"))
        #expect(text.contains("does not provably contain 'foundation'. Try `git -C '/a b/patterns' merge feat/foundation`"))
        #expect(text.contains("does not provably contain 'foundation'. Try `czar create qa`"))
    }

    @Test func whatWasRevertedLandsByRevertingTheRevert() {
        var fixture = fixture
        fixture.figures["foundation"]?.integration = .reverted
        let revert = String(repeating: "c", count: 40)
        fixture.figures["foundation"]?.revert = CommitID(rawValue: revert)
        let inputs = fixture.inputs()
        let command = "`git switch main && git revert --no-edit \(revert)`"
        #expect(
            inputs.document(.weekly).markdown.contains("- Land **foundation** on `main` again: the revert has to be reverted (\(command)).")
        )
        let closeout = inputs.document(.closeout).markdown
        #expect(closeout.contains("landed on main and was reverted: the revert has to be reverted. Try \(command)"))
    }

    @Test func aBranchThatAWorkerOfThePlanGoesOnWithIsThatOnes() throws {
        let whole = fixture.inputs()
        func remains(isTaken: Bool) throws -> [String] {
            var status = whole.status
            let former = status.workers.filter { $0.definition.id == "patterns" }
            status.workers.removeAll { $0.definition.id == "patterns" }
            let next = try #require(status.workers.firstIndex { $0.definition.id == "qa" })
            if isTaken { status.workers[next].definition.branch = try #require(former.first).branch }
            let inputs = ReportInputs(
                plan: whole.plan, graph: whole.graph, chronicle: whole.chronicle, status: status, former: former,
                work: JointWork(ownCommits: 0), merges: [], zone: .utc)
            return inputs.remainingSentences.filter { $0.hasPrefix("patterns: ") }
        }
        #expect(try remains(isTaken: false).first?.contains("5 commits are not on main") == true)
        #expect(try remains(isTaken: true).allSatisfy { $0.contains("its command runs") })
    }

    @Test func aPageStandsOnItsOwn() {
        for kind in ReportKind.allCases {
            let page = fixture.inputs().document(kind).html
            #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script") && !page.contains(" src="))
            #expect(page.contains("prefers-color-scheme:dark") && page.contains("default-src 'none'"))
        }
        let pictures = fixture.inputs().document(.closeout).html.components(separatedBy: "<svg").count - 1
        #expect(pictures == 5, "Gantt, graph, commits, lines, tokens")
    }
}

extension String {
    /// Without what stands between back-quotes.
    fileprivate var replacingCode: String {
        components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined()
    }

    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let place = rest.firstRange(of: separator) {
            parts.append(rest[..<place.lowerBound])
            rest = rest[place.upperBound...]
        }
        return parts + [rest]
    }
}

extension Plan {
    mutating func replace(planned: Duration?, of id: WorkerID) {
        guard var worker = self[id] else { return }
        worker.plannedDuration = planned
        replace(worker)
    }

    mutating func replace(budget: Budget, of id: WorkerID) {
        guard var worker = self[id] else { return }
        worker.budget = budget
        replace(worker)
    }
}

func manyWorkers(_ numbers: Range<Int>) -> Plan {
    var plan = makePlan([:])
    for number in numbers {
        for worker in makePlan(["w\(number)": []]).definitions { plan.replace(worker) }
    }
    return plan
}
