/// git's shell patterns (wildmatch.c): `*`, `?`, `[…]` with classes, `\`, and in paths `**`.
///
/// Both sides are raw bytes; git knows no encoding, so a name of several bytes takes as many `?`.
struct Wildmatch {
    /// Whether `*`, `?` and `[…]` stop at a slash, and `**` is special.
    let isPath: Bool
    let ignoresCase: Bool

    /// Whether the whole text matches.
    /// - Complexity: exponential in the number of `*` in the worst case, as git's; linear for patterns that are met.
    func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { text in
            pattern.withUnsafeBufferPointer { match($0, 0, text, 0) == .match }
        }
    }

    private enum Outcome {
        case match, noMatch
        /// The text is used up: no shorter tail of it can match either.
        case abort
        /// A `*` met a slash: only a `**` before it could go on.
        case abortToDoubleStar
    }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    private func match(_ pattern: Bytes, _ patternStart: Int, _ text: Bytes, _ textStart: Int) -> Outcome {
        var (p, t) = (patternStart, textStart)
        while p < pattern.count {
            let wanted = folded(pattern[p])
            guard t < text.count || wanted == star else { return .abort }
            switch wanted {
            case star: return matchStar(pattern, p, text, t)
            case question:
                if isPath, text[t] == slash { return .noMatch }
            case bracket:
                guard let (isInside, end) = matchSet(pattern, p, folded(text[t])) else { return .abort }
                if !isInside || (isPath && text[t] == slash) { return .noMatch }
                p = end
            case backslash where p + 1 >= pattern.count: return .noMatch
            case backslash:
                // As git: what is escaped is not folded, so `\\A` matches no `a` even where case is ignored.
                p += 1
                if pattern[p] != folded(text[t]) { return .noMatch }
            default:
                if wanted != folded(text[t]) { return .noMatch }
            }
            p += 1
            t += 1
        }
        return t == text.count ? .match : .noMatch
    }

    private func matchStar(_ pattern: Bytes, _ start: Int, _ text: Bytes, _ textStart: Int) -> Outcome {
        var (p, t) = (start + 1, textStart)
        var crossesSlashes = !isPath
        if p < pattern.count, pattern[p] == star {
            while p < pattern.count, pattern[p] == star { p += 1 }
            let startsComponent = start == 0 || pattern[start - 1] == slash
            let endsComponent =
                p == pattern.count || pattern[p] == slash || (pattern[p] == backslash && p + 1 < pattern.count && pattern[p + 1] == slash)
            if !isPath {
                crossesSlashes = true
            } else if startsComponent, endsComponent {
                // `**/` also stands for nothing at all.
                if p < pattern.count, pattern[p] == slash, match(pattern, p + 1, text, t) == .match { return .match }
                crossesSlashes = true
            }
        }
        if p == pattern.count {
            return crossesSlashes || !text[t...].contains(slash) ? .match : .abortToDoubleStar
        }
        if !crossesSlashes, pattern[p] == slash {
            guard let next = text[t...].firstIndex(of: slash) else { return .abort }
            return match(pattern, p + 1, text, next + 1)
        }
        while t < text.count {
            let outcome = match(pattern, p, text, t)
            if outcome != .noMatch, !crossesSlashes || outcome != .abortToDoubleStar { return outcome }
            if outcome == .noMatch, !crossesSlashes, text[t] == slash { return .abortToDoubleStar }
            t += 1
        }
        return .abort
    }

    /// Whether the set that starts at `start` holds the byte, and where it ends; nil when it does not end.
    private func matchSet(_ pattern: Bytes, _ start: Int, _ byte: UInt8) -> (Bool, Int)? {
        var p = start + 1
        guard p < pattern.count else { return nil }
        let isNegated = pattern[p] == 0x21 || pattern[p] == 0x5E
        if isNegated { p += 1 }
        var isInside = false
        // The start of a range, where one may begin; 0 for none.
        var previous: UInt8 = 0
        var isFirst = true
        while true {
            guard p < pattern.count else { return nil }
            var current = pattern[p]
            if current == closing, !isFirst { break }
            isFirst = false
            if current == backslash {
                p += 1
                guard p < pattern.count else { return nil }
                current = pattern[p]
                if current == byte { isInside = true }
            } else if current == 0x2D, previous != 0, p + 1 < pattern.count, pattern[p + 1] != closing {
                p += 1
                if pattern[p] == backslash { p += 1 }
                guard p < pattern.count else { return nil }
                if holds(previous, pattern[p], byte) { isInside = true }
                current = 0
            } else if current == bracket, p + 1 < pattern.count, pattern[p + 1] == 0x3A {
                guard let end = pattern[(p + 2)...].firstIndex(of: closing) else { return nil }
                if end > p + 2, pattern[end - 1] == 0x3A {
                    guard let found = isInClass(pattern[(p + 2)..<(end - 1)], byte) else { return nil }
                    if found { isInside = true }
                    p = end
                    current = 0
                } else if current == byte {
                    // No class after all: an ordinary `[`.
                    isInside = true
                }
            } else if current == byte {
                isInside = true
            }
            previous = current
            p += 1
        }
        return (isInside != isNegated, p)
    }

    private func holds(_ low: UInt8, _ high: UInt8, _ byte: UInt8) -> Bool {
        if byte >= low && byte <= high { return true }
        guard ignoresCase, byte >= 0x61, byte <= 0x7A else { return false }
        return byte - 0x20 >= low && byte - 0x20 <= high
    }

    /// Nil for a name that is no class.
    private func isInClass(_ name: Slice<Bytes>, _ byte: UInt8) -> Bool? {
        let isDigit = byte >= 0x30 && byte <= 0x39
        let isLower = byte >= 0x61 && byte <= 0x7A
        let isUpper = byte >= 0x41 && byte <= 0x5A
        switch String(decoding: name, as: UTF8.self) {
        case "alnum": return isDigit || isLower || isUpper
        case "alpha": return isLower || isUpper
        case "blank": return byte == 0x20 || byte == 0x09
        case "cntrl": return byte < 0x20 || byte == 0x7F
        case "digit": return isDigit
        case "graph": return byte > 0x20 && byte < 0x7F
        case "lower": return isLower
        case "print": return byte >= 0x20 && byte < 0x7F
        case "punct": return byte > 0x20 && byte < 0x7F && !(isDigit || isLower || isUpper)
        case "space": return byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
        case "upper": return isUpper || (ignoresCase && isLower)
        case "xdigit": return isDigit || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)
        default: return nil
        }
    }

    private func folded(_ byte: UInt8) -> UInt8 { ignoresCase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}

private let star = UInt8(ascii: "*")
private let question = UInt8(ascii: "?")
private let bracket = UInt8(ascii: "[")
private let closing = UInt8(ascii: "]")
private let backslash = UInt8(ascii: "\\")
private let slash = UInt8(ascii: "/")
