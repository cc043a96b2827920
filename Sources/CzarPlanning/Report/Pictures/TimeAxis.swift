/// Places moments from left to right, and chooses where the scale is labelled.
struct TimeAxis {
    let from: Timestamp
    let to: Timestamp
    let left: Double
    let right: Double

    /// An empty stretch of time becomes an hour.
    init(from: Timestamp, to: Timestamp, left: Double, right: Double) {
        (self.from, self.left, self.right) = (from, left, right)
        self.to = to.milliseconds > from.milliseconds ? to : from.advanced(by: .seconds(3600))
    }

    func x(_ moment: Timestamp) -> Double {
        let share = Double(moment.milliseconds - from.milliseconds) / Double(to.milliseconds - from.milliseconds)
        return left + min(1, max(0, share)) * (right - left)
    }

    private static let seconds = [1, 2, 5, 10, 15, 30]
    private static let minutes = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 2880, 7 * 1440, 14 * 1440, 28 * 1440, 84 * 1440, 364 * 1440]

    /// At most eight moments that are round in the zone: whole hours, midnights; of less than two minutes seconds.
    func ticks(_ zone: Zone) -> [(moment: Timestamp, label: String)] {
        let length = to.milliseconds - from.milliseconds
        return length < 120_000 ? secondTicks(length / 1000, zone) : longerTicks(zone)
    }

    private func secondTicks(_ span: Int64, _ zone: Zone) -> [(moment: Timestamp, label: String)] {
        let step = Int64(Self.seconds.first { span / Int64($0) < 8 } ?? 30) * 1000
        let first = (from.milliseconds / step + 1) * step
        return stride(from: first, through: to.milliseconds, by: Int(step)).map { time in
            let moment = Timestamp(milliseconds: time)
            return (moment, zone.second(moment))
        }
    }

    private func longerTicks(_ zone: Zone) -> [(moment: Timestamp, label: String)] {
        let span = (to.milliseconds - from.milliseconds) / 60_000
        let step = Self.minutes.first { span / Int64($0) < 8 } ?? Int(span / 8 + 1)
        var ticks: [(moment: Timestamp, label: String)] = []
        if step >= 1440 {
            var day = zone.day(from).daysSinceEpoch + 1
            while true {
                let moment = zone.moment(CivilDate(daysSinceEpoch: day))
                guard moment <= to else { break }
                ticks.append((moment, String(zone.shortDay(moment).dropFirst(4))))
                day += Int64(step / 1440)
            }
        } else {
            var day = zone.day(from)
            for moment in step >= 60 ? hours(step / 60, zone) : minutes(step, zone) {
                // The first of a day, which may begin after midnight, is that day.
                let isNewDay = zone.day(moment) != day
                day = zone.day(moment)
                ticks.append((moment, isNewDay ? String(zone.shortDay(moment).dropFirst(4)) : zone.clock(moment)))
            }
        }
        return ticks
    }

    /// Every so many hours of the wall's clock, from each day's beginning: a day on which the clock is changed has the same ones.
    private func hours(_ step: Int, _ zone: Zone) -> [Timestamp] {
        var found: [Timestamp] = []
        var day = zone.day(from).daysSinceEpoch
        while true {
            let date = CivilDate(daysSinceEpoch: day)
            guard zone.moment(date) <= to else { return found }
            for hour in stride(from: 0, to: 24, by: step) {
                let moment = zone.moment(date, hour: hour)
                // An hour that the clock leaves out has no place.
                let isShown = hour == 0 || ClockTime(zone.clock(moment))?.hour == hour
                if isShown, moment > (found.last ?? from), moment <= to { found.append(moment) }
            }
            day += 1
        }
    }

    private func minutes(_ step: Int, _ zone: Zone) -> [Timestamp] {
        let midnight = zone.moment(zone.day(from)).milliseconds, length = Int64(step) * 60_000
        let first = midnight + ((from.milliseconds - midnight) / length + 1) * length
        return stride(from: first, through: to.milliseconds, by: Int(length)).map { Timestamp(milliseconds: $0) }
    }
}

/// The words of SVG.
enum SVG {
    /// With one decimal at most, so that the same picture is the same bytes everywhere.
    static func number(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    static func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
    }

    /// `tip`: shown when the pointer rests on it.
    static func rect(_ style: String, x: Double, y: Double, width: Double, height: Double, radius: Double = 0, tip: String? = nil) -> String
    {
        let title = tip.map { "<title>\(GraphRenderer.escaped($0))</title>" } ?? ""
        return
            "<rect class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" rx=\"\(number(radius))\">\(title)</rect>"
    }

    static func text(_ style: String, _ x: Double, _ y: Double, _ text: String, anchor: String = "start") -> String {
        "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(GraphRenderer.escaped(text))</text>"
    }

    static func picture(width: Double, height: Double, label: String, _ parts: [String]) -> String {
        (["<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" aria-label=\"\(GraphRenderer.escaped(label))\">"] + parts
            + ["</svg>"]).joined(separator: "\n")
    }
}
