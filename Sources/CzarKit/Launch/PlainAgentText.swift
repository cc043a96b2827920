import CzarPlanning

/// The sentences of an agent that prints text for people.
///
/// aider 0.86.2 (Fixtures/agents/aider-*.txt): `Tokens: 2.4k sent, 160 received. Cost: $0.01 message, $0.02 session.` after each
/// message, the cost only where it knows the model (`base_coder.py`, 2026-11-25), and the error names of litellm.
enum PlainAgentText {
    static func usage(in line: String) -> AgentFindings.Figures? {
        guard line.hasPrefix("Tokens: ") else { return nil }
        let sentences = line.dropFirst("Tokens: ".count).split(separator: ". ", maxSplits: 1)
        guard let counts = sentences.first else { return nil }
        var figures = AgentFindings.Figures()
        for part in counts.split(separator: ",") {
            let words = part.split(separator: " ")
            guard words.count >= 2, let count = TokenAmount.parse(String(words[0])) else { return nil }
            figures.tokens += count
            if words[1...].joined(separator: " ").hasPrefix("cache hit") { figures.cached = (figures.cached ?? 0) + count }
        }
        if sentences.count == 2, let cost = sentences[1].split(separator: "$").dropFirst().first {
            figures.cost = Double(cost.prefix { $0.isNumber || $0 == "." })
        }
        return figures
    }

    static func rateLimit(in line: String) -> String? {
        line.contains("litellm.RateLimitError") || line.hasPrefix("The API provider has rate limited you") ? line : nil
    }
}
