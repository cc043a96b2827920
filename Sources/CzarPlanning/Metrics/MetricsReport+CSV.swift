extension MetricsReport {
    /// One line a worker after a line of names (RFC 4180, with line feeds); what is unknown is empty.
    package var csv: String {
        let rows = workers.map { worker in Self.columns.map { Self.quoted($0.value(worker)) }.joined(separator: ",") }
        return ([Self.columns.map(\.name).joined(separator: ",")] + rows).map { $0 + "\n" }.joined()
    }

    private struct Column {
        let name: String
        let value: (Worker) -> String
    }

    private static func number(_ name: String, _ value: @escaping (Worker) -> Int?) -> Column {
        Column(name: name) { worker in value(worker).map { String($0) } ?? "" }
    }

    private static func seconds(_ name: String, _ value: @escaping (Times) -> Int64) -> Column {
        Column(name: name) { worker in String(value(worker.times) / 1000) }
    }

    private static var columns: [Column] {
        [
            Column(name: "worker") { $0.status.definition.id.rawValue }, Column(name: "phase") { $0.status.definition.phase.rawValue },
            Column(name: "state") { $0.status.record.state.rawValue }, Column(name: "branch") { $0.status.branch.rawValue },
            Column(name: "tip") { $0.status.figures.tip?.rawValue ?? "" },
            Column(name: "integrated") {
                $0.status.figures.tip == nil || $0.status.figures.lacksIntegration ? "" : $0.status.figures.integration.rawValue
            },
            number("own_commits") { $0.status.figures.ownCommits }, number("total_commits") { $0.status.figures.total },
            number("ahead") { $0.status.figures.ahead }, number("behind") { $0.status.figures.behind },
            number("files_created") { $0.status.figures.files?.created }, number("files_modified") { $0.status.figures.files?.modified },
            number("files_deleted") { $0.status.figures.files?.deleted }, number("files_renamed") { $0.status.figures.files?.renamed },
            number("lines_inserted") { $0.status.figures.lines?.inserted }, number("lines_deleted") { $0.status.figures.lines?.deleted },
            number("tests_added") { $0.status.figures.testsAdded }, number("test_files") { $0.status.figures.testFiles },
            number("dirty_files") { $0.status.figures.worktree.knownDirty },
            number("tasks_done") { $0.status.taskCounts?.done }, number("tasks") { $0.status.taskCounts?.all },
            number("tokens") { $0.status.record.tokens.used.map { Int($0) } },
            number("token_budget") { $0.status.definition.budget.tokens.map { Int($0) } },
            Column(name: "cost_usd") { $0.status.record.tokens.cost.map { JSONValue.number($0).text } ?? "" },
            seconds("active_seconds", \.active), seconds("waiting_seconds", \.waiting), seconds("blocked_seconds", \.blocked),
            seconds("paused_seconds", \.paused), Column(name: "started_at") { $0.status.record.startedAt?.description ?? "" },
            Column(name: "ended_at") { $0.status.record.endedAt?.description ?? "" },
            number("budget_percent") { $0.budgetPercent.map { Int($0) } },
            Column(name: "last_commit_at") { $0.status.figures.lastCommit?.time?.description ?? "" },
        ]
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}
