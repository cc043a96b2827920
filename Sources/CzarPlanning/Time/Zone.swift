/// The clock on the reader's wall: how far from UTC it is at a moment. An input like any other, because this target knows no time zones.
package struct Zone: Sendable {
    /// Seconds east of UTC, and what the zone is called then.
    private let at: @Sendable (Timestamp) -> (seconds: Int, name: String)

    package init(_ at: @escaping @Sendable (Timestamp) -> (seconds: Int, name: String)) { self.at = at }

    package static let utc = Zone { _ in (0, "UTC") }

    /// `2026-01-31 14:03 CET`.
    package func full(_ moment: Timestamp) -> String { "\(minute(moment)) \(at(moment).name)" }

    /// `2026-01-31 14:03`.
    package func minute(_ moment: Timestamp) -> String { String(wall(moment).description.prefix(16)).replacingT }

    /// A deadline. A plan's date is the end of that day in UTC, and is shown as that date, with `UTC` where the reader's day ends at another
    /// time; else as ``minute(_:)``.
    package func deadline(_ moment: Timestamp) -> String {
        let (day, rest) = moment.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        guard rest == 86_399_000 else { return minute(moment) }
        return "\(CivilDate(daysSinceEpoch: day))" + (at(moment).seconds == 0 ? "" : " UTC")
    }

    /// `14:03:07`.
    package func second(_ moment: Timestamp) -> String { String(wall(moment).description.dropFirst(11).prefix(8)) }

    /// `14:03`.
    package func clock(_ moment: Timestamp) -> String { String(wall(moment).description.dropFirst(11).prefix(5)) }

    /// `Sat 31 Jan`.
    package func shortDay(_ moment: Timestamp) -> String {
        let day = day(moment)
        return "\(Weekday(day)) \(day.day) \(Self.months[day.month - 1])"
    }

    /// `Saturday, 31 January 2026`.
    package func longDay(_ moment: Timestamp) -> String {
        let day = day(moment)
        return "\(Weekday(day).name), \(day.day) \(Self.longMonths[day.month - 1]) \(day.year)"
    }

    package func day(_ moment: Timestamp) -> CivilDate {
        let milliseconds = wall(moment).milliseconds
        return CivilDate(daysSinceEpoch: (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000)
    }

    /// The moment at which the wall clock shows this time on this day, of two the first; where it never does (a change to summer time), the
    /// moment at which it would if the clock had not been changed yet: what it shows then is later on the same day.
    package func moment(_ day: CivilDate, hour: Int = 0, minute: Int = 0) -> Timestamp {
        let wall = (day.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60)) * 1000
        // No zone is further from UTC than a day, so one of these is before the moment and one after it.
        let offsets = [-86_400_000, 86_400_000].map { Int64(at(Timestamp(milliseconds: wall + $0)).seconds) * 1000 }
        let moments = offsets.map { Timestamp(milliseconds: wall - $0) }
        return moments.filter { self.wall($0).milliseconds == wall }.min() ?? moments[0]
    }

    /// Reads what ``minute(_:)`` and ``full(_:)`` write; nil for anything else. A time that the clock shows twice is the first, unless the
    /// zone's name tells.
    package func moment(written text: String) -> Timestamp? {
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, let day = CivilDate(parts[0]) else { return nil }
        let fields = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, fields.count == 3, fields[2].utf8.count == 2, fields[2].first?.isNumber == true, let second = Int(fields[2]),
            (0..<60).contains(second)
        {
            let clock = ClockTime(fields[0] + ":" + fields[1])
            return clock.map { moment(day, hour: $0.hour, minute: $0.minute).advanced(by: .seconds(second)) }
        }
        guard let clock = ClockTime(parts[1]) else { return nil }
        let first = moment(day, hour: clock.hour, minute: clock.minute)
        guard parts.count == 3 else { return first }
        if parts[2] == "UTC" { return Zone.utc.moment(day, hour: clock.hour, minute: clock.minute) }
        return [first, first.advanced(by: .seconds(1800)), first.advanced(by: .seconds(3600))].first { full($0) == text }
    }

    private func wall(_ moment: Timestamp) -> Timestamp { Timestamp(milliseconds: moment.milliseconds + Int64(at(moment).seconds) * 1000) }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let longMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
}

/// A day of the week.
package enum Weekday: Int, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case monday = 0, tuesday, wednesday, thursday, friday, saturday, sunday

    package init(_ day: CivilDate) {
        // 1970-01-01 was a Thursday.
        let number = (day.daysSinceEpoch + 3) % 7
        self = Self.allCases[Int(number < 0 ? number + 7 : number)]
    }

    /// By the English name or its first three letters, in any capitals.
    package init?(_ text: String) {
        let wanted = text.lowercased()
        guard wanted.count >= 3,
            let found = Self.allCases.first(where: { $0.name.lowercased() == wanted || "\($0)".lowercased() == wanted })
        else { return nil }
        self = found
    }

    package var name: String {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][rawValue]
    }

    /// `Mon`.
    package var description: String { String(name.prefix(3)) }

    package var isWorkday: Bool { self != .saturday && self != .sunday }
}

extension String {
    fileprivate var replacingT: String { self.map { $0 == "T" ? " " : String($0) }.joined() }
}
