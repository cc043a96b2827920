import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@Suite struct ReportFileWriterTests {
    @Test func whatIsDueIsWrittenOnceAndNothingFromBeforeTheBeginning() throws {
        let repository = try GitRepository()
        try repository.write(
            ".czarina/config.yaml",
            "project: {name: p, base: main}\nreports: {standup: 09:00, weekly: fri 16:30}\nworkers:\n  - {id: one}\n")
        let coordinator = try Coordinator(around: repository.path, actor: "cli")
        let folder = repository.path + "/.czarina/logs/reports"
        func names() throws -> [String] { exists(folder) ? try FileManager.default.contentsOfDirectory(atPath: folder).sorted() : [] }
        var writer = ReportFileWriter(coordinator, zone: .utc)
        let now = currentTime()
        let first = try writer.writeDue(at: now)
        let next = try #require(first)
        #expect(try names().isEmpty && next > now, "what was due before the phase began is not made up for")
        // Eight days later both were due since.
        let later = now.advanced(by: .seconds(8 * 86_400))
        let second = try writer.writeDue(at: later)
        #expect(try #require(second) > later)
        let written = try names()
        #expect(written.count == 3 && written[0].hasPrefix("standup-") && written[1].hasSuffix(".html") && written[2].hasSuffix(".md"))
        let standup = folder + "/" + written[0]
        #expect(try String(contentsOfFile: standup, encoding: .utf8).hasPrefix("# Standup of "))
        // Another daemon finds it there.
        try writeFile(standup, "annotated\n")
        var another = ReportFileWriter(coordinator, zone: .utc)
        _ = try another.writeDue(at: later)
        #expect(try names() == written && String(contentsOfFile: standup, encoding: .utf8) == "annotated\n")
    }
}
