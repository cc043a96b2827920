/// When `czar run` writes reports by itself: times of the clock on the wall.
package struct ReportTimes: Hashable, Sendable {
    /// On working days.
    package var standup: ClockTime?
    package var weekly: WeeklyTime?

    package init(standup: ClockTime? = nil, weekly: WeeklyTime? = nil) { (self.standup, self.weekly) = (standup, weekly) }

    /// The reports that have a time.
    package var kinds: [ReportKind] {
        var kinds: [ReportKind] = []
        if standup != nil { kinds.append(.standup) }
        if weekly != nil { kinds.append(.weekly) }
        return kinds
    }

    /// The last time at or before `now` at which the report was due; nil without a time for it.
    package func last(_ kind: ReportKind, at now: Timestamp, _ zone: Zone) -> Timestamp? {
        find(kind, now, zone, days: stride(from: 0, through: -8, by: -1)) { $0 <= now }
    }

    /// The first time after `now` at which any report is due; nil when none ever is.
    package func next(after now: Timestamp, _ zone: Zone) -> Timestamp? {
        kinds.compactMap { find($0, now, zone, days: stride(from: 0, through: 8, by: 1)) { $0 > now } }.min()
    }

    private func find(
        _ kind: ReportKind, _ now: Timestamp, _ zone: Zone, days: StrideThrough<Int64>, where isWanted: (Timestamp) -> Bool
    ) -> Timestamp? {
        let today = zone.day(now).daysSinceEpoch
        for offset in days {
            let day = CivilDate(daysSinceEpoch: today + offset)
            guard let time = time(kind, on: Weekday(day)) else { continue }
            let moment = zone.moment(day, hour: time.hour, minute: time.minute)
            if isWanted(moment) { return moment }
        }
        return nil
    }

    private func time(_ kind: ReportKind, on day: Weekday) -> ClockTime? {
        switch kind {
        case .standup: day.isWorkday ? standup : nil
        case .weekly: weekly.flatMap { $0.day == day ? $0.time : nil }
        case .status, .metrics, .closeout: nil
        }
    }
}

/// `mon 09:00`.
package struct WeeklyTime: Hashable, Sendable, CustomStringConvertible {
    package let day: Weekday
    package let time: ClockTime

    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let day = Weekday(String(parts[0])), let time = ClockTime(String(parts[1])) else { return nil }
        (self.day, self.time) = (day, time)
    }

    package var description: String { "\(day) \(time)".lowercased() }
}
