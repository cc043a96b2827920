import Glibc

/// What is measured. Every bench leaves the folder that it was given as it found it.
struct Benches {
    let czar: String
    let git: String
    let folder: String

    /// Whole processes, as every worker starts them all the time.
    func startUp() throws -> Section {
        let repository = folder + "/startup"
        let fleet = try Fleet(in: repository, size: .init(commits: 20, files: 20, branches: 4), git: git)
        defer { remove(repository) }
        // What a worker's environment has; the first event makes the journal.
        let worker: [String: String?] = ["CZAR_WORKER": "w1", "CZAR_PHASE": "1"]
        let event = Program([czar, "event", "CHECKPOINT", "name=bench", "tokens=1"], in: fleet.folder, environment: worker)
        try event.run()
        let results = try Contest(
            title: "start-up", rounds: 41,
            contenders: [
                Contender(label: "git --version", run: Program([git, "--version"]).run),
                Contender(label: "czar --version", run: Program([czar, "--version"]).run),
                Contender(label: "czar event", run: event.run),
            ]
        ).results()
        return Section(
            title: "Start-up", text: "Whole processes. `czar event` writes one durable entry in a repository with a journal.",
            results: results,
            peer: 0)
    }

    /// All figures of 120 workers, for the first time and again, against what a script does with git.
    func status(_ title: String, from source: String?) throws -> Section {
        let repository = folder + "/status", cache = folder + "/cache"
        let fleet = try Fleet(in: repository, size: .init(), from: source, git: git)
        defer { remove(repository, cache) }
        try checkFigures(fleet)
        let status = Program([czar, "status", "--json"], in: repository, environment: ["XDG_CACHE_HOME": cache])
        remove(cache)
        let memory = try status.peakMemory()
        var contenders = [
            Contender(
                label: "git loop: rev-list, log, diff", run: Program(["sh", "-c", loop, "loop", git] + fleet.branches, in: repository).run),
            Contender(label: "czar status, first time", prepare: { remove(cache) }, run: status.run),
            Contender(label: "czar status, again", run: status.run),
        ]
        var text =
            "120 branches. The loop runs `git rev-list --left-right --count`, `git log -1` and `git diff --numstat -M` for each, with a commit-graph."
        text += " `czar status`, first time, takes \(memory) MB of memory at its peak."
        if try gitIsNew() {
            contenders.append(Contender(label: "git for-each-ref, all at once, no lines", run: forEachRef(in: repository).run))
        } else {
            text += " `for-each-ref --format='%(ahead-behind:…)'` needs git 2.41 and is left out (BENCH_GIT=PATH names another git)."
        }
        return Section(title: title, text: text, results: try Contest(title: title, rounds: 5, contenders: contenders).results(), peer: 0)
    }

    /// The same without git's commit-graph, against the newest git's single process; nil where git is older.
    func statusWithoutGraph(_ title: String, from source: String?) throws -> Section? {
        guard try gitIsNew() else { return nil }
        let repository = folder + "/status", cache = folder + "/cache"
        let fleet = try Fleet(in: repository, size: .init(), from: source, hasGraph: false, git: git)
        defer { remove(repository, cache) }
        try checkFigures(fleet)
        let status = Program([czar, "status", "--json"], in: repository, environment: ["XDG_CACHE_HOME": cache])
        remove(cache)
        let memory = try status.peakMemory()
        let results = try Contest(
            title: title, rounds: 5,
            contenders: [
                Contender(label: "git for-each-ref, all at once, no lines", run: forEachRef(in: repository).run),
                Contender(label: "czar status, first time", prepare: { remove(cache) }, run: status.run),
                Contender(label: "czar status, again", run: status.run),
            ]
        ).results()
        let text = "120 branches, every commit read from the packs. `czar status`, first time, takes \(memory) MB of memory at its peak."
        return Section(title: title, text: text, results: results, peer: 0)
    }

    /// The five reports over 500 workers, nothing remembered; `git` has no command that says as much.
    func reports(_ title: String, from source: String?) throws -> Section? {
        guard try gitIsNew() else { return nil }
        let repository = folder + "/reports", cache = folder + "/cache"
        _ = try Fleet(in: repository, size: .init(branches: 500), from: source, hasGraph: false, git: git)
        defer { remove(repository, cache) }
        let results = try Contest(
            title: title, rounds: 3,
            contenders: [Contender(label: "git for-each-ref, all at once, no lines", run: forEachRef(in: repository).run)]
                + ["status", "metrics", "standup", "weekly", "closeout"].map { kind in
                    let report = Program([czar, "report", kind], in: repository, environment: ["XDG_CACHE_HOME": cache])
                    return Contender(label: "czar report \(kind), first time", prepare: { remove(cache) }, run: report.run)
                }
        ).results()
        let text = "500 branches, every commit read from the packs, an empty cache before each. A report is to take less than 2 s."
        return Section(title: title, text: text, results: results, peer: 0)
    }

    private func forEachRef(in repository: String) -> Program {
        Program([git, "for-each-ref", "--format=%(refname) %(ahead-behind:main) %(subject)", "refs/heads/fleet"], in: repository)
    }

    private var loop: String {
        """
        git=$1; shift
        for branch; do
            "$git" rev-list --left-right --count "main...$branch"
            "$git" log -1 --format=%s "$branch"
            "$git" diff --numstat -M "main...$branch"
        done
        """
    }

    /// A fast wrong answer is worth nothing: ahead and behind are compared with git's before anything is timed.
    private func checkFigures(_ fleet: Fleet) throws {
        let answer = try Program([czar, "status", "--json"], in: fleet.folder, environment: ["XDG_CACHE_HOME": folder + "/cache"]).answer()
        let ours = zip(Self.numbers("ahead", in: answer), Self.numbers("behind", in: answer)).map { "\($1)\t\($0)" }
        let theirs = try fleet.branches.map {
            try Program([git, "rev-list", "--left-right", "--count", "main...\($0)"], in: fleet.folder).answer()
        }
        guard ours == theirs else { throw BenchError("czar's figures differ from git's: \(ours.prefix(3)) and \(theirs.prefix(3))") }
    }

    /// The values of a key, in order; no JSON reader for two numbers.
    private static func numbers(_ key: String, in json: String) -> [Int] {
        json.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ":").map { $0.filter { $0 != " " && $0 != "," && $0 != "\"" } }
            return parts.count == 2 && parts[0] == key ? Int(parts[1]) : nil
        }
    }

    private func gitIsNew() throws -> Bool {
        let version = try Program([git, "--version"]).answer().split(separator: " ").last ?? ""
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        return numbers.count > 1 && (numbers[0], numbers[1]) >= (2, 41)
    }

    /// Eight worktrees with their branches.
    func create(_ title: String, from source: String?) throws -> Section {
        let template = folder + "/template", repository = folder + "/create", copies = folder + "/copies"
        _ = try Fleet(in: template, size: .init(branches: 1), from: source, git: git)
        try Program([git, "worktree", "add", "--quiet", "-b", "finished", folder + "/finished"], in: template).run()
        unlink(folder + "/finished/.git")
        defer { remove(template, repository, copies, folder + "/finished") }
        let workers = (1...8).map { #"{"id": "new\#($0)", "command": ["true"]}"# }.joined(separator: ",")
        let prepare = {
            remove(repository, copies)
            mkdir(copies, 0o755)
            try Program([git, "clone", "--quiet", "--shared", "--no-checkout", template, repository]).run()
            mkdir(repository + "/.czarina", 0o755)
            try write(#"{"project": {"base": "main"}, "workers": [\#(workers)]}"#, toFile: repository + "/.czarina/config.json")
        }
        let add = #"git=$1; for n in 1 2 3 4 5 6 7 8; do "$git" worktree add --quiet -b "new$n" "$2/$n" main || exit; done"#
        let copy = #"for n in 1 2 3 4 5 6 7 8; do cp -r "$1" "$2/$n" || exit; done"#
        let results = try Contest(
            title: title, rounds: 5,
            contenders: [
                Contender(
                    label: "git worktree add × 8", prepare: prepare,
                    run: Program(["sh", "-c", add, "add", git, copies], in: repository).run),
                Contender(
                    label: "cp -r × 8, files only", prepare: prepare,
                    run: Program(["sh", "-c", copy, "copy", folder + "/finished", copies]).run),
                Contender(label: "czar create, 8 workers", prepare: prepare, run: Program([czar, "create", "--all"], in: repository).run),
            ]
        ).results()
        let files = try Program(["sh", "-c", "git ls-tree -r --name-only main | wc -l"], in: template).answer()
        return Section(title: title, text: "Eight worktrees of \(files) files each, with their branches.", results: results, peer: 0)
    }

    /// The state of 24 worktrees: which files are staged, changed, untracked.
    func worktrees(_ title: String, from source: String?) throws -> Section {
        let repository = folder + "/worktrees", cache = folder + "/cache"
        _ = try Fleet(in: repository, size: .init(branches: 24), from: source, git: git)
        defer { remove(repository, cache) }
        try Program([czar, "create", "--all"], in: repository).run()
        let places = (1...24).map { "\(repository)/.czarina/worktrees/w\($0)" }
        let edit = #"echo more >> "$(git ls-files | head -n 1)"; echo new > untracked"#
        for place in places { try Program(["sh", "-c", edit], in: place).run() }
        let loop = #"git=$1; shift; for place; do "$git" -C "$place" status --porcelain || exit; done"#
        let status = Program([czar, "status", "--json"], in: repository, environment: ["XDG_CACHE_HOME": cache])
        let gitLoop = Program(["sh", "-c", loop, "loop", git] + places)
        let answer = try status.answer()
        guard Self.numbers("modified", in: answer).count(where: { $0 == 1 }) >= 24, try gitLoop.answer().split(separator: "\n").count == 48
        else { throw BenchError("czar's figures of the worktrees differ from git's") }
        let results = try Contest(
            title: title, rounds: 9,
            contenders: [
                Contender(label: "git status --porcelain × 24", run: gitLoop.run),
                Contender(label: "czar status, 24 worktrees", run: status.run),
            ]
        ).results()
        let files = try Program(["sh", "-c", "git ls-files | wc -l"], in: places[0]).answer()
        return Section(
            title: title,
            text: "24 worktrees of \(files) files, a changed and an untracked one in each. `czar status` starts, reads plan and journal, "
                + "and has the history's figures remembered.",
            results: results, peer: 0)
    }

    /// How the time grows with the number of workers.
    func growth() throws -> Section {
        var results: [Contest.Result] = []
        for count in [100, 1000, 10_000] {
            let repository = folder + "/growth", cache = folder + "/cache"
            _ = try Fleet(in: repository, size: .init(branches: count), git: git)
            defer { remove(repository, cache) }
            let status = Program([czar, "status", "--json"], in: repository, environment: ["XDG_CACHE_HOME": cache])
            results += try Contest(
                title: "growth: \(count) workers", rounds: count > 1000 ? 1 : 3,
                contenders: [
                    Contender(label: "\(count) workers, first time", prepare: { remove(cache) }, run: status.run),
                    Contender(label: "\(count) workers, again", run: status.run),
                ]
            ).results()
        }
        return Section(title: "Growth of status", text: "The ratio is to 100 workers, first time.", results: results, peer: 0)
    }
}

func remove(_ paths: String...) {
    for path in paths {
        do { try Program(["rm", "-rf", path]).run() } catch { note("\(path) is left behind: \(error)") }
    }
}
