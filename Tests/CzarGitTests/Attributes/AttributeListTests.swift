import Testing

@testable import CzarGit

/// What is read of a file of attributes, line by line.
@Suite struct AttributeListTests {
    private func values(_ content: String, isBlob: Bool = true, of path: String = "a.txt", ignoringCase: Bool = false) -> [AttributeValue] {
        var sources = AttributeSources()
        let bytes = Array(content.utf8)
        if isBlob {
            sources.folders[[]] = AttributeList(blob: bytes, mayDefineMacros: true)
        } else {
            sources.info = AttributeList(file: bytes)
        }
        let rules = AttributeRules(sources, names: ["text", "eol"], ignoresCase: ignoringCase)
        return rules.values(of: RepositoryPath(path))
    }

    @Test(
        arguments: [
            ("a.txt text eol=crlf", [.set, .text("crlf")]),
            (" \t a.txt\t-text  !eol\r", [.unset, .unspecified]),
            ("a.txt text eol=", [.set, .text("")]),
            ("a.txt -text=auto eol=a=b", [.unset, .text("a=b")]),
            ("a.txt text -text", [.unset, .unspecified]),
            ("a.txt text\na.txt !text", [.unspecified, .unspecified]),
            ("*.txt text\nb.txt -text", [.set, .unspecified]),
            ("#a.txt text", [.unspecified, .unspecified]),
            // One wrong name takes its line away.
            ("a.txt text --eol", [.unspecified, .unspecified]),
            ("a.txt text eol=lf é", [.unspecified, .unspecified]),
            ("a.txt text =lf", [.unspecified, .unspecified]),
            ("a.txt text builtin_x", [.unspecified, .unspecified]),
            ("!a.txt text", [.unspecified, .unspecified]),
            ("*.txt text\n!a.txt -text", [.set, .unspecified]),
            ("a.txt/ text", [.unspecified, .unspecified]),
            ("/a.txt text", [.set, .unspecified]),
            ("\"a.txt\" text", [.set, .unspecified]),
            ("\"a.txt\"text", [.set, .unspecified]),
            ("\"a.t\\170\\164\" text", [.set, .unspecified]),
            ("\"!a.txt\" text", [.unspecified, .unspecified]),
            // Not closed, or with an escape that C does not have: as it stands, with its quotation mark.
            ("\"a.txt text", [.unspecified, .unspecified]),
            ("\"a\\.txt\" text", [.unspecified, .unspecified]),
            ("a.txt binary", [.unset, .unspecified]),
            ("a.txt !text eol=crlf\n*.txt binary", [.unset, .text("crlf")]),
            ("*.txt text=auto eol=crlf\n*.txt binary\na.txt !text eol=crlf", [.unspecified, .text("crlf")]),
            ("a.txt -binary", [.unspecified, .unspecified]),
            ("[attr]windows text eol=crlf\na.txt windows", [.set, .text("crlf")]),
            ("a.txt windows\n[attr]windows text\n[attr]windows -text", [.unset, .unspecified]),
            ("[attr]outer inner eol=lf\n[attr]inner text\na.txt outer", [.set, .text("lf")]),
            ("[attr]binary eol=lf\na.txt binary", [.unspecified, .text("lf")]),
            ("[attr]loop loop text\na.txt loop", [.set, .unspecified]),
            ("[attr] text\na.txt attr", [.unspecified, .unspecified]),
            ("\u{FEFF}a.txt text\n*.txt eol=lf", [.unspecified, .text("lf")]),
            ("a.txt text\0\na.txt eol=lf", [.set, .unspecified]),
        ] as [(String, [AttributeValue])])
    func aLineSaysWhatGitReads(content: String, expected: [AttributeValue]) { #expect(values(content) == expected) }

    @Test func namesInQuotationMarksHoldSpacesAndEscapes() {
        #expect(values("\"my file.txt\" text eol=crlf", of: "my file.txt") == [.set, .text("crlf")])
        #expect(values("\"\\303\\251.txt\" text", of: "é.txt") == [.set, .unspecified])
        #expect(values("\"a\\tb\\\"\\\\\\\\\" text", of: "a\tb\"\\") == [.set, .unspecified])
        #expect(values("\"#a\" text", of: "#a") == [.set, .unspecified])
        #expect(values("\\!a text", of: "!a") == [.set, .unspecified])
    }

    @Test func caseIsFoldedWhereTheSettingSaysSo() {
        #expect(values("*.TXT text") == [.unspecified, .unspecified])
        #expect(values("*.TXT text", ignoringCase: true) == [.set, .unspecified])
    }

    @Test func aFileOutsideOfTreesLosesItsMarkAndGoesOnAfterANul() {
        #expect(values("\u{FEFF}a.txt text\n", isBlob: false) == [.set, .unspecified])
        #expect(values("b\0 a\r\na.txt text\r\na.txt eol=lf", isBlob: false) == [.set, .text("lf")])
    }

    @Test func whatIsTooLongIsLeftOut() {
        func line(_ length: Int) -> String { "a.txt text" + String(repeating: " ", count: length - 10) }
        #expect(values(line(2047)) == [.set, .unspecified])
        #expect(values(line(2048)) == [.unspecified, .unspecified])
        #expect(values(line(2048) + "\n*.txt eol=lf") == [.unspecified, .text("lf")])
        // The carriage return counts in a tree only.
        #expect(values(line(2047) + "\r\n") == [.unspecified, .unspecified])
        #expect(values(line(2047) + "\r\n", isBlob: false) == [.set, .unspecified])
        var content = [UInt8](repeating: 0, count: AttributeList.largest - 1)
        content.replaceSubrange(0..<10, with: "a.txt text".utf8)
        #expect(AttributeList(blob: content, mayDefineMacros: true).lines.count == 1)
        content.append(0)
        #expect(AttributeList(blob: content, mayDefineMacros: true).lines.isEmpty)
        #expect(AttributeList(file: content).lines.isEmpty)
    }

    @Test func macrosAreDefinedForTheWholeRepositoryOnly() {
        var sources = AttributeSources()
        func list(_ text: String, root: Bool = false) -> AttributeList { AttributeList(blob: Array(text.utf8), mayDefineMacros: root) }
        sources.folders = [[]: list("[attr]m text\n", root: true), Array("d/".utf8): list("[attr]m -text\n[attr]n text\n* m n\n")]
        let rules = AttributeRules(sources, names: ["text"], ignoresCase: false)
        #expect(rules.values(of: RepositoryPath("d/f")) == [.set])
    }
}
