import CzarPlanning
import Glibc

/// When a limit ends, in the words that agents use: `try again in 2 days 3 hours`, `try again at 3:05 PM`, `resets 3pm`, `|1790000000`.
enum LimitSentence {
    static func end(in message: String) -> AgentFindings.LimitEnd? {
        let text = message.lowercased()
        if let bar = text.lastIndex(of: "|"), let seconds = Int64(text[text.index(after: bar)...].prefix(while: \.isNumber)) {
            return .moment(Timestamp(milliseconds: seconds * 1000))
        }
        if let found = text.range(after: "try again in ") { return duration(text[found...]).map { .after($0) } }
        for word in ["try again at ", "resets at ", "resets "] {
            if let found = text.range(after: word), let minutes = clock(text[found...]) { return .clock(minutes: minutes) }
        }
        return nil
    }

    /// `2 days 3 hours 5 minutes`, `30 seconds`, `1h 5m`.
    private static func duration(_ text: Substring) -> Duration? {
        var seconds: Int64 = 0
        var rest = text
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            let digits = rest.prefix(while: \.isNumber)
            guard let number = Int64(digits), number < 10_000 else { break }
            rest = rest[digits.endIndex...].drop { $0 == " " }
            let unit = rest.prefix(while: \.isLetter)
            guard let letter = unit.first, let length = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800][letter] else { break }
            seconds += number * Int64(length)
            rest = rest[unit.endIndex...]
        }
        return seconds > 0 ? .seconds(seconds) : nil
    }

    /// `3:05 pm`, `3pm`, `15:05`; also behind a date, whose day is left out: asking too early costs one more refusal.
    private static func clock(_ text: Substring) -> Int? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "(" || $0 == "." }
        for (index, word) in words.enumerated() {
            let digits = word.prefix { $0.isNumber || $0 == ":" }
            let parts = digits.split(separator: ":").compactMap { Int($0) }
            let suffix = word[digits.endIndex...]
            let half = suffix.isEmpty && index + 1 < words.count ? words[index + 1].prefix(2) : suffix.prefix(2)
            let isHalf = half == "am" || half == "pm"
            guard let hour = parts.first, parts.count == 2 || isHalf, hour < 24, (parts.last ?? 0) < 60 else { continue }
            let minutes = parts.count == 2 ? parts[1] : 0
            return (isHalf ? hour % 12 + (half == "pm" ? 12 : 0) : hour) * 60 + minutes
        }
        return nil
    }
}

extension AgentFindings.LimitEnd {
    /// The moment, seen from `now`.
    func moment(from now: Timestamp) -> Timestamp {
        switch self {
        case .moment(let moment): return moment
        case .after(let duration): return now.advanced(by: duration)
        case .clock(let minutes):
            var seconds = time_t(now.milliseconds / 1000)
            var local = tm()
            localtime_r(&seconds, &local)
            (local.tm_hour, local.tm_min, local.tm_sec, local.tm_isdst) = (Int32(minutes / 60), Int32(minutes % 60), 0, -1)
            let today = Timestamp(milliseconds: Int64(mktime(&local)) * 1000)
            return today > now ? today : today.advanced(by: .seconds(86_400))
        }
    }
}

extension String {
    fileprivate func range(after word: String) -> String.Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return index(start, offsetBy: word.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
