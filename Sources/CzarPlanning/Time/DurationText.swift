/// Lengths of time as people write them: `30m`, `1h30m`, `5d`, `2w`, `90s`, `3 days`, `1.5 hours`.
package enum DurationText {
    /// Reads such text; nil for anything else, for a number without a unit (except 0), a negative one and one beyond 1000 years.
    ///
    /// A day has 24 hours and a week seven days. Fractions are exact to the millisecond.
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text.lowercased())
        var milliseconds: Int64 = 0
        skipSpace(&rest)
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            guard let thousandths = number(&rest) else { return nil }
            skipSpace(&rest)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let length = units[String(unit)] else { return nil }
            let (product, overflow) = thousandths.multipliedReportingOverflow(by: length)
            guard !overflow, product / 1000 <= longest - milliseconds else { return nil }
            milliseconds += product / 1000
            skipSpace(&rest)
        }
        return .milliseconds(milliseconds)
    }

    /// The shortest text that reads back to the same length, to the millisecond: `1h30m`, `5d`; `0s` for nothing.
    package static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var rest = max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        var text = ""
        for (unit, length) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] where rest >= length {
            text += "\(rest / length)\(unit)"
            rest %= length
        }
        return text.isEmpty ? "0s" : text
    }

    private static let longest: Int64 = 365_250 * 86_400_000

    private static let units: [String: Int64] = {
        var units: [String: Int64] = ["ms": 1, "millisecond": 1, "milliseconds": 1]
        for name in ["s", "sec", "secs", "second", "seconds"] { units[name] = 1000 }
        for name in ["m", "min", "mins", "minute", "minutes"] { units[name] = 60_000 }
        for name in ["h", "hr", "hrs", "hour", "hours"] { units[name] = 3_600_000 }
        for name in ["d", "day", "days"] { units[name] = 86_400_000 }
        for name in ["w", "week", "weeks"] { units[name] = 604_800_000 }
        return units
    }()

    private static func skipSpace(_ rest: inout Substring) { rest = rest.drop { $0 == " " } }

    /// A decimal number in thousandths; nil without a digit or beyond what fits.
    private static func number(_ rest: inout Substring) -> Int64? {
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest[whole.endIndex...]
        guard !whole.isEmpty, whole.count <= 14, let value = Int64(whole) else { return nil }
        guard rest.first == "." else { return value * 1000 }
        rest = rest.dropFirst()
        let fraction = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest[fraction.endIndex...]
        guard (1...3).contains(fraction.count), let part = Int64(fraction) else { return nil }
        return value * 1000 + part * (fraction.count == 1 ? 100 : fraction.count == 2 ? 10 : 1)
    }
}

/// Amounts of tokens as people write them: `1200000`, `1_200_000`, `1,200,000`, `1.2M`, `850K`.
package enum TokenAmount {
    /// Reads such text; nil for anything else, including negative amounts and ones that do not fit 64 bits.
    package static func parse(_ text: String) -> Int64? {
        var digits = Substring(text.filter { $0 != "_" && $0 != "," && $0 != " " })
        var scale: Int64 = 1
        switch digits.last {
        case "k", "K": scale = 1000
        case "m", "M": scale = 1_000_000
        case "g", "G", "b", "B": scale = 1_000_000_000
        default: break
        }
        if scale > 1 { digits = digits.dropLast() }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }) else {
            return nil
        }
        guard let whole = Int64(parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }
        var fraction: Int64 = 0
        var place = scale
        for digit in parts[1] {
            place /= 10
            // `1.0000` of a unit without a scale is no whole number of tokens unless the digits are zeros.
            guard let value = digit.wholeNumberValue, place > 0 || value == 0 else { return nil }
            fraction += Int64(value) * place
        }
        let (sum, sumOverflow) = product.addingReportingOverflow(fraction)
        return sumOverflow ? nil : sum
    }
}
