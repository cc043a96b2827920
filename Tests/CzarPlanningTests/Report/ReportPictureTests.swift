import Testing

@testable import CzarPlanning

/// What the reports draw.
@Suite struct ReportPictureTests {
    private let fixture = ReportFixture()

    @Test func theGraphSaysOnlyWhatIsDrawn() {
        let joined = fixture.inputs().document(.closeout)
        #expect(joined.markdown.contains("linkStyle") && joined.markdown.contains("the thick lines are the critical path"))
        #expect(!joined.html.contains("orange way"))
        #expect(joined.html.contains("Wave 1 holds those that wait for nobody"))
        #expect(!joined.markdown.contains("wave") && joined.markdown.contains("can start as soon as those that it waits for are complete"))
        #expect(joined.html.contains("this need not end at them"))
        var fixture = fixture
        // By planned durations the longest way may be one worker: nothing is thick then.
        fixture.plan = makePlan(
            ["foundation": [], "workflows": ["foundation"], "qa": []],
            worker: { worker in
                worker.plannedDuration = .seconds(worker.id == "qa" ? 90_000 : 60)
            })
        let short = fixture.inputs().document(.closeout).markdown
        #expect(!short.contains("linkStyle") && !short.contains("thick lines") && short.contains("Who waits for whom"))
        fixture.plan = makePlan(["foundation": [], "workflows": []])
        let apart = fixture.inputs().document(.closeout).markdown
        #expect(!apart.contains("linkStyle") && !apart.contains("critical path") && apart.contains("nobody waits for another"))
        fixture.plan = manyWorkers(10..<100)
        let many = fixture.inputs().document(.closeout).markdown
        #expect(many.contains("90 workers are too many for a page. Try `czar graph --format svg`."))
    }

    @Test func ofManyWorkersThoseThatMatterNowAreDrawn() {
        var fixture = fixture
        fixture.plan = manyWorkers(100..<200)
        fixture.journal = TestJournal()
        fixture.journal.now = ReportFixture.start
        fixture.journal.write(nil, .planAccepted, [Field.plan: fixture.plan.normalised, Field.base: "main"])
        fixture.journal.start("w199")
        let page = fixture.inputs().document(.closeout).html
        #expect(page.contains(">w199<") && page.contains(">w100<") && !page.contains(">w180</text>"))
        #expect(page.contains("20 more workers are not drawn: those at work or held come first, then those that ended last."))
    }

    /// By the widths of the widest usual font: no label runs out of its place.
    @Test func labelsAreCutByTheirWidthAndNotByTheirLength() {
        #expect(LabelWidth.cut("iiiiiiiiiiiiiiiiiiiiiiiiiiiiii", to: 170, size: 12) == "iiiiiiiiiiiiiiiiiiiiiiiiiiiiii")
        let wide = LabelWidth.cut("wwwwwwwwwwwwwwwwwwwwwwwww", to: 170, size: 12)
        #expect(wide.hasSuffix("w…") && LabelWidth.of(wide, size: 12) <= 170)
        #expect(LabelWidth.cut("測試工作者測試工作者測試", to: 60, size: 12) == "測試工作…")
        #expect(LabelWidth.cut("w", to: 0, size: 12) == "…")
    }

    @Test func aDeadlineIsDrawnWhereItIsOrNamed() {
        var fixture = fixture
        func caption() -> String? { ReportPictures(fixture.inputs()).captions.first }
        #expect(fixture.inputs().document(.closeout).html.contains(">deadline<") && caption()?.contains("deadline") == false)
        fixture.plan.project.deadline = Timestamp("2026-01-01T23:59:59Z")
        #expect(!fixture.inputs().document(.closeout).html.contains(">deadline<"))
        #expect(caption()?.contains("The deadline, 2026-01-01, was before the beginning.") == true)
        fixture.plan.project.deadline = Timestamp("2027-01-01T18:00:00Z")
        #expect(caption()?.contains("The deadline, 2027-01-01 18:00, lies beyond the right edge.") == true)
        // A date is that date in every zone; where the day ends at another time that is said.
        #expect(centralEurope.deadline(Timestamp("2026-11-30T23:59:59Z")!) == "2026-11-30 UTC")
        #expect(centralEurope.deadline(Timestamp("2026-11-30T18:00:00Z")!) == "2026-11-30 19:00")
    }

    @Test func aPlannedFrameThatGoesOnBeyondTheDrawingIsOpen() {
        var fixture = fixture
        fixture.plan.replace(planned: .seconds(900 * 86_400), of: "patterns")
        let page = fixture.inputs().document(.closeout).html
        #expect(page.contains("<path class=\"c-plan\"") && page.contains("<rect class=\"c-plan\""))
    }

    @Test func shortStretchesHaveTheirTimesToo() {
        func labels(_ seconds: Int) -> [String] {
            let axis = TimeAxis(
                from: ReportFixture.start, to: ReportFixture.start.advanced(by: .seconds(seconds)), left: 0, right: 100)
            return axis.ticks(.utc).map(\.label)
        }
        for seconds in 3...119 { #expect((2...8).contains(labels(seconds).count), "\(seconds): \(labels(seconds))") }
        #expect(labels(30) == ["08:00:05", "08:00:10", "08:00:15", "08:00:20", "08:00:25", "08:00:30"])
        #expect(labels(300) == ["08:01", "08:02", "08:03", "08:04", "08:05"])
        #expect(Figures.count(1_500_000_000_000) == "1.5T" && Figures.count(999_000_000_000) == "999G")
    }

    @Test func aDayOnWhichTheClockIsChangedHasItsDateAndItsHours() {
        func labels(_ from: String, _ hours: Int, _ zone: Zone = centralEurope) -> [String] {
            let from = Timestamp(from)!
            return TimeAxis(from: from, to: from.advanced(by: .seconds(hours * 3600)), left: 0, right: 100).ticks(zone).map(\.label)
        }
        #expect(
            labels("2026-03-27T08:00:00Z", 90) == ["12:00", "28 Mar", "12:00", "29 Mar", "12:00", "30 Mar", "12:00", "31 Mar"])
        #expect(labels("2026-10-24T08:00:00Z", 64) == ["12:00", "25 Oct", "12:00", "26 Oct", "12:00", "27 Oct"])
        // 02:00 is left out, and 02:00 comes twice.
        #expect(labels("2026-03-28T22:30:00Z", 7) == ["29 Mar", "01:00", "03:00", "04:00", "05:00", "06:00", "07:00"])
        #expect(labels("2026-10-24T21:30:00Z", 6) == ["25 Oct", "01:00", "02:00", "03:00", "04:00"])
        #expect(labels("2026-03-07T22:30:00Z", 12, havana) == ["18:00", "21:00", "8 Mar", "03:00", "06:00"])
    }

    @Test func wordsAndLinesAreFarEnoughFromTheirGround() {
        // WCAG: 4.5 for text, 3 for what is drawn.
        func luminance(_ hex: String) -> Double {
            let value = Int(hex.dropFirst(), radix: 16)!
            func part(_ shift: Int) -> Double {
                let share = Double((value >> shift) & 255) / 255
                // A polynomial close enough to the power of 2.4.
                return share <= 0.04045 ? share / 12.92 : share * (share * (share * 0.305306011 + 0.682171111) + 0.012522878)
            }
            return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
        }
        func contrast(_ one: String, _ other: String) -> Double {
            let (high, low) = (max(luminance(one), luminance(other)), min(luminance(one), luminance(other)))
            return (high + 0.05) / (low + 0.05)
        }
        let style = GraphRenderer(fixture.inputs().graph, plan: fixture.plan).svg()
        for state in StateColour.allCases {
            #expect(contrast("#3d444d", state.fill) >= 4.5 && contrast("#c9d1d9", state.darkFill) >= 4.5, "\(state)")
            #expect(contrast(state.stroke, "#f6f8fa") >= 3 && contrast(state.stroke, "#161b22") >= 3, "\(state)")
        }
        for (word, light, dark) in [("note", "#3d444d", "#c9d1d9"), ("wave", "#59636e", "#9198a1")] {
            #expect(
                style.contains(".\(word){font-size:\(word == "note" ? 11 : 12)px;fill:\(light)") && style.contains(".\(word){fill:\(dark)}")
            )
            #expect(contrast(light, "#ffffff") >= 4.5 && contrast(dark, "#0d1117") >= 4.5, "\(word)")
        }
        #expect(style.contains("stroke:#818b98") && contrast("#818b98", "#ffffff") >= 3)
        #expect(style.contains("stroke:#6e7681") && contrast("#6e7681", "#0d1117") >= 3)
    }

    @Test func amountsOnAnAxisAreWrittenAsInTheText() {
        #expect(fixture.inputs().document(.closeout).html.contains(">1,000<"))
    }
}

extension ReportPictures {
    var drawings: [String] {
        all.compactMap { if case .picture(let picture) = $0 { picture.svg } else { nil } }
    }

    var captions: [String] {
        all.compactMap { if case .picture(let picture) = $0 { picture.caption } else { nil } }
    }
}
