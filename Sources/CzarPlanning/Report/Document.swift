/// A report as its readers see it, before it has a form: Markdown, HTML and the terminal write the same one.
package struct Document: Sendable {
    package var title: String
    /// What and when: project, phase, moment.
    package var subtitle: String
    package var sections: [Section] = []

    package init(title: String, subtitle: String) { (self.title, self.subtitle) = (title, subtitle) }

    package struct Section: Sendable {
        package var title: String
        package var blocks: [Block]
    }

    package enum Block: Sendable {
        case paragraph(Line)
        /// Names and what they are.
        case facts([(name: String, value: Line)])
        case list([Line])
        case table(DocumentTable)
        /// Drawn where the form can draw.
        case picture(Picture)
    }

    /// A drawing, with the sentence that says what it shows.
    package struct Picture: Sendable {
        package var svg: String
        package var caption: String
        /// What only the drawing needs to be said of it, not the chart that a forge draws.
        package var note: String?
        /// In its own pixels; a narrower page scrolls.
        package var width: Int
        /// The same as a Mermaid chart, which forges draw; nil where that has no such chart.
        package var mermaid: String?
    }

    /// Adds a section, unless there is nothing in it.
    package mutating func add(_ title: String, _ blocks: Block...) {
        if !blocks.isEmpty { sections.append(Section(title: title, blocks: blocks)) }
    }

    package mutating func add(_ title: String, _ blocks: [Block]) {
        if !blocks.isEmpty { sections.append(Section(title: title, blocks: blocks)) }
    }
}

/// A table of lines.
package struct DocumentTable: Sendable {
    package struct Column: Sendable {
        package var title: String
        package var alignsRight: Bool
        /// 0 is never dropped on a narrow terminal; of the others the highest number goes first.
        package var rank: Int
    }

    package var columns: [Column]
    package var rows: [[Line]] = []

    package init(_ columns: [(title: String, alignsRight: Bool, rank: Int)]) {
        self.columns = columns.map { Column(title: $0.title, alignsRight: $0.alignsRight, rank: $0.rank) }
    }
}

/// Text of several kinds in one line.
package struct Line: Sendable, ExpressibleByStringInterpolation {
    package enum Tone: Hashable, Sendable { case good, bad, warning, faint }

    package enum Part: Hashable, Sendable {
        case text(String)
        case strong(String)
        /// Names of branches, commits, commands, and what others wrote: nothing in it means anything to the form.
        case code(String)
        case state(WorkerState)
        case toned(String, Tone)
    }

    package var parts: [Part]

    package init(_ parts: [Part]) { self.parts = parts }
    package init(_ text: String) { parts = text.isEmpty ? [] : [.text(text)] }
    package init(stringLiteral value: String) { self.init(value) }
    package init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    package var isEmpty: Bool { parts.isEmpty }

    /// The text alone.
    package var plain: String {
        parts.map { part in
            switch part {
            case .text(let text), .strong(let text), .code(let text), .toned(let text, _): text
            case .state(let state): state.rawValue
            }
        }.joined()
    }

    package static func + (left: Line, right: Line) -> Line { Line(left.parts + right.parts) }

    /// The line, and the command that helps; behind what ends as a sentence does there is no second point.
    func trying(_ command: String) -> Line {
        self + (plain.last.map { ".?!…".contains($0) } == true ? " Try \(code: command)" : ". Try \(code: command)")
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}
        package mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { parts.append(.text(literal)) } }
        package mutating func appendInterpolation(_ text: String) { if !text.isEmpty { parts.append(.text(text)) } }
        package mutating func appendInterpolation(_ value: some CustomStringConvertible) { parts.append(.text(value.description)) }
        package mutating func appendInterpolation(strong text: String) { parts.append(.strong(text)) }
        package mutating func appendInterpolation(code text: String) { parts.append(.code(text)) }
        package mutating func appendInterpolation(worker id: WorkerID) { parts.append(.strong(id.rawValue)) }
        package mutating func appendInterpolation(state: WorkerState) { parts.append(.state(state)) }
        package mutating func appendInterpolation(_ line: Line) { parts += line.parts }
    }
}

extension WorkerState {
    /// How the state looks wherever it is shown: a symbol and its text form.
    package var mark: (symbol: String, ascii: String) {
        switch self {
        case .complete: ("✓", "+")
        case .active: ("●", "*")
        case .starting: ("◐", "*")
        case .ready: ("○", "o")
        case .pending: ("·", ".")
        case .blocked: ("■", "#")
        case .paused: ("‖", "=")
        case .failed: ("✗", "x")
        }
    }
}
