import CzarPlanning
import Testing

@Suite struct PhaseHintTests {
    @Test(arguments: [
        ("czar remove --force --ignored api", "czar remove --force --ignored api --phase 1"),
        ("czar fail api --reason 'a && b'", "czar fail api --phase 1 --reason 'a && b'"),
        (
            "czar commit --worker api -m 'it'\\''s api' && czar complete api",
            "czar commit --worker api --phase 1 -m 'it'\\''s api' && czar complete api --phase 1"
        ),
        ("czar exec api -- czar path api", "czar exec api --phase 1 -- czar path api"),
        ("SHELL=/bin/sh czar shell api", "SHELL=/bin/sh czar shell api --phase 1"),
        ("czar stop api && czar create api && czar start api", "czar stop api --phase 1"),
        ("czar remove api --phase 1", "czar remove api --phase 1"),
        ("czar status api-two", "czar status api-two"),
        ("git -C '/a b/api' status", "git -C '/a b/api' status"),
    ])
    func everyCommandThatNamesTheWorkerNamesItsPhase(_ given: String, _ expected: String) throws {
        let worker = try #require(WorkerID(rawValue: "api"))
        #expect(PhaseHint(PhaseID(rawValue: "1")).command(given, of: worker) == expected)
    }

    @Test func whatOnlyStartsIsNoCommand() throws {
        let worker = try #require(WorkerID(rawValue: "api"))
        let hint = PhaseHint(PhaseID(rawValue: "1"))
        #expect(hint.command("czar retry api", of: worker) == nil)
        #expect(hint.commands(["czar create api"], of: worker) == ["czar status api --phase 1"])
    }
}
