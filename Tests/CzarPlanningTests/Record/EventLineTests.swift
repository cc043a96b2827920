import CzarPlanning
import Testing

@Suite struct EventLineTests {
    private let noon = Timestamp(milliseconds: 1_766_758_500_120)

    private func entry(_ fields: [String: String], worker: WorkerID? = WorkerID(rawValue: "foundation")) -> JournalEntry {
        JournalEntry(
            sequence: 7,
            event: Event(time: noon, phase: .first, worker: worker, type: .checkpoint, fields: fields, actor: "cli"))
    }

    @Test func textHasTheSeedsForm() {
        #expect(
            EventLine(entry(["name": "agent_roles_complete"])).text
                == "2025-12-26T14:15:00.120Z foundation CHECKPOINT name=agent_roles_complete")
        #expect(
            EventLine(entry(["b": "", "a": "x y", "c": "é"], worker: nil)).text
                == #"2025-12-26T14:15:00.120Z - CHECKPOINT a="x y" b="" c="é""#)
    }

    @Test func jsonHasItsMembersInOrder() {
        #expect(
            EventLine(entry(["b": "2", "a": "1"])).json
                == #"{"schema":"czar.event/1","seq":7,"time":"2025-12-26T14:15:00.120Z","phase":"1","worker":"foundation","type":"CHECKPOINT","fields":{"a":"1","b":"2"},"actor":"cli"}"#
        )
        #expect(!EventLine(entry([:], worker: nil)).json.contains("worker"))
    }

    @Test(arguments: [
        "", "a b", "\"", "\\", "\\\"", "a\nb", "\r\n\t\u{0}\u{1B}[31m\u{7F}\u{85}\u{2028}", "日本語 🎉", "=", "a=b", "-", "{", "\u{301}", "%41",
        "null", "true", "1e5",
    ])
    func everyValueComesBackFromBothForms(value: String) throws {
        let line = EventLine(entry(["v": value, "w": value]))
        var fromText = try EventLine.read(line.text)
        (fromText.sequence, fromText.phase, fromText.actor) = (7, .first, "cli")
        #expect(fromText == line)
        #expect(try EventLine.read(line.json) == line)
        for text in [line.text, line.json] {
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x2028 })
        }
    }

    @Test func czarinasLinesAreRead() throws {
        let line = try EventLine.read("2025-12-29T22:16:48-05:00 foundation WORKER_COMPLETE tokens=1150000")
        #expect(line.time?.description == "2025-12-30T03:16:48.000Z")
        #expect(line.type == .workerComplete && line.fields == ["tokens": "1150000"])
        #expect(try EventLine.read(#"CHECKPOINT path="C:\dir" say="a \"b\"""#).fields == ["path": #"C:\dir"#, "say": #"a "b""#])
    }

    @Test func timeAndWorkerMayBeMissing() throws {
        #expect(try EventLine.read("CHECKPOINT").subject == .unstated)
        #expect(try EventLine.read("api CHECKPOINT").subject == .worker(#require(WorkerID(rawValue: "api"))))
        #expect(try EventLine.read("- CHECKPOINT").subject == .project)
        #expect(
            try EventLine.read(#" {"type": "X", "fields": {"n": 5, "ok": true}, "more": [{"a": [null]}]}"#).fields == [
                "n": "5", "ok": "true",
            ])
    }

    @Test(arguments: [
        "", "   ", "2025-12-26T14:15:00Z", "Api CHECKPOINT", "api checkpoint", "api CHECKPOINT name", "api CHECKPOINT =x",
        "api CHECKPOINT 1=x",
        #"api CHECKPOINT a="x"#, #"api CHECKPOINT a="x"b=1"#, "{", "{}", #"{"type":"x"}"#, #"{"type":"X"} {}"#, #"{"type":"X","seq":0}"#,
        #"{"type":"X","fields":{"a":null}}"#, #"{"type":"X","fields":{"a":"\ud800"}}"#, #"{"type":"X","time":"now"}"#,
        #"{"type":"X","schema":"czar.event/2"}"#,
        #"{"type":"X","a":"# + String(repeating: "[", count: 5000),
    ])
    func anythingElseIsRefusedWithAReason(line: String) {
        #expect(throws: EventLineProblem.self) { try EventLine.read(line) }
    }

    @Test func fieldNamesAreAsciiWords() {
        #expect(["a", "_", "A.b-c_9"].allSatisfy(EventLine.isFieldName))
        #expect(["", "1a", "a b", "é", "a=", ".a", String(repeating: "a", count: 65)].allSatisfy { !EventLine.isFieldName($0) })
    }
}
