import CzarPlanning
import Foundation
import Testing

@testable import CzarKit

/// What real programs printed (Fixtures/agents), and documented samples of those that could not be run.
@Suite struct AgentOutputTests {
    /// `make test-agents` has fresh recordings instead.
    private static let folder = ProcessInfo.processInfo.environment["CZAR_AGENT_OUTPUTS"].map { URL(fileURLWithPath: $0) } ?? recordings
    private static let recordings = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/agents")

    /// Fed in pieces, as a log grows.
    private func read(_ agent: String, _ text: String, piece: Int = 100) throws -> AgentFindings {
        var reader = AgentOutputReader(try #require(AgentOutput.named(agent)))
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) { reader.take(Array(bytes[start..<min(start + piece, bytes.count)])) }
        reader.finish()
        return reader.found
    }

    private func recorded(_ agent: String, _ name: String) throws -> AgentFindings {
        try read(agent, String(contentsOf: Self.folder.appending(path: name), encoding: .utf8))
    }

    private let session = "00000000-0000-4000-8000-000000000001"

    @Test func claudeTellsItsSessionItsTokensAndItsCost() throws {
        let found = try recorded("claude", "claude-first.jsonl")
        #expect(found.session == session)
        #expect(found.usage?.tokens == 2560 && found.usage?.cached == 0 && found.usage?.tokensAreOfSession == false)
        #expect(found.usage?.cost.map { abs($0 - 0.0128) < 1e-9 } == true && found.usage?.costIsOfSession == true)
        #expect(found.rateLimit == nil)
    }

    @Test func aResumedClaudeCountsTokensOfTheRunAndTheCostOfTheSession() throws {
        let found = try recorded("claude", "claude-resumed.jsonl")
        #expect(found.session == session && found.usage?.tokens == 2560)
        #expect(found.usage?.cost.map { abs($0 - 0.0256) < 1e-9 } == true)
    }

    @Test func claudesFiguresAreKnownWhileItRuns() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "claude-first.jsonl"), encoding: .utf8)
        let beforeTheEnd = text.split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
        #expect(try read("claude", beforeTheEnd).usage?.tokens == 1280)
    }

    @Test func codexCountsTheWholeThread() throws {
        let first = try recorded("codex", "codex-sandbox.jsonl")
        #expect(first.session == session && first.usage?.tokens == 2560 && first.usage?.tokensAreOfSession == true)
        let resumed = try recorded("codex", "codex-resumed.jsonl")
        #expect(resumed.session == session && resumed.usage?.tokens == 5120)
    }

    @Test(arguments: [
        ("claude", "claude-refused.jsonl", "Request rejected (429)"), ("codex", "codex-refused.jsonl", "429 Too Many Requests"),
    ])
    func aModelThatRefusesIsARateLimit(agent: String, file: String, sentence: String) throws {
        let found = try recorded(agent, file)
        #expect(found.rateLimit?.message.contains(sentence) == true)
        #expect(found.session == session)
    }

    @Test(arguments: [("claude", "claude-lost-session.jsonl"), ("codex", "codex-lost-session.txt")])
    func aSessionThatIsGoneIsNotOpened(agent: String, file: String) throws {
        let found = try recorded(agent, file)
        #expect(found.session == nil && found.rateLimit == nil)
    }

    @Test func whatAModelWritesIsNeverTakenForARateLimit() throws {
        let said =
            #"{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"HTTP 429: rate limit, usage limit reached"}]}}"#
        let result = #"{"type":"result","is_error":false,"result":"I fixed the 429 rate limit. You've hit your limit is shown now."}"#
        #expect(try read("claude", said + "\n" + result + "\n").rateLimit == nil)
        #expect(
            try read("codex", #"{"type":"item.completed","item":{"type":"agent_message","text":"usage limit, try again in 3 hours"}}"#)
                .rateLimit == nil)
    }

    @Test func linesThatAreNoRecordsArePassedOver() throws {
        let text =
            "{\"type\":\"result\",\nplain \"result\"\n{\"type\":\"result\",\"usage\":{\"input_tokens\":5,\"output_tokens\":6}}\r\n{\"type\":\"resu"
        #expect(try read("claude", text, piece: 3).usage?.tokens == 11)
    }

    @Test func documentedSamplesOfTheOthersAreRead() throws {
        let gemini = """
            {"type":"init","timestamp":"2026-01-01T00:00:00Z","session_id":"s1","model":"m"}
            {"type":"result","timestamp":"2026-01-01T00:00:01Z","status":"success","stats":{"total_tokens":250,"input_tokens":50,"output_tokens":200,"cached":20,"duration_ms":3000,"tool_calls":1}}
            """
        let opencode = """
            {"type":"step_start","timestamp":1,"sessionID":"ses_1","part":{"id":"p1","type":"step-start"}}
            {"type":"step_finish","timestamp":2,"sessionID":"ses_1","part":{"id":"p2","type":"step-finish","cost":0.25,"tokens":{"input":10,"output":5,"reasoning":1,"cache":{"read":4,"write":0}}}}
            {"type":"step_finish","timestamp":3,"sessionID":"ses_1","part":{"id":"p3","type":"step-finish","cost":0.5,"tokens":{"input":20,"output":5,"reasoning":0,"cache":{"read":0,"write":0}}}}
            """
        let cursor = """
            {"type":"system","subtype":"init","session_id":"c1","cwd":"/x","model":"m","permissionMode":"default"}
            {"type":"result","subtype":"success","duration_ms":1,"is_error":false,"result":"ok","session_id":"c1","usage":{"inputTokens":7,"outputTokens":3,"cacheReadTokens":2,"cacheWriteTokens":1}}
            """
        let found = [try read("gemini", gemini), try read("opencode", opencode), try read("cursor", cursor)]
        #expect(found.map(\.session) == ["s1", "ses_1", "c1"])
        #expect(found.map { $0.usage?.tokens } == [250, 45, 13])
        #expect(found.map { $0.usage?.cached } == [20, 4, 2])
        #expect(found[1].usage?.cost == 0.75)
    }

    @Test func aidersRecordedRunsAreRead() throws {
        let folder = Self.recordings
        let edit = try read("aider", String(contentsOf: folder.appending(path: "aider-edit.txt"), encoding: .utf8))
        #expect(edit.usage?.tokens == 1280 && edit.usage?.cost == nil && edit.rateLimit == nil)
        let text = try String(contentsOf: folder.appending(path: "aider-refused.txt"), encoding: .utf8)
        #expect(try read("aider", text).rateLimit != nil)
        #expect(try read("aider", text + "Tokens: 1.2k sent, 80 received.\n").rateLimit == nil)
    }

    @Test func aidersSentencesAreRead() throws {
        let text = """
            Tokens: 2.4k sent, 160 received. Cost: $0.01 message, $0.01 session.
            Tokens: 3.1k sent, 1.1k cache hit, 40 received. Cost: $0.02 message, $0.03 session.
            Applied edit to a.txt
            """
        let found = try read("aider", text)
        #expect(found.usage?.tokens == 2400 + 160 + 3100 + 1100 + 40 && found.usage?.cached == 1100)
        #expect(found.usage?.cost.map { abs($0 - 0.03) < 1e-9 } == true)
        #expect(try read("aider", "litellm.RateLimitError: try again in 30 seconds").rateLimit?.until == .after(.seconds(30)))
    }

    @Test(arguments: [
        (
            "You've hit your usage limit. Try again in 2 days 3 hours 5 minutes.",
            AgentFindings.LimitEnd.after(.seconds(2 * 86_400 + 3 * 3600 + 300))
        ),
        ("Please try again in 1h 5m", .after(.seconds(3900))),
        ("limit reached|1790000000", .moment(Timestamp(milliseconds: 1_790_000_000_000))),
        ("hit your session limit · resets 3pm (UTC)", .clock(minutes: 15 * 60)),
        ("Try again at Nov 27th, 2026 12:05 AM.", .clock(minutes: 5)),
        ("try again at 15:30", .clock(minutes: 15 * 60 + 30)),
    ])
    func whenALimitEndsIsReadFromTheSentence(sentence: String, end: AgentFindings.LimitEnd) {
        #expect(LimitSentence.end(in: sentence) == end)
    }

    @Test func aTimeOfDayIsTheNextOne() {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        for minutes in stride(from: 0, to: 1440, by: 97) {
            let moment = AgentFindings.LimitEnd.clock(minutes: minutes).moment(from: now)
            #expect(moment > now && moment.seconds(since: now) <= 86_400 + 3600)
        }
    }

    @Test func aSentenceWithoutATimeSaysNone() {
        #expect(LimitSentence.end(in: "exceeded retry limit, last status: 429 Too Many Requests") == nil)
        #expect(LimitSentence.end(in: "try again in a while") == nil)
    }
}
