import Testing

@testable import CzarPlanning

/// Central European time of 2026: summer time from 29 March to 25 October, 01:00 UTC.
let centralEurope = Zone { moment in
    let summer = Timestamp("2026-03-29T01:00:00Z")!...Timestamp("2026-10-25T00:59:59.999Z")!
    return summer.contains(moment) ? (7200, "CEST") : (3600, "CET")
}

/// Havana's summer time of 2026 begins at midnight: 8 March begins at 01:00.
let havana = Zone { moment in moment >= Timestamp("2026-03-08T05:00:00Z")! ? (-14_400, "CDT") : (-18_000, "CST") }

@Suite struct ZoneTests {
    @Test func wallClocksAndDaysAreThoseOfTheZone() throws {
        let moment = try #require(Timestamp("2026-06-30T22:30:00Z"))
        #expect(Zone.utc.full(moment) == "2026-06-30 22:30 UTC")
        #expect(centralEurope.full(moment) == "2026-07-01 00:30 CEST")
        #expect(centralEurope.longDay(moment) == "Wednesday, 1 July 2026" && Zone.utc.shortDay(moment) == "Tue 30 Jun")
    }

    @Test func midnightIsFoundOnBothSidesOfAChangeOfTheClock() throws {
        let day = try #require(CivilDate("2026-03-29"))
        #expect(centralEurope.moment(day) == Timestamp("2026-03-28T23:00:00Z"))
        #expect(centralEurope.moment(day, hour: 9) == Timestamp("2026-03-29T07:00:00Z"))
        let autumn = try #require(CivilDate("2026-10-25"))
        #expect(centralEurope.moment(autumn) == Timestamp("2026-10-24T22:00:00Z"))
        #expect(centralEurope.moment(autumn, hour: 9) == Timestamp("2026-10-25T08:00:00Z"))
    }

    @Test func aDayWhoseMidnightIsLeftOutBeginsOnThatDay() throws {
        let day = try #require(CivilDate("2026-03-08"))
        #expect(havana.moment(day) == Timestamp("2026-03-08T05:00:00Z") && havana.minute(havana.moment(day)) == "2026-03-08 01:00")
        #expect(havana.moment(day, hour: 9) == Timestamp("2026-03-08T13:00:00Z"))
        #expect(try havana.moment(#require(CivilDate("2026-03-07"))) == Timestamp("2026-03-07T05:00:00Z"))
        // East of Greenwich too.
        let beirut = Zone { $0 >= Timestamp("2026-03-28T22:00:00Z")! ? (10_800, "EEST") : (7200, "EET") }
        #expect(try beirut.minute(beirut.moment(#require(CivilDate("2026-03-29")))) == "2026-03-29 01:00")
        #expect(
            try centralEurope.minute(centralEurope.moment(#require(CivilDate("2026-03-29")), hour: 2, minute: 30)) == "2026-03-29 03:30")
        #expect(
            try centralEurope.moment(#require(CivilDate("2026-10-25")), hour: 2) == Timestamp("2026-10-25T00:00:00Z"), "the first of two")
    }

    @Test(arguments: [
        ("2h", "2026-06-01T08:00:00Z"), ("yesterday", "2026-05-30T22:00:00Z"), ("today", "2026-05-31T22:00:00Z"),
        ("09:00", "2026-06-01T07:00:00Z"), ("13:30", "2026-05-31T11:30:00Z"), ("2026-01-31", "2026-01-30T23:00:00Z"),
        ("2026-01-31 14:03", "2026-01-31T13:03:00Z"), ("2026-01-31 14:03:46", "2026-01-31T13:03:46Z"),
        ("2026-01-31 14:03 CET", "2026-01-31T13:03:00Z"),
        ("2026-10-25 02:30 CET", "2026-10-25T01:30:00Z"), ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ("2026-01-31 14:03 UTC", "2026-01-31T14:03:00Z"), ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00Z"),
        ("now", "2026-06-01T10:00:00Z"),
    ])
    func momentsAreReadAsPeopleNameThem(_ text: String, _ expected: String) throws {
        let now = try #require(Timestamp("2026-06-01T10:00:00Z"))
        let moment = try #require(Moment(text, now: now, zone: centralEurope))
        #expect(try moment == .time(#require(Timestamp(expected))), "\(text)")
    }

    @Test(arguments: [
        "", "soon", "25:00", "#0", "#x", "2026-13-01", "-2h", "2026-01-31 25:00", "2026-01-31 14:03 MARS", "2026-01-31 14:03:60",
        "2026-01-31 14:03:+5",
    ])
    func whatIsNoMomentIsRefused(_ text: String) { #expect(Moment(text, now: Timestamp(milliseconds: 0), zone: .utc) == nil) }

    @Test func amountsReadWell() {
        #expect(Figures.grouped(0) == "0" && Figures.grouped(999) == "999" && Figures.grouped(-1_234_567) == "−1,234,567")
        #expect(Figures.grouped(Int64.min) == "−9,223,372,036,854,775,808")
        #expect(Figures.plural(1, "branch", "branches") == "1 branch" && Figures.plural(1200, "branch", "branches") == "1,200 branches")
    }
}
