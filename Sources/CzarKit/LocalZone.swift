import CzarPlanning
import Glibc

extension Zone {
    /// The zone of this process: `TZ`, else the machine's.
    package static let local = Zone { moment in
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return (0, "UTC") }
        return (Int(parts.tm_gmtoff), parts.tm_zone.map { String(cString: $0) } ?? "UTC")
    }
}
