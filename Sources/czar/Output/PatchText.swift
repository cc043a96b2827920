import CzarGit
import CzarKit

/// A patch for a terminal or a pipe: git's text, in git's colours where there are any.
struct PatchText {
    let style: Style

    /// Writes a piece. At a terminal control characters are escaped; what goes elsewhere is exactly git's, so that it can be applied.
    func write(_ line: PatchLine) {
        guard style.usesColor || style.width != nil else { return Console.answer(bytes: line.bytes) }
        var rest = line.bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            let text = String(decoding: rest[..<end], as: UTF8.self)
            let shown = style.width == nil ? text : DisplayText.safeLine(text)
            Console.answer(bytes: (style.paint(shown, tone(line.kind)) + (end < rest.endIndex ? "\n" : "")).utf8)
            rest = rest[(end < rest.endIndex ? end + 1 : end)...]
        }
    }

    private func tone(_ kind: PatchLine.Kind) -> Style.Tone {
        switch kind {
        case .header: .bold
        case .hunk: .cyan
        case .added: .green
        case .removed: .red
        case .context: .plain
        }
    }
}
