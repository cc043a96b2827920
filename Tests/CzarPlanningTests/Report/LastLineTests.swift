import CzarPlanning
import Testing

/// What `czar status` tells of a running command's output.
@Suite struct LastLineTests {
    static let outputs: [(String, String?)] = [
        ("first\nsecond\n", "second"), ("first\nstill being wri", "still being wri"), ("said\n\n  \n\u{1B}[0m\n", "said"), ("", nil),
        ("\u{1B}]0;title\u{7}\u{1B}[1;31mred\u{1B}[0m and\tplain\u{8}\n", "red and plain"), ("10%\r50%\r100% done\r\n", "100% done"),
        ("\u{1B}Pq secret \u{1B}\\ok \u{202E}turned\n", "ok turned"),
        (#"{"type":"assistant","message":{"content":[{"type":"text","text":"I look\nat it"}]}}"#, "at it"),
        (
            #"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"make\ntest"}}]}}"# + "\n"
                + #"{"type":"stream_event"}"# + "\n", "$ Bash: make"
        ),
    ]

    @Test(arguments: outputs) func itIsTheLastThingThatCanBeRead(_ output: (String, String?)) {
        #expect(LastLine.of(Array(output.0.utf8), isWhole: true) == output.1)
    }

    @Test func theEndOfALineIsNoLine() {
        #expect(LastLine.of(Array("ine\nwhole\n".utf8), isWhole: false) == "whole")
        #expect(LastLine.of(Array("the end of a very long line".utf8), isWhole: false) == nil)
        #expect(LastLine.of(Array(repeating: UInt8(ascii: "x"), count: 5000), isWhole: true)?.count == 200)
    }
}
