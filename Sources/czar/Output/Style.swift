import CzarGit
import Glibc

/// The one place that decides about colour, symbols and width.
struct Style {
    enum ColorChoice: String, CaseIterable { case auto, always, never }

    let usesColor: Bool
    let usesASCII: Bool
    /// Columns of the terminal; nil where the output is no terminal, which then is not cut.
    let width: Int?

    init(color: ColorChoice, ascii: Bool, environment: [String: String], isTerminal: Bool) {
        usesColor =
            switch color {
            case .always: true
            case .never: false
            case .auto:
                if let force = environment["CLICOLOR_FORCE"], !force.isEmpty, force != "0" {
                    true
                } else if environment["NO_COLOR"].map({ !$0.isEmpty }) == true || environment["TERM"] == "dumb" {
                    false
                } else {
                    isTerminal
                }
            }
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
        usesASCII = ascii || !(locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8"))
        width = isTerminal ? Self.terminalWidth(environment) : nil
    }

    /// Columns for a text that is wrapped also where the output is no terminal: `COLUMNS`, else the terminal's, else 80.
    static func columns(_ environment: [String: String] = processEnvironment()) -> Int { terminalWidth(environment) }

    private static func terminalWidth(_ environment: [String: String]) -> Int {
        if let columns = environment["COLUMNS"].flatMap(Int.init), columns > 0 { return columns }
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    enum Tone: String {
        case plain = "0", bold = "1", faint = "2", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36"
    }

    func paint(_ text: String, _ tone: Tone) -> String {
        usesColor && tone != .plain && !text.isEmpty ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The same for something that stands that many columns to the right.
    func narrowed(by columns: Int) -> Style { Style(usesColor: usesColor, usesASCII: usesASCII, width: width.map { $0 - columns }) }

    private init(usesColor: Bool, usesASCII: Bool, width: Int?) {
        (self.usesColor, self.usesASCII, self.width) = (usesColor, usesASCII, width)
    }

    /// The symbol, or its text form.
    func symbol(_ symbol: String, ascii: String) -> String { usesASCII ? ascii : symbol }
}
