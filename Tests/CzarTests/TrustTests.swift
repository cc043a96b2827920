import Foundation
import TestSupport
import Testing

/// What is asked for trust is shown against what was trusted.
@Suite struct TrustTests {
    private static func plan(_ one: String, _ two: String = "command: [make, two]") -> String {
        "project: {name: trusted, base: main}\nworkers:\n  - {id: one, \(one)}\n  - {id: two, \(two)}\n"
    }

    @Test func aChangedPlanIsShownAsADifference() throws {
        let project = try CzarProject(Self.plan("script: 'echo 1'"))
        let first = try project.expect(0, "trust", "--yes")
        #expect(first.errors == "  + worker one script \"echo 1\"\n  + worker two command [\"make\",\"two\"]\n")
        // Only a plan that was accepted is known afterwards.
        try project.expect(0, "create", "one")
        try project.replacePlan(Self.plan("script: 'echo 2'", "command: [make, two], setup: {run: [npm, ci]}"))
        // Accepted, and not trusted: it is not what the next one is held against.
        try project.expect(0, "create", "two")
        try project.replacePlan(Self.plan("command: [echo, '3']", "command: [make, two], setup: {run: [npm, install]}"))
        let wanted =
            "  - worker one script \"echo 1\"\n  + worker one command [\"echo\",\"3\"]\n  + worker two setup [\"npm\",\"install\"]\n"
        #expect(try project.expect(77, "run").errors.contains(wanted))
        let started = try project.expect(77, "start", "two").errors
        #expect(started.contains("  + worker two setup") && !started.contains("one"), "\(started)")
        let changed = try project.expect(0, "trust", "--yes")
        #expect(changed.errors == wanted)
        #expect(changed.output == "trusted 2 commands\n")
        // Nothing but the trust itself was done with that plan.
        try project.replacePlan(Self.plan("command: [echo, '4']", "command: [make, two], setup: {run: [npm, install]}"))
        let last = try project.expect(0, "trust", "--yes").errors
        #expect(last == "  - worker one command [\"echo\",\"3\"]\n  + worker one command [\"echo\",\"4\"]\n")
    }
}
