import Testing

@testable import CzarPlanning

@Suite struct FloatingRevisionTests {
    @Test(arguments: [
        "HEAD", "@", "HEAD~3", "HEAD^", "@~1", "HEAD^{/text}", "@{-1}", "@{u}~1", "main@{1}", "main@{yesterday}~1", ":/text", ":/text~1",
        ":0:file", "ORIG_HEAD",
        "FETCH_HEAD~1", "worktrees/a/HEAD~1", "refs/bisect/bad~1",
    ])
    func aBaseThatMeansSomethingElseElsewhereIsRefusedWhereItStands(_ base: String) throws {
        let text = "project:\n  base: '\(base)'\nworkers:\n  - {id: a}\n  - {id: b, base: '\(base)'}\n"
        let reading = PlanReader().read(PlanFile(name: "config.yaml", bytes: Array(text.utf8)))
        #expect(reading.errors.map(\.line) == [2, 5], "\(reading.errors)")
        #expect(reading.errors.allSatisfy { $0.message.contains("'\(base)'") && $0.message.contains("write a branch, or the id") })
    }

    @Test(arguments: [
        "main", "main~2", "v1.0^", "topic/HEAD-start", "1234567890abcdef~1", "worktrees/a", "HEADS", "feature_HEAD", "RELEASE_HEAD",
        "refs/heads/FETCH_HEAD",
    ])
    func whatIsTheSameEverywhereIsABase(_ base: String) throws {
        let text = "project: {base: '\(base)'}\nworkers:\n  - {id: a}\n"
        #expect(PlanReader().read(PlanFile(name: "config.yaml", bytes: Array(text.utf8))).errors.isEmpty)
    }
}
