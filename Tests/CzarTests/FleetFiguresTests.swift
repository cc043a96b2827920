import Foundation
import TestSupport
import Testing

/// `czar status` of whole fleets, every figure of every worker against git, with each kind of commit-graph, the first time and again.
///
/// `CZAR_FLEETS=PATH:PATH…` compares these fleets too (``FleetRepository/init(at:)``): real repositories with drawn branches. They are test
/// data: their commit-graph is removed and written.
@Suite struct FleetFiguresTests {
    /// Which commit-graph git has written.
    enum Graph: CaseIterable {
        case none, version1, version2, chain1, chain2
    }

    @Test(arguments: [UInt64(1), 2, 3]) func everyFigureOfADrawnFleetEqualsGits(seed: UInt64) throws {
        let folder = try TemporaryFolder("czar-fleet")
        try compare(try FleetRepository(drawnIn: folder.path, workers: 27, seed: seed))
    }

    @Test func everyFigureOfTheGivenFleetsEqualsGits() throws {
        for path in (ProcessInfo.processInfo.environment["CZAR_FLEETS"] ?? "").split(separator: ":") {
            try compare(try FleetRepository(at: String(path)))
        }
    }

    private func compare(_ fleet: FleetRepository) throws {
        try write(.version2, in: fleet)
        let oracle = try FleetOracle(fleet)
        for graph in Graph.allCases {
            try write(graph, in: fleet)
            let cache = try TemporaryFolder("czar-cache")
            for time in ["first", "again"] {
                let outcome = try run(
                    [CzarProgram.path, "status", "--format", "json"], in: fleet.path, environment: ["XDG_CACHE_HOME": cache.path])
                try #require(outcome.status == 0, "\(outcome.errors)")
                let workers = try CzarAnswer(outcome.output)["workers"].array
                #expect(workers.count == oracle.figures.count)
                for worker in workers {
                    let id = try #require(worker["id"].string)
                    let (ours, gits) = (FleetFigures(worker), try #require(oracle.figures[id]))
                    #expect(ours == gits, "\(fleet.path) \(id), graph \(graph), \(time): \(ours.differences(from: gits))")
                    #expect(worker["problem"].string == nil)
                }
            }
        }
    }

    private func write(_ graph: Graph, in fleet: FleetRepository) throws {
        let info = fleet.path + "/.git/objects/info"
        for name in ["commit-graph", "commit-graphs"] where exists(info + "/" + name) {
            try FileManager.default.removeItem(atPath: info + "/" + name)
        }
        guard graph != .none else { return }
        let version = "commitGraph.generationVersion=\(graph == .version1 || graph == .chain1 ? 1 : 2)"
        guard graph == .chain1 || graph == .chain2 else {
            try git("-c", version, "commit-graph", "write", "--reachable", in: fleet.path)
            return
        }
        let line = try git("rev-list", "--first-parent", "HEAD", in: fleet.path).split(separator: "\n")
        for part in [3, 2] {
            try git(
                "-c", version, "commit-graph", "write", "--stdin-commits", "--split=no-merge", in: fleet.path,
                input: "\(line[line.count * (part - 1) / 3])\n")
        }
        try git("-c", version, "commit-graph", "write", "--reachable", "--split=no-merge", in: fleet.path)
        let layers = try String(contentsOfFile: info + "/commit-graphs/commit-graph-chain", encoding: .utf8).split(separator: "\n")
        try #require(layers.count == 3)
    }
}

/// What both sides say of a worker's branch.
private struct FleetFigures: Equatable {
    var values: [String: String] = [:]

    init() {}

    init(_ worker: CzarAnswer) {
        for name in ["tip", "compared_with"] { values[name] = worker[name].string ?? "none" }
        for name in ["ahead", "behind", "total", "own_commits"] { values[name] = worker[name].int.map { "\($0)" } ?? "none" }
        for name in ["created", "modified", "deleted", "renamed"] { values[name] = worker["files"][name].int.map { "\($0)" } ?? "none" }
        for name in ["inserted", "deleted"] { values["lines " + name] = worker["lines"][name].int.map { "\($0)" } ?? "none" }
        for name in ["oid", "time", "author", "subject"] { values["last " + name] = worker["last_commit"][name].string ?? "none" }
        values["integrated"] = worker["integrated"]["state"].string ?? "none"
        values["stranded"] = worker["stranded"].strings.joined(separator: " ")
    }

    func differences(from other: FleetFigures) -> String {
        Set(values.keys).union(other.values.keys).sorted().filter { values[$0] != other.values[$0] }
            .map { "\($0) \(values[$0] ?? "absent"), git: \(other.values[$0] ?? "absent")" }.joined(separator: "; ")
    }
}

/// Asks git about every branch of a fleet.
private struct FleetOracle {
    private(set) var figures: [String: FleetFigures] = [:]
    private let fleet: FleetRepository
    private let history: NumberedHistory
    private let base: String
    private let inBase: Set<Int32>
    /// The base's first parents, newest first.
    private let line: [String]

    init(_ fleet: FleetRepository) throws {
        self.fleet = fleet
        history = NumberedHistory(revListParents: try git("rev-list", "--parents", "--branches", in: fleet.path))
        base = try git("rev-parse", "HEAD", in: fleet.path)
        inBase = history.ancestors(of: base)
        line = try git("rev-list", "--first-parent", "HEAD", in: fleet.path).split(separator: "\n").map(String.init)
        let plan = try CzarAnswer(String(contentsOfFile: fleet.path + "/.czarina/config.json", encoding: .utf8))
        var wrong: [String] = []
        for worker in plan["workers"].array {
            guard let id = worker["id"].string, let branch = worker["branch"].string else { continue }
            let figures = try self.figures(of: id, branch)
            self.figures[id] = figures
            if try !gitCounts(branch, as: figures) { wrong.append(id) }
        }
        // `a...b` makes git 2.39 miscount where commits are older than their parents; the sets that it lists for each tip alone decide.
        for id in wrong { #expect(fleet.shapes[id]?.contains(.skew) == true, "without skew git counts right: \(id)") }
        #expect(wrong.count * 10 <= figures.count, "git was wrong about \(wrong)")
    }

    private func gitCounts(_ branch: String, as figures: FleetFigures) throws -> Bool {
        let sides = try git("rev-list", "--left-right", "--count", "HEAD...\(branch)", in: fleet.path)
        return try sides == "\(figures.values["behind"] ?? "")\t\(figures.values["ahead"] ?? "")"
            && git("rev-list", "--count", branch, in: fleet.path) == figures.values["total"]
    }

    private func figures(of id: String, _ branch: String) throws -> FleetFigures {
        var result = FleetFigures()
        let tip = try git("rev-parse", branch, in: fleet.path)
        let reached = history.ancestors(of: tip)
        let comparison = try comparisonBase(of: tip)
        let own = comparison.map { reached.subtracting($0 == base ? inBase : history.ancestors(of: $0)) } ?? []
        result.values["tip"] = tip
        result.values["compared_with"] = comparison ?? "none"
        result.values["ahead"] = "\(reached.subtracting(inBase).count)"
        result.values["behind"] = "\(inBase.subtracting(reached).count)"
        result.values["total"] = "\(reached.count)"
        result.values["own_commits"] = "\(own.count)"
        result.values["stranded"] = ""
        try addChanges(comparison, tip, to: &result)
        let last = try run(
            ["git", "log", "-1", "--format=%H%n%cd%n%an%n%s", "--date=format-local:%Y-%m-%dT%H:%M:%S.000Z", tip], in: fleet.path)
        let fields = last.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (name, value) in zip(["oid", "time", "author", "subject"], fields) { result.values["last " + name] = value }
        result.values["integrated"] = try integration(id, own: own)
        return result
    }

    /// SPEC section 1: the base tip, or once that contains the tip, the first parent of the earliest first-parent commit that does.
    private func comparisonBase(of tip: String) throws -> String? {
        func contains(_ commit: String) throws -> Bool {
            try run(["git", "merge-base", "--is-ancestor", tip, commit], in: fleet.path).status == 0
        }
        guard try contains(base) else { return base }
        var (low, high) = (0, line.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if try contains(line[middle]) { low = middle } else { high = middle }
        }
        return line[low] == tip || high == line.count ? nil : line[high]
    }

    private func addChanges(_ comparison: String?, _ tip: String, to result: inout FleetFigures) throws {
        let names = ["created", "modified", "deleted", "renamed", "lines inserted", "lines deleted"]
        guard let comparison else { return names.forEach { result.values[$0] = "none" } }
        let range = "\(comparison)...\(tip)"
        var counts = [0, 0, 0, 0, 0, 0]
        for line in try git("diff", "--numstat", "-M", range, in: fleet.path).split(separator: "\n") {
            let parts = line.split(separator: "\t")
            counts[4] += Int(parts[0]) ?? 0
            counts[5] += Int(parts[1]) ?? 0
        }
        for line in try git("diff", "--name-status", "-M", range, in: fleet.path).split(separator: "\n") {
            let letter = try #require(line.first)
            counts[try #require(["A": 0, "M": 1, "T": 1, "D": 2, "R": 3][letter])] += 1
        }
        for (name, count) in zip(names, counts) { result.values[name] = "\(count)" }
    }

    /// How the change was brought to the base decides; a squash of a single commit is that commit's patch too, if git finds it so.
    private func integration(_ id: String, own: Set<Int32>) throws -> String {
        guard let landing = fleet.landings[id], !own.isEmpty else { return "no" }
        if landing.isReverted { return "reverted" }
        guard landing.isSquash else { return "ancestor" }
        guard own.count == 1, let only = own.first else { return "squash" }
        func patch(_ commit: String) throws -> Substring? {
            try run(["sh", "-c", "git diff-tree -p --no-color \(commit)^ \(commit) | git patch-id --verbatim"], in: fleet.path)
                .output.split(separator: " ").first
        }
        return try patch(history.id(only)) == patch(landing.commit) ? "patch" : "squash"
    }
}

/// What git lists of a history, by numbers: the plain reference for repositories with a hundred thousand commits.
private struct NumberedHistory {
    private var numbers: [String: Int32] = [:]
    private var ids: [String] = []
    private var parents: [[Int32]] = []

    init(revListParents text: String) {
        let lines = text.split(separator: "\n")
        for line in lines { number(line.prefix(40)) }
        for line in lines {
            let all = line.split(separator: " ").map { number($0) }
            parents[Int(all[0])] = Array(all.dropFirst())
        }
    }

    @discardableResult
    private mutating func number(_ id: Substring) -> Int32 {
        let id = String(id)
        if let known = numbers[id] { return known }
        numbers[id] = Int32(ids.count)
        ids.append(id)
        parents.append([])
        return Int32(ids.count - 1)
    }

    func id(_ number: Int32) -> String { ids[Int(number)] }

    /// All that a commit reaches, itself included.
    func ancestors(of id: String) -> Set<Int32> {
        guard let start = numbers[id] else { return [] }
        var (seen, stack): (Set<Int32>, [Int32]) = ([start], [start])
        while let current = stack.popLast() {
            for parent in parents[Int(current)] where seen.insert(parent).inserted { stack.append(parent) }
        }
        return seen
    }
}
