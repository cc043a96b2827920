/// A point in the journal's time, as people name it: `2h` (ago), `yesterday`, `09:00`, a date, a time as reports write it, RFC 3339, or an
/// entry's `#seq`.
package enum Moment: Hashable, Sendable {
    case time(Timestamp)
    /// Right after the entry of that number.
    case sequence(Int64)

    /// Nil for anything else. Days and clock times are those of the zone; a clock time that is still to come today is yesterday's.
    package init?(_ text: String, now: Timestamp, zone: Zone) {
        if text.hasPrefix("#") {
            guard let sequence = Int64(text.dropFirst()), sequence > 0 else { return nil }
            self = .sequence(sequence)
            return
        }
        let today = zone.day(now)
        let yesterday = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)
        switch text.lowercased() {
        case "now": self = .time(now)
        case "today": self = .time(zone.moment(today))
        case "yesterday": self = .time(zone.moment(yesterday))
        default:
            if let moment = Timestamp(text) {
                self = .time(moment)
            } else if let moment = zone.moment(written: text) {
                self = .time(moment)
            } else if let day = CivilDate(text) {
                self = .time(zone.moment(day))
            } else if let clock = ClockTime(text) {
                let moment = zone.moment(today, hour: clock.hour, minute: clock.minute)
                self = .time(moment <= now ? moment : zone.moment(yesterday, hour: clock.hour, minute: clock.minute))
            } else if let span = DurationText.parse(text) {
                self = .time(now.advanced(by: .zero - span))
            } else {
                return nil
            }
        }
    }
}

/// `09:00`.
package struct ClockTime: Hashable, Sendable, CustomStringConvertible {
    package let hour: Int
    package let minute: Int

    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        (self.hour, self.minute) = (hour, minute)
    }

    package var description: String { "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)" }
}

extension CivilDate {
    /// Reads `2026-01-31`.
    package init?(_ text: String) {
        guard text.utf8.count == 10, let midnight = Timestamp(text + "T00:00:00Z") else { return nil }
        self.init(
            daysSinceEpoch: midnight.milliseconds >= 0
                ? midnight.milliseconds / 86_400_000 : (midnight.milliseconds - 86_399_999) / 86_400_000)
    }
}
