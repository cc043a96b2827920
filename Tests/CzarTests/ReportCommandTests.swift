import Foundation
import TestSupport
import Testing

/// `czar report` as a user calls it.
@Suite struct ReportCommandTests {
    @Test func everyReportHasEveryForm() throws {
        let project = try CzarProject(
            "project: {name: forms, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > 1'}\n  - {id: two, dependencies: [one], agent: human}\n"
        )
        try project.expect(0, "run", "--trust", "--quiet", "--once")
        for kind in ["status", "metrics", "standup", "weekly", "closeout"] {
            let answer = try project.answer("report", kind)
            #expect(answer["schema"].string == (kind == "metrics" ? "czar.metrics/1" : "czar.report/1"))
            #expect(try project.expect(0, "report", kind, "--format", "markdown").output.hasPrefix("# "))
            #expect(try project.expect(0, "report", kind, "--format", "html").output.hasPrefix("<!doctype html>"))
            let text = try project.expect(0, "report", kind, "--ascii", "--color", "never").output
            #expect(!text.contains("\u{1B}") && text.utf8.allSatisfy { $0 < 0x80 }, "\(kind): \(text)")
        }
        try project.expect(64, "report", "gossip")
        try project.expect(64, "report", "status", "--since", "2h")
        try project.expect(66, "report", "status", "--phase", "9")
    }

    @Test func reportsWorkWithoutAJournalAndWriteNothing() throws {
        let project = try CzarProject("project: {name: bare, base: main}\nworkers:\n  - {id: one}\n")
        let before = try project.traces()
        for kind in ["status", "standup", "weekly", "closeout"] { try project.expect(0, "report", kind) }
        try project.expect(0, "metrics", "--format", "prometheus")
        #expect(try project.traces() == before && !exists(project.path + "/.git/czar"))
    }

    @Test func timesAreThoseOfTheReadersZone() throws {
        let project = try CzarProject("project: {name: zones, base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create", "one")
        let last = try #require(try project.events().last)
        func subtitle(_ zone: String) throws -> String {
            let text = try project.expect(
                0, "report", "status", "--at", "#\(last.sequence)", "--format", "markdown", environment: ["TZ": zone]
            ).output
            return String(text.split(separator: "\n")[1])
        }
        // POSIX zones, so that no table of zones is needed: five and a half hours east, and UTC.
        let (east, utc) = try (subtitle("IST-5:30"), subtitle("UTC"))
        #expect(east.contains("IST") && utc.contains("UTC") && east != utc)
    }
}
