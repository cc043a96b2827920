import Foundation
import TestSupport
import Testing

/// `czar metrics` against git and against the parsers of those who read it.
@Suite struct MetricsTests {
    /// Two workers, one of which merges the other's branch; both add tests.
    private static let plan = """
        project: {name: metrics, base: main}
        orchestration: {budget: {tokens: 1000}}
        workers:
          - {id: one, script: "%1"}
          - {id: two, script: "%2", dependencies: [one], merges: [one]}
        """

    private func made() throws -> CzarProject {
        let git = "git -c user.name=W -c user.email=w@example.org"
        let one =
            "printf 'def test_a():\\\\n  x\\\\ndef test_b():\\\\n  x\\\\n' > t.py; git add -A; \(git) commit -qm one; czar event CHECKPOINT tokens=200"
        let two =
            "\(git) merge -q --no-ff -m merged cz1/feat/one; echo 2 > 2; git add -A; \(git) commit -qm two; czar event CHECKPOINT tokens=100"
        let text = Self.plan.replacingOccurrences(of: "%1", with: one).replacingOccurrences(of: "%2", with: two)
        let project = try CzarProject(text.replacingOccurrences(of: "czar event", with: "\(CzarProgram.path) event"))
        try project.expect(0, "run", "--trust", "--quiet")
        return project
    }

    @Test func everyFigureIsGitsAndEachCommitCountsOnce() throws {
        let project = try made()
        let metrics = try project.answer("metrics")
        #expect(metrics["schema"].string == "czar.metrics/1")
        let total = try git("rev-list", "--count", "cz1/feat/one", "cz1/feat/two", "--not", "main", in: project.path)
        #expect(metrics["totals"]["own_commits"].int == Int(total), "the merged commit is in both branches")
        #expect(metrics["totals"]["tokens"].int == 300 && metrics["totals"]["budget_percent"].int == 30)
        for worker in metrics["workers"].array {
            let id = try #require(worker["id"].string)
            let branch = "cz1/feat/\(id)"
            #expect(try worker["own_commits"].int == Int(git("rev-list", "--count", branch, "--not", "main", in: project.path)), "\(id)")
            let added = try git("diff", "-U0", "main...\(branch)", in: project.path).split(separator: "\n").count {
                $0.hasPrefix("+def test_")
            }
            #expect(worker["tests_added"].int == added && added == 2, "\(id)")
            // A history exists: the newest sample is what Git says now.
            let samples = metrics["samples"].array.filter { $0["worker"].string == id }
            let last = try #require(samples.last)
            #expect(last["own_commits"].int == worker["own_commits"].int && last["tip"].string == worker["tip"].string, "\(id)")
            #expect(last["inserted"].int == worker["lines"]["inserted"].int, "\(id)")
        }
    }

    @Test func aMomentOfThePastIsTheSameBytesForEver() throws {
        let project = try made()
        let last = try #require(try project.events().last)
        func answers(_ moment: String) throws -> [String] {
            try [
                ["metrics", "--json"], ["metrics", "--format", "csv"], ["report", "closeout", "--format", "html"],
                ["report", "weekly", "--format", "markdown"],
            ]
            .map { arguments in
                let outcome = try run([CzarProgram.path] + arguments + ["--at", moment], in: project.path)
                try #require(outcome.status == 0, "\(outcome.errors)")
                return outcome.output
            }
        }
        let before = try answers("#\(last.sequence)")
        // What happens afterwards: branches move, workers report, worktrees go.
        try project.repository.write("later", "later\n")
        try project.repository.commitAll("later")
        try project.expect(0, "event", "one", "CHECKPOINT", "tokens=5000")
        try git("-C", project.worktree("two"), "commit", "-q", "--allow-empty", "-m", "more", in: project.path)
        try project.expect(0, "remove", "one")
        #expect(try answers("#\(last.sequence)") == before)
        #expect(try answers(last.time).count == before.count)
        // What cannot be known of then is said, and only of then.
        let past = try project.expect(0, "report", "status", "--at", "#\(last.sequence)").output
        #expect(past.contains("boxes ticked in briefs, have no history"))
        #expect(try !project.expect(0, "report", "status").output.contains("have no history"))
        #expect(try project.answer("report", "status", "--at", "#\(last.sequence)")["past"].bool == true)
        // A worker that had not begun yet has no figures, and is pending.
        let early = try project.answer("metrics", "--at", "#2")
        #expect(early["workers"].array.allSatisfy { $0["state"].string == "pending" && !$0["tip"].exists })
        try project.expect(66, "metrics", "--at", "2001-01-01")
        try project.expect(66, "metrics", "--at", "#999999")
        try project.expect(64, "metrics", "--at", "sometime")
    }

    @Test func whatIsGoneIsNull() throws {
        let project = try made()
        let last = try #require(try project.events().last)
        // The branches and the objects that only they held are gone, the journal stays.
        for worker in ["one", "two"] { try git("worktree", "remove", "--force", project.worktree(worker), in: project.path) }
        try git("branch", "-D", "cz1/feat/one", "cz1/feat/two", in: project.path)
        try git("reflog", "expire", "--expire=now", "--all", in: project.path)
        try git("gc", "-q", "--prune=now", in: project.path)
        let cache = TemporaryCache()
        let outcome = try run(
            [CzarProgram.path, "metrics", "--json", "--at", "#\(last.sequence)"], in: project.path,
            environment: ["XDG_CACHE_HOME": try cache.path()])
        try #require(outcome.status == 0, "\(outcome.errors)")
        for worker in try CzarAnswer(outcome.output)["workers"].array {
            #expect(worker["tip"].string != nil && worker["own_commits"].isNull && worker["lines"].isNull && worker["tests_added"].isNull)
        }
    }

    private final class TemporaryCache {
        private var folder: TemporaryFolder?
        func path() throws -> String {
            let made = try TemporaryFolder("czar-cache")
            folder = made
            return made.path
        }
    }

    @Test func prometheusReadsBothForms() throws {
        guard let python = try Self.pythonWithPrometheus() else {
            return CzarProgram.skip("PyPI's prometheus-client cannot be installed here (python3 -m venv, pip)")
        }
        let project = try made()
        for (form, module) in [("prometheus", "prometheus_client.parser"), ("openmetrics", "prometheus_client.openmetrics.parser")] {
            let text = try project.expect(0, "metrics", "--format", form).output
            let script = """
                import sys, json
                from \(module) import text_string_to_metric_families
                for family in text_string_to_metric_families(sys.stdin.read()):
                    assert family.documentation, family.name
                    for sample in family.samples:
                        print(json.dumps([sample.name, family.type, sample.labels, sample.value]))
                """
            let parsed = try run([python, "-c", script], in: project.path, input: text)
            try #require(parsed.status == 0, "\(form): \(parsed.errors)\n\(text)")
            let samples = try parsed.output.split(separator: "\n").map { try CzarAnswer(String($0)) }
            func value(_ name: String, _ worker: String?) -> Int? {
                samples.first { $0[0].string == name && (worker == nil || $0[2]["worker"].string == worker) }?[3].int
            }
            #expect(value("czar_worker_own_commits", "one") == 1 && value("czar_worker_tests_added", "two") == 2, "\(form)")
            #expect(value("czar_worker_tokens_total", "one") == 200 && value("czar_tokens_total", nil) == 300, "\(form)")
            #expect(samples.first { $0[0].string == "czar_worker_tokens_total" }?[1].string == "counter", "\(form)")
            #expect(samples.allSatisfy { ($0[0].string ?? "").hasPrefix("czar_") })
        }
    }

    /// A virtual environment with the client, made once on a machine.
    private static func pythonWithPrometheus() throws -> String? {
        guard let python = CzarProgram.tool("python3") else { return nil }
        let folder = NSTemporaryDirectory() + "/czar-prometheus-\(getuid())"
        let own = folder + "/bin/python"
        func works() throws -> Bool {
            exists(own) ? try run([own, "-c", "import prometheus_client.openmetrics.parser"], in: "/").status == 0 : false
        }
        if try works() { return own }
        // pip reads its index from the machine's settings.
        let environment = ["HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/root"].merging(
            ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PIP_") || $0.key.lowercased().hasSuffix("_proxy") }
        ) { $1 }
        guard try run([python, "-m", "venv", "--clear", folder], in: "/", environment: environment).status == 0 else { return nil }
        _ = try run(
            [folder + "/bin/pip", "install", "-q", "--disable-pip-version-check", "prometheus-client"], in: "/", environment: environment)
        return try works() ? own : nil
    }
}
