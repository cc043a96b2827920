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

    @Test func aClockThatWasSetBackMakesNoNegativeTime() {
        var fixture = fixture
        fixture.journal.now = ReportFixture.start
        fixture.journal.move("testing", StateMove(to: .active))
        for spans in fixture.inputs(at: Timestamp("2026-02-01T00:00:00Z")).chronicle.spans.values {
            #expect(spans.allSatisfy { $0.from <= $0.to })
            #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.to == $1.from }, "no gaps")
        }
    }

    @Test func csvHasARowAWorkerAndQuotesWhatItMust() {
        let lines = fixture.inputs().metrics.csv.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 7 && lines.last == "")
        let columns = lines[0].split(separator: ",", omittingEmptySubsequences: false)
        for line in lines.dropLast() { #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == columns.count) }
        let row = Dictionary(zip(columns, lines[1].split(separator: ",", omittingEmptySubsequences: false))) { $1 }
        #expect(row["worker"] == "foundation" && row["own_commits"] == "3" && row["tests_added"] == "4" && row["tokens"] == "1150000")
    }
}
