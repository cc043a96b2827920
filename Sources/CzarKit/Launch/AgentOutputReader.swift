import CzarPlanning

/// Reads an agent's output as it grows: give it every byte once, in order.
///
/// It keeps only what it found and an unfinished line; a line longer than ``longestLine`` is passed over.
package struct AgentOutputReader: Sendable {
    static let longestLine = 8 << 20

    private let output: AgentOutput
    private var findings = AgentFindings()
    private var rest: [UInt8] = []
    private var restIsTooLong = false
    /// Figures of steps by their key; those without one are added at once.
    private var steps: [String: AgentFindings.Figures] = [:]
    private var sumOfSteps: AgentFindings.Figures?
    private var total: AgentFindings.Figures?
    private var limitEnd: AgentFindings.LimitEnd?
    private let words: [[UInt8]]

    package init(_ output: AgentOutput) {
        self.output = output
        words = output.words.map { Array("\"\($0)\"".utf8) }
    }

    /// What was found until now.
    package var found: AgentFindings {
        var found = findings
        found.usage = total ?? steps.values.reduce(sumOfSteps) { AgentFindings.Figures.sum($0, $1) }
        if let limitEnd, found.rateLimit?.until == nil { found.rateLimit?.until = limitEnd }
        return found
    }

    /// Takes the next bytes of the output.
    /// - Complexity: O(bytes).
    package mutating func take(_ bytes: [UInt8]) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            finishLine(with: bytes[start..<end])
            start = end + 1
        }
        keep(bytes[start...])
    }

    /// Takes an unfinished last line for a whole one: nothing more will come.
    package mutating func finish() { finishLine(with: []) }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        if rest.count + bytes.count > Self.longestLine {
            (rest, restIsTooLong) = ([], true)
        } else if !restIsTooLong {
            rest += bytes
        }
    }

    private mutating func finishLine(with end: ArraySlice<UInt8>) {
        keep(end)
        defer { (rest, restIsTooLong) = ([], false) }
        // A terminal ends its lines with a carriage return too.
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        if output.isPlainText {
            takeText(String(decoding: rest, as: UTF8.self))
        } else if rest.first == UInt8(ascii: "{"), words.contains(where: rest.contains(bytes:)), let texts = JSONFacts.texts(inLine: rest) {
            takeRecord(texts)
        }
    }

    private mutating func takeRecord(_ texts: [String: String]) {
        if let place = output.session, place.pattern.fits(texts) { findings.session = texts[place.path] ?? findings.session }
        if let place = output.limitEnd, place.pattern.fits(texts), let seconds = texts[place.path].flatMap({ Int64($0) }) {
            limitEnd = .moment(Timestamp(milliseconds: seconds * 1000))
        }
        for usage in output.usage where usage.pattern.fits(texts) { take(usage, texts) }
        for limit in output.rateLimits where limit.pattern.fits(texts) {
            let message = texts[limit.message] ?? "its model refused to answer"
            findings.rateLimit = AgentFindings.Limit(message: message, until: LimitSentence.end(in: message))
        }
    }

    private mutating func take(_ usage: AgentOutput.Usage, _ texts: [String: String]) {
        guard let figures = usage.figures(in: texts) else { return }
        switch usage.scope {
        case .step(let key?):
            if let key = texts[key] { steps[key] = figures }
        case .step: sumOfSteps = AgentFindings.Figures.sum(sumOfSteps, figures)
        case .run, .session: total = figures
        }
    }

    private mutating func takeText(_ line: String) {
        if let figures = PlainAgentText.usage(in: line) {
            sumOfSteps = AgentFindings.Figures.sum(sumOfSteps, figures)
            // It asked again, and was answered.
            findings.rateLimit = nil
        }
        if let message = PlainAgentText.rateLimit(in: line) {
            findings.rateLimit = AgentFindings.Limit(message: message, until: LimitSentence.end(in: message))
        }
    }
}

extension AgentOutput {
    /// One text of each pattern: a line without any of them is no record that matters.
    fileprivate var words: Set<String> {
        let patterns = [session?.pattern, limitEnd?.pattern].compactMap(\.self) + usage.map(\.pattern) + rateLimits.map(\.pattern)
        return Set(patterns.compactMap { $0.equal["type"] })
    }
}

extension AgentOutput.Pattern {
    func fits(_ texts: [String: String]) -> Bool {
        guard equal.allSatisfy({ texts[$0.key] == $0.value }) else { return false }
        return containing.allSatisfy { place, words in
            guard let text = texts[place]?.lowercased() else { return false }
            return words.contains(where: text.contains)
        }
    }
}

extension AgentOutput.Usage {
    /// Nil when the record has no figures after all.
    fileprivate func figures(in texts: [String: String]) -> AgentFindings.Figures? {
        func sum(_ places: [String]) -> Int64? {
            let counts = places.compactMap { texts[$0].flatMap { Int64($0) } }.filter { $0 >= 0 }
            return counts.isEmpty ? nil : counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        }
        guard let tokens = sum(self.tokens) else { return nil }
        var figures = AgentFindings.Figures(tokens: tokens, cached: sum(cached))
        figures.cost = cost.flatMap { texts[$0] }.flatMap { Double($0) }
        figures.tokensAreOfSession = scope == .session
        figures.costIsOfSession = (costScope ?? scope) == .session
        return figures
    }
}

extension AgentFindings.Figures {
    static func sum(_ left: Self?, _ right: Self) -> Self {
        guard var sum = left else { return right }
        sum.tokens += right.tokens
        if let cached = right.cached { sum.cached = (sum.cached ?? 0) + cached }
        if let cost = right.cost { sum.cost = (sum.cost ?? 0) + cost }
        return sum
    }
}

extension [UInt8] {
    /// - Complexity: O(bytes), because a quotation mark and the letter after it seldom stand together.
    fileprivate func contains(bytes word: [UInt8]) -> Bool {
        guard let first = word.first, count >= word.count else { return false }
        var start = startIndex
        let last = count - word.count
        while start <= last, let hit = self[start...last].firstIndex(of: first) {
            if self[hit..<(hit + word.count)].elementsEqual(word) { return true }
            start = hit + 1
        }
        return false
    }
}
