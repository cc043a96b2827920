import Foundation
import TestSupport
import Testing

/// `reports:` while `czar run` is active, in a zone whose clock is about to strike.
@Suite struct ReportsInARunTests {
    /// A zone in which it is a few seconds before nine, and the day of the week there.
    private func beforeNine(_ seconds: Int) -> (zone: String, weekday: String) {
        let now = Int(Date().timeIntervalSince1970)
        var east = 9 * 3600 - seconds - now % 86_400
        if east < -43_200 { east += 86_400 }
        let size = abs(east)
        let offset = "\(size / 3600):\(size / 60 % 60):\(size % 60)"
        // 1970-01-01 was a Thursday. POSIX counts west.
        return ("TST\(east >= 0 ? "-" : "+")\(offset)", ["thu", "fri", "sat", "sun", "mon", "tue", "wed"][(now + east) / 86_400 % 7])
    }

    @Test func aReportIsWrittenWhenItsTimeComes() throws {
        let (zone, weekday) = beforeNine(6)
        let project = try CzarProject(
            """
            project: {name: timed, base: main}
            reports: {weekly: \(weekday) 09:00}
            workers:
              - {id: anna, agent: human}
              - {id: one, script: 'until [ -e "$OUTSIDE/end" ]; do sleep 0.1; done; echo 1 > f'}

            """)
        // The phase has begun before nine, however slow the machine is.
        try project.expect(0, "create", "one", "anna")
        let daemon = try project.start("run", "--trust", "--quiet", environment: ["TZ": zone, "OUTSIDE": project.outside])
        let folder = project.path + "/.czarina/logs/reports"
        func reports() -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
        }
        try waitUntil("the report is there") { reports().count == 2 }
        let names = reports()
        #expect(names[0].hasPrefix("weekly-") && names[0].hasSuffix(".html") && names[1].hasSuffix(".md"))
        let text = try String(contentsOfFile: folder + "/" + names[1], encoding: .utf8)
        #expect(text.hasPrefix("# Week to ") && text.contains(" 09:0"), "\(text.prefix(200))")
        #expect(text.contains("**one**"))
        #expect(text.contains("## Needs a person\n\n- **anna**: waits for a person"), "a person keeps no run going, and is waited for")
        try writeFile(project.outside + "/end", "")
        #expect(daemon.wait() == 1, "anna is not complete")
        #expect(reports() == names)
    }
}
