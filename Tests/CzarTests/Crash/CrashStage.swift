import CzarKit
import CzarPlanning
import Foundation
import TestSupport

/// The place where one scenario is played again and again, each time from the same state.
struct CrashStage {
    let scenario: CrashScenario
    let project: CzarProject
    /// What the repository is before the command, and what it is when the command was not disturbed.
    private(set) var before = ""
    private(set) var after = ""
    /// How many calls of the command change something.
    private(set) var calls = 0

    private var pristine: String { project.outside + "/pristine" }
    private var log: String { project.outside + "/calls" }

    /// Nil where tracing is not allowed.
    init?(_ scenario: CrashScenario) throws {
        self.scenario = scenario
        project = try CzarProject(scenario.plan)
        try scenario.prepare(project)
        try TestSupport.prepare("cp", "-a", project.path, pristine)
        before = try look()
        let outcome = try play(killedAt: 0)
        if outcome.status == 125 { return nil }
        guard outcome.status == 0 else { throw StageFailure("\(scenario.name) fails: \(outcome.errors)") }
        calls = try lines().count
        after = try look()
    }

    struct StageFailure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// One line for each call of the last play.
    func lines() throws -> [Substring] { try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") }

    /// Puts everything back. The common folder stays the same folder: the journal belongs to it by its inode.
    func reset() throws {
        let script = """
            find "$1" -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +
            find "$1/.git" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
            cp -a "$2/." "$1/"; rm -f "$3/starts"
            """
        try TestSupport.prepare("sh", "-ec", script, "reset", project.path, pristine, project.outside)
    }

    /// Runs the command, killed after one of its calls; with 0 to its end.
    func play(killedAt number: Int) throws -> ProcessOutcome {
        try run(
            [CzarProgram.tracer, String(number), log, CzarProgram.path] + scenario.command, in: project.path + scenario.folder,
            environment: environment)
    }

    /// Plays the command from the beginning, killed after the call of this number, and says which that was. Threads and children make
    /// a few calls more in one run than in another: a run that ended before its moment is played again with an earlier one.
    func kill(at moment: Int) throws -> String? {
        var moment = moment
        while moment > 0 {
            try reset()
            _ = try play(killedAt: moment)
            if let call = try killedAfter() { return call }
            moment -= max(1, moment / 20)
        }
        return nil
    }

    /// The call after which the last play was cut off; nil when it was not.
    private func killedAfter() throws -> String? {
        let lines = try lines()
        return lines.last == "killed" ? lines.dropLast().last.map(String.init) : nil
    }

    func czar(_ arguments: [String]) throws -> ProcessOutcome {
        let folder = exists(project.path + scenario.folder) ? project.path + scenario.folder : project.path
        return try run([CzarProgram.path] + arguments, in: folder, environment: environment)
    }

    private var environment: [String: String] {
        ["OUTSIDE": project.outside, "XDG_CACHE_HOME": project.outside + "/cache"]
    }

    /// All that git and Czar say of the repository and its worktrees, and what should not be there; without ids of commits, which differ
    /// by their times.
    func look() throws -> String {
        let script = """
            cd "$1"
            git for-each-ref --format='%(refname) %(tree) %(subject)' | grep -v ' *refs/czar/recovery' || :
            git worktree list --porcelain | sed '/^HEAD /d'
            git status --porcelain
            sha1sum .czarina/workers/* 2>/dev/null
            for tree in .czarina/worktrees/*/; do
                [ -d "$tree" ] || continue
                echo "== $tree"
                git -C "$tree" status --porcelain -uall
                git -C "$tree" ls-files -s
                (cd "$tree" && find . \\( -path ./.git -o -path ./.czar \\) -prune -o -type f -print | LC_ALL=C sort | xargs -r sha1sum)
            done
            find .czarina -maxdepth 2 \\( -name '*.yaml' -o -name '*.md' \\) | LC_ALL=C sort | xargs -r sha1sum
            # A dead process's lock folder locks nothing; whichever command looks for leftovers removes it, and `commit` does not.
            find .git/czar/staging .czarina/worktrees -mindepth 1 -maxdepth 1 ! -name 'lock-*' 2>/dev/null | LC_ALL=C sort
            find .git .czarina \\( -name '*.lock' -o -name '*.tmp' \\) ! -path '.git/czar/locks/*' ! -path '*/.czar/*' \\
                ! -path '.git/czar/staging/lock-*'
            git fsck --strict --no-dangling 2>&1
            """
        let git = try run(["sh", "-c", script, "look", project.path], in: "/").output
        let workers = try project.workers().sorted { $0.key < $1.key }.map { name, worker in
            let tree = worker["worktree"]
            return
                "\(name) \(worker["state"]) \(worker["branch"]) \(worker["fork_point"]) \(tree["path"]) \(tree["state"]) \(worker["attempt"])"
        }
        return git + workers.joined(separator: "\n")
    }

    /// What the mirrors and the numbers of entries must always be.
    func journalComplaints() throws -> [String] {
        let events = try project.events()
        var complaints: [String] = []
        if events.map(\.sequence) != Array(0..<events.count).map({ $0 + 1 }) { complaints.append("numbers: \(events.map(\.sequence))") }
        let mirror = try String(contentsOfFile: project.path + "/.czarina/logs/events.jsonl", encoding: .utf8)
        let mirrored = try mirror.split(separator: "\n").map { try CzarAnswer(String($0))["seq"].int }
        if mirrored != events.map(\.sequence) { complaints.append("the mirror has \(mirrored.count) of \(events.count) entries") }
        if let name = scenario.checkpoint {
            let count = events.count { $0.type == "CHECKPOINT" && $0.fields["name"] == name }
            if count != 1 { complaints.append("\(name) is there \(count) times") }
        }
        return complaints
    }
}

extension CzarProject {
    /// An event of a worker that could not write the journal.
    func leaveInOutbox(_ name: String) throws {
        let event = Event(
            time: Timestamp(milliseconds: 1_790_000_000_000), phase: .first, worker: WorkerID(rawValue: "one"), type: .checkpoint,
            fields: ["name": name], actor: "worker")
        try Outbox.put(event, worktree: worktree("one"))
    }

    /// A creation whose process died right after its worktree was listed.
    func cutOffACreation() throws {
        let plan = try String(contentsOfFile: path + "/.czarina/config.yaml", encoding: .utf8)
        try replacePlan(plan + "  - {id: two}\n")
        try repository.commitAll("another worker")
        let log = outside + "/cut"
        let whole = try run([CzarProgram.tracer, "0", log, CzarProgram.path, "create", "two"], in: path)
        guard whole.status == 0 else { return }
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        guard let point = lines.firstIndex(where: { $0.hasSuffix("renameat admin") }) else {
            throw CrashStage.StageFailure("a creation renames no 'admin'")
        }
        try expect(0, "undo")
        _ = try run([CzarProgram.tracer, "\(point + 1)", log, CzarProgram.path, "create", "two"], in: path)
    }
}
