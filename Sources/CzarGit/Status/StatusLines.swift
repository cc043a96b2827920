/// Collects what is found about each path.
struct StatusLines {
    private struct Line {
        var staged: Character = " "
        var unstaged: Character = " "
        var old: RepositoryPath?
    }

    private var lines: [RepositoryPath: Line] = [:]
    private var untracked: [RepositoryPath] = []

    mutating func setStaged(_ letter: Character, _ path: RepositoryPath, from old: RepositoryPath? = nil) {
        lines[path, default: Line()].staged = letter
        lines[path, default: Line()].old = old
    }

    mutating func setUnstaged(_ letter: Character, _ path: RepositoryPath) { lines[path, default: Line()].unstaged = letter }

    /// `stages`: a bit for each side that the index holds: base 1, ours 2, theirs 4.
    mutating func setConflict(_ path: RepositoryPath, stages: Int) {
        let letters: (Character, Character) =
            switch stages {
            case 1: ("D", "D")
            case 2: ("A", "U")
            case 3: ("U", "D")
            case 4: ("U", "A")
            case 5: ("D", "U")
            case 6: ("A", "A")
            default: ("U", "U")
            }
        lines[path] = Line(staged: letters.0, unstaged: letters.1)
    }

    mutating func addUntracked(_ path: RepositoryPath) { untracked.append(path) }

    /// By path; a path that is deleted from the index and lies there untracked has two.
    var entries: [WorktreeStatus.Entry] {
        let tracked = lines.map { path, line in
            WorktreeStatus.Entry(path: path, oldPath: line.old, staged: line.staged, unstaged: line.unstaged)
        }
        let others = untracked.map { WorktreeStatus.Entry(path: $0, oldPath: nil, staged: "?", unstaged: "?") }
        return (tracked + others).sorted { ($0.path, $1.staged == "?" ? 1 : 0) < ($1.path, $0.staged == "?" ? 1 : 0) }
    }
}
