import Glibc

/// `czar-bench CZAR OUT [REPOSITORY]`: measures a czar binary against git and cp, in turns, and writes the page OUT.
@main
enum CzarBench {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 || arguments.count == 4, let czar = absolute(arguments[1]) else {
            note("usage: czar-bench CZAR OUT [REPOSITORY]")
            exit(64)
        }
        do {
            try run(czar: czar, out: arguments[2], repository: arguments.count == 4 ? absolute(arguments[3]) : nil)
        } catch {
            note("\(error)")
            exit(1)
        }
    }

    private static func run(czar: String, out: String, repository: String?) throws {
        let folder = temporaryRoot() + "/czar-bench.\(getpid())"
        guard mkdir(folder, 0o700) == 0 else { throw BenchError("cannot make \(folder)") }
        defer { remove(folder) }
        // Nothing of the user's configuration takes part.
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_AUTHOR_NAME", "Bench"), ("GIT_COMMITTER_NAME", "Bench"),
            ("GIT_AUTHOR_EMAIL", "bench@czar.example"), ("GIT_COMMITTER_EMAIL", "bench@czar.example"),
        ] { setenv(name, value, 1) }
        let git = environmentValue("BENCH_GIT") ?? "git"
        let benches = Benches(czar: czar, git: git, folder: folder)
        var sections: [Section] = []
        // The page is written after every bench: what is known already survives an interruption of the long ones.
        func add(_ section: Section) throws {
            sections.append(section)
            try write(Report(sections: sections, czar: czar, git: git, folder: temporaryRoot()).markdown(), toFile: out)
            print(section.markdown)
        }
        try add(benches.startUp())
        try add(benches.status("Status of 120 workers", from: nil))
        if let repository { try add(benches.status("Status of 120 workers, given repository", from: repository)) }
        for (name, source) in [("", nil), (", given repository", repository)] where name.isEmpty || source != nil {
            let title = "Status of 120 workers without a commit-graph" + name
            if let section = try benches.statusWithoutGraph(title, from: source) { try add(section) }
        }
        for (name, source) in [("", nil), (", given repository", repository)] where name.isEmpty || source != nil {
            if let section = try benches.reports("Reports over 500 workers" + name, from: source) { try add(section) }
        }
        try add(benches.worktrees("State of 24 worktrees", from: nil))
        if let repository { try add(benches.worktrees("State of 24 worktrees, given repository", from: repository)) }
        try add(benches.create("Eight worktrees", from: nil))
        if let repository { try add(benches.create("Eight worktrees, given repository", from: repository)) }
        try add(benches.growth())
    }

    private static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
