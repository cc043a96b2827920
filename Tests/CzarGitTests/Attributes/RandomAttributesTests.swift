import TestSupport
import Testing

@testable import CzarGit

/// Random files of attributes in nested folders, with `git check-attr` as the oracle.
@Suite struct RandomAttributesTests {
    private static let atoms = [
        "a", "b", "ab", "A", ".", "/", "*", "**/", "/**", "?", "[ab]", "[!a]", "\\", "\\*", "[", "]", "!", "#", " ", "\"", "é", "\\!",
    ]
    private static let names = ["a", "b", "ab", "A", "aB", "!", "#", "\"", "é", "a b", "[", "\\", "*", "x.a"]
    private static let folders = ["", "a/", "a/b/", "d/", "d/é/", "A/"]
    private static let attributes = ["text", "eol", "diff", "merge", "binary", "one", "two", "three", "m-1", "m_2", "crlf"]

    private var random: SeededGenerator

    init() { random = SeededGenerator(seed: 0) }

    @Test(arguments: 21...24 as ClosedRange<UInt64>)
    mutating func everyNameHasTheValueItHasInGit(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        let ignoresCase = seed % 3 == 0
        var (wrong, set): ([String], Int) = ([], 0)
        for round in 0..<8 {
            let repository = try GitRepository(commit: false)
            if ignoresCase { try git("config", "core.ignorecase", "true", in: repository.path) }
            try git("config", "core.attributesfile", repository.around + "/general", in: repository.path)
            var sources = AttributeSources()
            let (general, info) = (file(macros: true), file(macros: true))
            try writeFile(repository.around + "/general", general)
            try repository.write(".git/info/attributes", info)
            sources.general = [AttributeList(file: Array(general.utf8))]
            sources.info = AttributeList(file: Array(info.utf8))
            for folder in Self.folders where Int.random(in: 0..<4, using: &random) > 0 {
                let content = file(macros: folder.isEmpty || Bool.random(using: &random))
                try repository.write(folder + ".gitattributes", content)
                sources.folders[Array(folder.utf8)] = AttributeList(blob: Array(content.utf8), mayDefineMacros: folder.isEmpty)
            }
            try git("-c", "core.ignorecase=false", "add", "-A", in: repository.path)
            var wanted = Self.attributes.shuffled(using: &random)
            if Bool.random(using: &random) { wanted.removeLast(6) }
            let paths = Set((0..<60).map { _ in Self.folders.randomElement(using: &random)! + name() })
            let answer = try run(
                ["git", "check-attr", "--cached", "-z", "--stdin"] + wanted, in: repository.path,
                input: paths.joined(separator: "\0") + "\0")
            #expect(answer.status == 0, "\(answer.errors)")
            let words = answer.output.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
            let rules = AttributeRules(sources, names: wanted, ignoresCase: ignoresCase)
            #expect(words.count == paths.count * wanted.count * 3 + 1)
            for start in stride(from: 0, to: words.count - 2, by: 3) {
                let (path, name, expected) = (words[start], words[start + 1], words[start + 2])
                let value = shown(rules.values(of: RepositoryPath(path))[wanted.firstIndex(of: name)!])
                if expected != "unspecified" { set += 1 }
                if value != expected { wrong.append("\(seed)/\(round) \(path): \(name) is \(value), not \(expected)") }
            }
        }
        #expect(wrong.prefix(5) == [])
        #expect(set > 500)
    }

    private func shown(_ value: AttributeValue) -> String {
        switch value {
        case .unspecified: "unspecified"
        case .set: "set"
        case .unset: "unset"
        case .text(let text): text
        }
    }

    private mutating func name() -> String {
        (0..<Int.random(in: 1...2, using: &random)).map { _ in Self.names.randomElement(using: &random)! }.joined(separator: "/")
    }

    private mutating func file(macros: Bool) -> String {
        var result = Int.random(in: 0..<6, using: &random) == 0 ? "\u{FEFF}" : ""
        let end = Int.random(in: 0..<4, using: &random) == 0 ? "\r\n" : "\n"
        for _ in 0..<Int.random(in: 1...7, using: &random) { result += line(macros: macros) + end }
        if Int.random(in: 0..<8, using: &random) == 0 { result += "* text\0 eol=lf\n* one" + end }
        return Bool.random(using: &random) ? result : String(result.dropLast())
    }

    private mutating func line(macros: Bool) -> String {
        let subject =
            macros && Int.random(in: 0..<4, using: &random) == 0
            ? "[attr]" + ["binary", "one", "two", "m-1", "text", "-no"].randomElement(using: &random)! : pattern()
        var words = (0..<Int.random(in: 1...4, using: &random)).map { _ in state() }
        if Int.random(in: 0..<30, using: &random) == 0 { words.append(String(repeating: "z", count: 2040)) }
        return (Int.random(in: 0..<8, using: &random) == 0 ? " \t" : "") + subject + " " + words.joined(separator: "\t ")
    }

    private mutating func state() -> String {
        let name = Int.random(in: 0..<25, using: &random) == 0 ? "n*" : Self.attributes.randomElement(using: &random)!
        let sign = ["", "", "", "-", "!"].randomElement(using: &random)!
        return sign + name + ["", "", "", "=", "=crlf", "=x=y"].randomElement(using: &random)!
    }

    private mutating func pattern() -> String {
        if Int.random(in: 0..<3, using: &random) == 0 { return ["*", "a", "**/a", "*.a", "b/*"].randomElement(using: &random)! }
        var text = ""
        repeat {
            text = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.atoms.randomElement(using: &random)! }.joined()
        } while IgnoreRulesTests.differsBetweenVersions(text)
        return Bool.random(using: &random) ? quoted(text) : text
    }

    private mutating func quoted(_ text: String) -> String {
        var result = "\""
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: result += "\\" + String(UnicodeScalar(byte))
            case 0x80...:
                result += "\\" + String(byte, radix: 8)
            default: result += Int.random(in: 0..<6, using: &random) == 0 ? "\\" + octal(byte) : String(UnicodeScalar(byte))
            }
        }
        // Some are not closed, or hold an escape that does not exist.
        return result + ["\"", "\"", "\"", "\"", "", "\\q\""].randomElement(using: &random)!
    }

    private func octal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 8)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }
}
