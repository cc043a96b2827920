import Testing

@testable import CzarPlanning

@Suite struct MetricsReportTests {
    private let fixture = ReportFixture()

    @Test func timesAddUpToTheWholeStretchForEveryWorker() {
        let inputs = fixture.inputs()
        let whole = inputs.now.milliseconds - ReportFixture.start.milliseconds
        for worker in inputs.metrics.workers {
            let times = worker.times
            let complete = inputs.chronicle.milliseconds(of: worker.id, in: [.complete, .failed])
            #expect(times.waiting + times.active + times.blocked + times.paused + complete == whole, "\(worker.id)")
            #expect(times.active == worker.status.record.activeMilliseconds(at: inputs.now), "\(worker.id)")
        }
    }

    @Test func theTotalsAreSumsAndSharesOfWhatIsKnown() {
        let totals = fixture.inputs().metrics.totals
        #expect(totals.lines == GitFigures.LineCounts(inserted: 940, deleted: 23))
        #expect(totals.testsAdded == 4 && totals.ownCommits == 8 && totals.complete == 1 && totals.integrated == 1)
        #expect(totals.tokens == 1_570_000 && totals.budgetPercent == 27)
        #expect(totals.elapsed == fixture.journal.now.milliseconds - ReportFixture.start.milliseconds)
    }

    @Test func aHistoryOfEveryWorkerIsInTheSamples() {
        let samples = fixture.inputs().metrics.samples
        #expect(samples.map(\.ownCommits) == [2, 3, 5])
        #expect(samples.map(\.worker) == ["foundation", "foundation", "patterns"])
    }

    @Test func aMomentThatHasPassedKnowsNothingOfWhatCameAfter() throws {
        let moment = ReportFixture.start.advanced(by: .seconds(3 * 86_400))
        let inputs = fixture.inputs(at: moment)
        #expect(inputs.metrics.samples.count == 1 && inputs.metrics.totals.tokens == 400_000)
        #expect(inputs.status.workers.first { $0.definition.id == "foundation" }?.record.state == .active)
        // Entries that come later change no byte of what is said of before.
        var later = fixture
        later.journal.write("workflows", .checkpoint, [Field.tokens: "1"])
        for kind in ReportKind.allCases {
            #expect(later.inputs(at: moment).json(kind).text == inputs.json(kind).text, "\(kind)")
            #expect(later.inputs(at: moment).document(kind).html == inputs.document(kind).html, "\(kind)")
        }
    }

    @Test func theTimesOfAClosedPhaseStandStill() {
        var fixture = fixture
        fixture.journal.write(nil, .phaseClosed, [Field.path: "phases", Field.from: "1"])
        let closed = fixture.journal.now.advanced(by: .seconds(-1))
        func figures(_ days: Int) -> [Int64?] {
            let inputs = fixture.inputs(at: closed.advanced(by: .seconds(days * 86_400)))
            let totals = inputs.metrics.totals
            return [totals.elapsed, totals.times.active, totals.times.blocked, totals.times.waiting]
        }
        #expect(figures(0) == figures(30))
        #expect(fixture.inputs(at: closed.advanced(by: .seconds(86_400))).document(.closeout).markdown.contains("beginning to the closing"))
        // Closed once more, because more had landed: the phase ended when it was closed first.
        fixture.wait(days: 3)
        fixture.journal.write(nil, .phaseClosed, [Field.path: "phases", Field.from: "1"])
        #expect(fixture.inputs().chronicle.closed == closed && figures(10) == figures(0))
    }

    @Test func aClockThatWasSetBackMakesNoNegativeTime() {
        var fixture = fixture
        fixture.journal.now = ReportFixture.start
        fixture.journal.move("testing", StateMove(to: .active))
        for spans in fixture.inputs(at: Timestamp("2026-02-01T00:00:00Z")).chronicle.spans.values {
            #expect(spans.allSatisfy { $0.from <= $0.to })
            #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.to == $1.from }, "no gaps")
        }
    }

    @Test func whatAgentsSayThatTheyCostIsInEveryFormAndWhatTheyDoNotSayIsNotInvented() throws {
        #expect(!fixture.inputs().metrics.json().text.contains("cost_usd"))
        #expect(!fixture.inputs().document(.metrics).markdown.contains("Cost"))
        #expect(!fixture.inputs().metrics.exposition(.prometheus).contains("usd"))
        var fixture = fixture
        // Two attempts of 0.1 and 0.2 dollars: the sum is 0.3, not 0.30000000000000004.
        for (attempt, cost) in [("1", "0.1"), ("2", "0.2")] {
            fixture.journal.write("foundation", .usage, [Field.attempt: attempt, Field.tokensTotal: "10", Field.cost: cost])
        }
        let inputs = fixture.inputs()
        #expect(inputs.metrics.totals.cost == 0.3 && inputs.metrics.totals.withoutCost == 1)
        #expect(inputs.metrics.json().text.contains("\"budget_percent\":7,\"cost_usd\":0.3,"))
        let rows = inputs.metrics.csv.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let column = try #require(rows[0].firstIndex(of: "cost_usd"))
        #expect(rows.dropFirst().map { String($0[column]) } == ["0.3", "", "", "", ""])
        for form in [MetricsReport.Exposition.prometheus, .openMetrics] {
            let text = inputs.metrics.exposition(form)
            #expect(text.contains("czar_worker_cost_usd_total{worker=\"foundation\",phase=\"1\"} 0.3\n"))
            #expect(text.contains("czar_cost_usd_total{phase=\"1\"} 0.3\n"))
        }
        for kind in [ReportKind.metrics, .status, .weekly, .closeout] {
            let document = inputs.document(kind)
            #expect(document.markdown.contains("$0.30, as the agents say; of 1 worker it is not known"), "\(kind)")
            #expect(document.html.contains("$0.30"), "\(kind)")
        }
        #expect(inputs.json(.standup).text.contains("\"cost_usd\":0.3"))
    }

    @Test func everyFormHasTheFiguresOfFilesAndTimes() {
        let inputs = fixture.inputs()
        let text = inputs.document(.metrics).markdown
        #expect(text.contains("| Worker | Started | Ended | Last commit | Not committed | Test files |"))
        #expect(text.contains("| **foundation** | 2026-01-05 08:00 | 2026-01-09 08:0"), "\(text)")
        #expect(text.contains("- Test files: 3\n") && text.contains("- Files not committed: 0\n"))
        let exposition = inputs.metrics.exposition(.prometheus)
        for sample in [
            "czar_worker_test_files{worker=\"foundation\",phase=\"1\"} 1", "czar_files{phase=\"1\",change=\"created\"} 8",
            "czar_test_files{phase=\"1\"} 3", "czar_dirty_files{phase=\"1\"} 0",
            "czar_worker_started_timestamp_seconds{worker=\"foundation\",phase=\"1\"} 1767600",
        ] { #expect(exposition.contains("\n\(sample)"), "\(sample)") }
    }

    @Test func amountsReadAsMoney() {
        #expect([0, 0.004, 0.005, 1.5, 1234.5].map(Figures.dollars) == ["$0.00", "under $0.01", "$0.01", "$1.50", "$1,234.50"])
    }

    @Test func csvHasARowAWorkerAndQuotesWhatItMust() {
        let lines = fixture.inputs().metrics.csv.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 7 && lines.last == "")
        let columns = lines[0].split(separator: ",", omittingEmptySubsequences: false)
        for line in lines.dropLast() { #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == columns.count) }
        let row = Dictionary(zip(columns, lines[1].split(separator: ",", omittingEmptySubsequences: false))) { $1 }
        #expect(row["budget_percent"] == "95" && columns.suffix(2) == ["budget_percent", "last_commit_at"])
        #expect(row["worker"] == "foundation" && row["own_commits"] == "3" && row["tests_added"] == "4" && row["tokens"] == "1150000")
    }
}
