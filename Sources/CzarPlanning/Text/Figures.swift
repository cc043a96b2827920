/// Numbers and times as people read them.
package enum Figures {
    /// `850`, `12.4K`, `1.15M`, `1.5T`.
    package static func count(_ value: Int64) -> String {
        switch value {
        case ..<10_000: String(value)
        case ..<1_000_000: scaled(value, 1000) + "K"
        case ..<1_000_000_000: scaled(value, 1_000_000) + "M"
        case ..<1_000_000_000_000: scaled(value, 1_000_000_000) + "G"
        case ..<1_000_000_000_000_000: scaled(value, 1_000_000_000_000) + "T"
        default: scaled(value, 1_000_000_000_000_000) + "P"
        }
    }

    /// `1,150,000`, `−3`.
    package static func grouped(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return value < 0 ? "−" + out : out
    }

    /// `$0.01`, `$1,234.50`, `under $0.01`.
    package static func dollars(_ value: Double) -> String {
        let cents = Int64((value * 100).rounded())
        guard cents > 0 || value == 0 else { return "under $0.01" }
        return "$\(grouped(cents / 100)).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    private static func scaled(_ value: Int64, _ unit: Int64) -> String {
        let hundredths = unit >= 100 ? value / (unit / 100) : value * 100 / unit
        let whole = hundredths / 100
        if whole >= 100 { return String(whole) }
        let digits = whole >= 10 ? hundredths / 10 % 10 : hundredths % 100
        let text = whole >= 10 ? "\(digits)" : (digits < 10 ? "0\(digits)" : "\(digits)")
        let trimmed = text.hasSuffix("0") ? String(text.dropLast()) : text
        return trimmed.isEmpty || trimmed == "0" ? String(whole) : "\(whole).\(trimmed)"
    }

    /// `850 B`, `12.4 MB`: in powers of 1,000.
    package static func bytes(_ value: Int) -> String {
        let units: [(size: Int64, name: String)] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")]
        let bytes = Int64(value)
        guard let unit = units.first(where: { bytes >= $0.size }) else { return "\(bytes) B" }
        return scaled(bytes, unit.size) + " " + unit.name
    }

    /// `12s`, `5m`, `2h 5m`, `3d 4h`.
    package static func duration(seconds: Int64) -> String {
        let value = max(0, seconds)
        switch value {
        case ..<60: return "\(value)s"
        case ..<3600: return "\(value / 60)m"
        case ..<86_400: return "\(value / 3600)h" + (value / 60 % 60 > 0 ? " \(value / 60 % 60)m" : "")
        default: return "\(value / 86_400)d" + (value / 3600 % 24 > 0 ? " \(value / 3600 % 24)h" : "")
        }
    }

    package static func age(of moment: Timestamp, at now: Timestamp) -> String { duration(seconds: Int64(now.seconds(since: moment))) }

    package static func plural(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        count == 1 ? "1 \(one)" : "\(grouped(count)) \(many ?? one + "s")"
    }
}
