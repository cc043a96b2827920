/// How wide a label of a drawing is at most, in the drawing's units.
///
/// A page is drawn with whatever sans-serif font its reader has. The widths are those of DejaVu Sans, the widest of the usual ones and
/// Debian's own, rounded up to a few classes.
enum LabelWidth {
    /// The width of a text in a font of a size.
    static func of(_ text: some StringProtocol, size: Double, isBold: Bool = false) -> Double {
        text.unicodeScalars.reduce(0) { $0 + share($1) } * size * (isBold ? 1.1 : 1)
    }

    /// The text, or its beginning with an ellipsis, so that it is no wider than `width`.
    static func cut(_ text: String, to width: Double, size: Double, isBold: Bool = false) -> String {
        guard of(text, size: size, isBold: isBold) > width else { return text }
        var kept = Substring(text)
        while !kept.isEmpty, of(kept, size: size, isBold: isBold) + of("…", size: size, isBold: isBold) > width { kept.removeLast() }
        return kept + "…"
    }

    /// A letter's width as a share of the font's size.
    private static func share(_ letter: Unicode.Scalar) -> Double {
        switch letter {
        case "i", "j", "l", "'", "|", ".", ",", ":", ";", " ", "I", "!": 0.36
        case "f", "t", "r", "-", "(", ")", "[", "]", "/", "\"": 0.42
        case "m", "w", "W", "M", "@", "%", "…": 1
        case "A"..."Z", "&", "+", "=", "<", ">", "~", "#": 0.84
        case _ where letter.isASCII: 0.65
        // Combining marks have no width of their own; ideographs are square.
        case _ where letter.properties.generalCategory == .nonspacingMark: 0
        case _ where letter.value < 0x1100: 0.84
        default: 1
        }
    }
}
