import CzarPlanning
import Glibc

/// Times as the clock on the wall shows them; files and JSON hold UTC.
enum LocalTime {
    /// `14:03:59`.
    static func clock(_ moment: Timestamp) -> String { format(moment, "%H:%M:%S") }

    /// `2026-01-31 14:03:59`.
    static func dayAndClock(_ moment: Timestamp) -> String { format(moment, "%Y-%m-%d %H:%M:%S") }

    /// A sentence with each moment in it as the clock on the wall shows it: with the day only where it is not today's.
    ///
    /// The journal's own sentences hold moments as files do, `2026-01-31T14:03:59.120Z`.
    static func sentence(_ text: String, now: Timestamp) -> String {
        guard text.contains("Z") else { return text }
        let today = format(now, "%Y-%m-%d")
        return text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/) { match in
            guard let moment = Timestamp(String(match.output)) else { return String(match.output) }
            return format(moment, "%Y-%m-%d") == today ? format(moment, "%H:%M") : format(moment, "%Y-%m-%d %H:%M")
        }
    }

    private static func format(_ moment: Timestamp, _ form: String) -> String {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return moment.description }
        var bytes = [CChar](repeating: 0, count: 32)
        let length = strftime(&bytes, bytes.count, form, &parts)
        return String(decoding: bytes[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
