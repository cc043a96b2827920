import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

struct StatusCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows every worker, or one whole, and what needs you.",
        discussion:
            "Inside a worker's command it shows that worker. Reads only: it works without a journal, on read-only checkouts and in a Czarina folder that Czar never touched."
    )

    @Argument(help: ArgumentHelp("One worker, with its tasks and latest events.", valueName: "worker"), completion: .workers)
    var worker: String?

    @Flag(help: "Show it again whenever something changes; q ends.") var watch = false

    @Flag(help: "Only the workers that need you: why, and what to try.") var attention = false

    @Flag(help: "A few words for a prompt, from the journal alone.") var short = false

    @Option(help: ArgumentHelp("Order the rows: plan, id, state, commits, lines, dirty, tokens or seen.", valueName: "key"))
    var sort: StatusOrder = .plan

    @Flag(help: "A row for every worker, also where there are more than 30.") var all = false

    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() async throws {
        if short { return try showShort() }
        guard watch else { return try show() }
        guard try common.format() == "text" else {
            throw Failure(message: "'czar status --watch' has no answer in JSON", hint: "czar events --follow --json", code: 64)
        }
        let reader = try EventReader(around: common.path)
        Console.endWithReader()
        WatchTerminal.endAtQ()
        while true {
            // Home and clear: the newest picture stands where the last one stood.
            if isatty(STDOUT_FILENO) == 1 { Console.signal("\u{1B}[H\u{1B}[2J") }
            try show()
            try await onOwnThread("watch") { try reader.waitForChange(atMost: .seconds(5)) }
        }
    }

    /// A prompt is drawn everywhere: where there is no plan it says nothing.
    private func showShort() throws {
        guard worker == nil else {
            throw Failure(message: "'czar status --short' is about all workers", hint: "czar status --short", code: 64)
        }
        do {
            let reader = try StatusReader(around: common.path)
            let short = ShortStatus(try choice.id.map { try reader.inPhase($0) } ?? reader, style: common.style)
            if try common.format() == "json" { return Console.answer(short.json.prettyText) }
            if !short.text.isEmpty { Console.answer(short.text) }
        } catch ProjectError.noPlan {
            if common.wantsJSON { Console.answer(ShortStatus.withoutPlan.prettyText) }
        }
    }

    private func showWithoutPlan() throws {
        let project = try ProjectLayout(around: common.path)
        try common.answer(
            StatusReport.jsonWithoutPlan(repository: project.root, now: currentTime()), text: FirstMinute.text)
    }

    private func show() throws {
        let reader: StatusReader
        do {
            reader = try StatusReader(around: common.path, evenWithoutJournal: true)
        } catch ProjectError.noPlan where worker == nil {
            return try showWithoutPlan()
        }
        try show(choice.id.map { try reader.inPhase($0) } ?? reader)
        if let problem = reader.planProblem { throw problem }
        guard let problem = reader.journalProblem else { return }
        // A copied repository's journal is read all the same; any other problem means that the answer lacks what the journal knows.
        guard case .copied = problem else { throw problem }
        common.note(Failure(problem).text)
    }

    private func show(_ reader: StatusReader) throws {
        var report = try reader.report()
        common.debug(reader.diagnostics)
        for sentence in report.limitations { common.note("czar: note: \(sentence)") }
        // A worker that asks means itself.
        if let worker = worker ?? ActingWorker.current {
            let meant = try ActingWorker.find(worker, in: reader.roster(of: choice.id), reader.state, at: common.path, isActing: false)
            let isMeant = { (row: StatusReport.Worker) in row.definition.key == meant.key }
            if !report.workers.contains(where: isMeant) { report = try reader.reportOfEveryWorker() }
            if !report.workers.contains(where: isMeant) { report = try reader.inPhase(meant.phase).reportOfEveryWorker() }
            guard let found = report.workers.first(where: isMeant) else { throw reader.reading.plan.noSuchWorker(worker) }
            report.workers = [found]
            report.attention.removeAll { $0.worker != found.definition.id }
            let text = WorkerText(worker: found, report: report, style: common.style).text
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(picture ?? .max)
            return try common.answer(report.json(detailed: true), text: lines.joined(separator: "\n"))
        }
        if common.wantsJSON { return Console.answer(selected(report).json().prettyText) }
        var text = StatusText(report: report, style: common.style)
        (text.order, text.showsAll) = (sort, all)
        Console.answer(attention ? text.morning() : picture.map { text.overview(fittedTo: $0) } ?? text.overview())
    }

    /// The lines of the terminal on which the picture is drawn over and over; nil where it may scroll.
    private var picture: Int? { watch && !all ? WatchTerminal.height : nil }

    /// The rows that were asked for; the totals stay those of all workers in text, and of these in JSON.
    private func selected(_ report: StatusReport) -> StatusReport {
        var report = report
        let needing = Set(report.attention.map(\.worker))
        if attention { report.workers.removeAll { !needing.contains($0.definition.id) } }
        report.workers = sort.sorted(report.workers)
        return report
    }
}

/// What bare `czar` says where there is no plan yet.
enum FirstMinute {
    /// Whether there is no repository around the folder that `-C` names, or this one.
    static var isBeforeRepository: Bool {
        let place = Invocation.arguments.lastIndex(of: "-C").map { $0 + 1 }.flatMap { Invocation.arguments.indices.contains($0) ? $0 : nil }
        do throws(DiscoveryError) {
            _ = try RepositoryLocation.discover(from: place.map { Invocation.arguments[$0] } ?? ".")
            return false
        } catch {
            if case .noRepository = error { return true }
            return false
        }
    }

    static let beforeRepository = """
        There is no Git repository here. 'git init' makes one, 'cd' leads to yours; there:
          czar add fix 'Fix the login page' --start   a branch, a worktree, an agent
          czar status                                 how far it is
          czar init                                   a starter plan for a team
        'czar --help' lists everything.
        """

    static let text = """
        There is no plan here yet. One worker, in one line:
          czar add fix 'Fix the login page' --start   a branch, a worktree, an agent
          czar status                                 how far it is
          czar logs fix -f                            what it says
        A team, from a plan:
          czar init        writes a starter plan to .czarina/config.yaml
          czar validate    checks it after you have edited it
          czar run         starts what is ready, watches, reports
        'czar --help' lists everything.
        """
}
