import Testing

@testable import CzarPlanning

@Suite struct ReportTimesTests {
    private let times = ReportTimes(standup: ClockTime("09:00"), weekly: WeeklyTime("Friday 16:30"))

    private func moment(_ text: String) -> Timestamp { Timestamp(text + ":00Z")! }

    @Test func standupsAreDueOnWorkingDaysAndWeekliesOnTheirDay() {
        // 2026-01-05 is a Monday.
        #expect(times.last(.standup, at: moment("2026-01-05T08:59"), .utc) == moment("2026-01-02T09:00"), "the Friday before")
        #expect(times.last(.standup, at: moment("2026-01-05T09:00"), .utc) == moment("2026-01-05T09:00"))
        #expect(times.last(.weekly, at: moment("2026-01-05T09:00"), .utc) == moment("2026-01-02T16:30"))
        #expect(times.next(after: moment("2026-01-09T09:00"), .utc) == moment("2026-01-09T16:30"))
        #expect(times.next(after: moment("2026-01-09T16:30"), .utc) == moment("2026-01-12T09:00"))
        #expect(ReportTimes().next(after: moment("2026-01-09T16:30"), .utc) == nil)
    }

    @Test func theyAreTimesOfTheWallsClock() {
        #expect(times.last(.standup, at: moment("2026-06-01T07:30"), centralEurope) == moment("2026-06-01T07:00"))
    }

    @Test func thePlanNamesThemAndKeepsThem() throws {
        let text = "project: {name: p}\nreports: {standup: 09:00, weekly: fri 16:30}\nworkers:\n  - {id: one}\n"
        let plan = try #require(PlanReader(repository: "p").read(PlanFile(name: "config.yaml", bytes: Array(text.utf8))).plan)
        #expect(plan.reports == times)
        #expect(Plan(normalised: plan.normalised)?.reports == times)
        let bad = "reports: {standup: noon, weekly: 16:30}\nworkers:\n  - {id: one}\n"
        let problems = PlanReader(repository: "p").read(PlanFile(name: "config.yaml", bytes: Array(bad.utf8))).problems
        #expect(problems.map(\.field) == ["reports.standup", "reports.weekly"])
    }
}
