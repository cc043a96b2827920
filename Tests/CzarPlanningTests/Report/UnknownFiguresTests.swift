import Testing

@testable import CzarPlanning

/// What reports say of what they do not know, of a closed phase, and of work behind a failure.
@Suite struct UnknownFiguresTests {
    private let fixture = ReportFixture()

    /// What nothing tells is neither a yes nor a no, in any form.
    @Test func whatCannotBeFoundOutIsNotSaidToBeMissing() {
        var fixture = fixture
        fixture.figures["foundation"]?.integration = .no
        fixture.figures["foundation"]?.lacksIntegration = true
        fixture.figures["foundation"]?.total = nil
        fixture.figures["foundation"]?.ownCommits = nil
        let inputs = fixture.inputs()
        #expect(inputs.metrics.totals.integrated == 0 && inputs.metrics.totals.withoutIntegration == 1)
        let text = inputs.document(.metrics).markdown
        #expect(text.contains("0 of 5 (0 %); of 1 it could not be found out"), "\(text)")
        let row = inputs.metrics.csv.split(separator: "\n").first { $0.hasPrefix("foundation,") }
        #expect(row?.split(separator: ",", omittingEmptySubsequences: false)[5] == "")
        #expect(!inputs.metrics.exposition(.prometheus).contains("czar_worker_integrated{worker=\"foundation\""))
        #expect(inputs.document(.status).markdown.contains("whether it is on main could not be found out"))
        let criteria = Dictionary(Criterion.all(inputs).map { ($0.name, $0) }) { first, _ in first }
        #expect(
            criteria["All work is on main"]?.verdict == .unmet && criteria["All work is on main"]?.detail.contains("foundation") == true)
        #expect(criteria["No work is stranded"]?.verdict == .open)
        let closeout = inputs.document(.closeout).markdown
        #expect(closeout.contains("is complete; whether it is on main could not be found out"))
        #expect(closeout.contains("could not be found out, its history cannot be read"))
        #expect(!inputs.document(.weekly).markdown.contains("Land **foundation**"))
    }

    @Test func aClosedPhaseSaysSo() {
        var fixture = fixture
        fixture.journal.write(nil, .phaseClosed, [:])
        let inputs = fixture.inputs()
        let closed = Zone.utc.minute(fixture.journal.now)
        #expect(inputs.status.closedAt != nil)
        let weekly = inputs.document(.weekly).markdown
        #expect(weekly.contains("Nothing: the phase was closed \(closed)") && weekly.contains("with 4 workers not complete"), "\(weekly)")
        #expect(!weekly.contains("is expected"))
        #expect(inputs.document(.status).markdown.contains("Closed"))
        let drawn = ReportPictures(inputs).drawings
        fixture.wait(days: 10)
        #expect(ReportPictures(fixture.inputs()).drawings == drawn, "the drawings end with the phase")
        #expect(ReportPictures(inputs).captions.first?.contains("The dotted line is when the phase was closed") == true)
        // Work that goes on all the same is drawn where it was.
        fixture.sample("patterns", commits: 6, inserted: 950, deleted: 20)
        let worked = fixture.journal.entries.last?.event.time
        fixture.wait(days: 1)
        #expect(fixture.inputs().chronicle.end == worked)
        fixture.journal.write(nil, .undone, [Field.what: EventType.phaseClosed.rawValue])
        #expect(fixture.inputs().status.closedAt == nil)
    }

    /// Between the failure and the next look of a daemon a worker behind it is still pending.
    @Test func aPendingWorkerNamesWhatItWaitsForWhateverBecameOfIt() {
        var fixture = fixture
        fixture.journal.move("patterns", StateMove(to: .failed, causes: [.crashed]))
        let text = fixture.inputs().document(.status).markdown
        #expect(text.contains("**qa**: waits for **patterns** (failed) and **testing** (blocked)"), "\(text)")
    }
}
