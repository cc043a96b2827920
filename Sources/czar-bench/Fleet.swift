import Glibc

/// A generated repository with a history, files and many branches, the same every time.
struct Fleet {
    let folder: String
    let branches: [String]

    /// How much of everything.
    struct Size {
        var commits = 3000
        var files = 2000
        var branches = 120
    }

    /// `source` is a repository whose history is taken instead of a generated one; it is only read.
    /// - Throws: ``BenchError`` when git refuses.
    init(in folder: String, size: Size, from source: String? = nil, hasGraph: Bool = true, git: String) throws {
        self.folder = folder
        branches = (1...size.branches).map { "fleet/w\($0)" }
        if let source {
            try Program([git, "clone", "--quiet", "--shared", "--no-checkout", source, folder]).run()
            try Program([git, "checkout", "--quiet", "-B", "main"], in: folder).run()
        } else {
            try Program([git, "init", "--quiet", "--initial-branch=main", folder]).run()
        }
        if source == nil { try load(Self.history(size), git) }
        let depth = try Int(Program([git, "rev-list", "--count", "--first-parent", "main"], in: folder).answer()).map { $0 - 1 } ?? 0
        // A second stream: git finds `main~7` only among what an earlier one has written.
        try load(branches.enumerated().map { Self.branch($1, number: $0, depth: depth) }.joined(), git)
        if source == nil { try Program([git, "reset", "--quiet", "--hard", "main"], in: folder).run() }
        try Program([git, "pack-refs", "--all"], in: folder).run()
        if hasGraph { try Program([git, "commit-graph", "write", "--reachable"], in: folder).run() }
        try writePlan()
    }

    private func load(_ commands: String, _ git: String) throws {
        let stream = folder + "/.git/fleet.import"
        try write(commands + "done\n", toFile: stream)
        try Program([git, "fast-import", "--quiet", "--done"], in: folder, input: stream).run()
        unlink(stream)
    }

    /// Every branch is a worker's.
    private func writePlan() throws {
        mkdir(folder + "/.czarina", 0o755)
        let workers = branches.enumerated().map { #"{"id": "w\#($0 + 1)", "branch": "\#($1)", "command": ["true"]}"# }
        try write(
            #"{"project": {"name": "fleet", "base": "main"}, "workers": ["# + workers.joined(separator: ",\n") + "]}\n",
            toFile: folder + "/.czarina/config.json")
    }

    // MARK: - What git fast-import reads

    private static func history(_ size: Size) -> String {
        var text = ""
        for commit in 0..<size.commits {
            text += head("refs/heads/main", at: 1_700_000_000 + commit * 60, message: "change \(commit)")
            if commit == 0 {
                for file in 0..<size.files { text += modify(path(file), content(file, version: 0)) }
            } else {
                text += modify(path(commit * 7 % size.files), content(commit * 7 % size.files, version: commit))
            }
        }
        return text
    }

    /// One to five commits, forked at most 500 commits before the base's tip.
    private static func branch(_ name: String, number: Int, depth: Int) -> String {
        let fork = min(depth, number * 37 % 500)
        var text = ""
        for commit in 0...number % 5 {
            text += head("refs/heads/\(name)", at: 1_750_000_000 + number * 100 + commit, message: "\(name) \(commit)")
            if commit == 0 { text += "from refs/heads/main~\(fork)\n" }
            text += modify("fleet/\(number % 50)/own-\(number)-\(commit).txt", content(number, version: commit, lines: 12))
            text += modify("fleet/shared-\(number % 10).txt", "worker \(number)\ncommit \(commit)\n")
        }
        return text
    }

    private static func head(_ reference: String, at time: Int, message: String) -> String {
        "commit \(reference)\ncommitter Bench <bench@czar.example> \(time) +0000\ndata \(message.utf8.count)\n\(message)\n"
    }

    private static func modify(_ path: String, _ content: String) -> String {
        "M 100644 inline \(path)\ndata \(content.utf8.count)\n\(content)\n"
    }

    private static func path(_ file: Int) -> String { "source/module\(file % 40)/part\(file % 7)/file\(file).txt" }

    /// About four kilobytes of lines that look like text to a diff.
    private static func content(_ file: Int, version: Int, lines: Int = 80) -> String {
        (0..<lines).map { line in
            "line \(line) of \(file): \(line == version % lines ? "version \(version)" : String(repeating: "abcdefgh", count: 4))\n"
        }.joined()
    }
}
