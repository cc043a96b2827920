import Foundation

/// A repository with many workers' branches and the plan that names them: what teams leave behind, drawn from a seed.
package struct FleetRepository: Sendable {
    /// What is special about a branch. The first five are of its commits, the others of how base and branch came together.
    package enum Shape: String, CaseIterable, Sendable {
        case rename, delete, binary, mode, skew
        case mergedBase = "merge-base"
        case landed, squashed, reverted
    }

    /// How a branch's change came to the base.
    package struct Landing: Sendable {
        /// The base's commit that brought it.
        package let commit: String
        package let isSquash: Bool
        package let isReverted: Bool
    }

    package let path: String
    /// The shapes of each worker, by its id.
    package let shapes: [String: Set<Shape>]
    /// By worker; without those that never landed.
    package let landings: [String: Landing]

    /// A fleet that somebody made: a repository with a plan, and what its branches are in `.git/fleet.json`:
    /// `{"<worker>": {"shapes": ["<shape>", …], "landed": "<oid>"}, …}`, `landed` only where it did.
    package init(at path: String) throws {
        let text = try String(contentsOfFile: path + "/.git/fleet.json", encoding: .utf8)
        let workers = try CzarAnswer(text).value as? [String: [String: Any]] ?? [:]
        self.path = path
        shapes = workers.mapValues { Set(($0["shapes"] as? [String] ?? []).compactMap { Shape(rawValue: $0) }) }
        landings = workers.compactMapValues { worker in
            let shapes = worker["shapes"] as? [String] ?? []
            return (worker["landed"] as? String).map {
                // The commit that is named is the revert, where there is one: it stands on what it reverts.
                let isReverted = shapes.contains(Shape.reverted.rawValue)
                return Landing(
                    commit: isReverted ? $0 + "^" : $0, isSquash: shapes.contains(Shape.squashed.rawValue), isReverted: isReverted)
            }
        }
    }

    /// Draws one in `folder`. Every shape occurs with nine workers or more.
    package init(drawnIn folder: String, workers count: Int, seed: UInt64) throws {
        path = folder + "/fleet"
        try Self.makeHistory(path)
        var random = SeededGenerator(seed: seed)
        let names = (0..<count).map { "w\($0)" }
        var drawn: [String: Set<Shape>] = [:]
        for (number, name) in names.enumerated() {
            let sure = Shape.allCases[number % Shape.allCases.count]
            drawn[name] = Set(Shape.allCases.filter { $0 == sure || Int.random(in: 0..<6, using: &random) == 0 })
        }
        var stream = ""
        for (number, name) in names.enumerated() { stream += try Self.branch(name, number, drawn[name, default: []], path, &random) }
        try git("fast-import", "--quiet", in: path, input: stream)
        var landings: [String: Landing] = [:]
        for name in names { landings[name] = try Self.bringTogether(name, drawn[name, default: []], path) }
        (shapes, self.landings) = (drawn, landings)
        try git("reset", "-q", "--hard", "main", in: path)
        let workers = names.map { #"{"id": "\#($0)", "branch": "work/\#($0)", "command": ["true"]}"# }.joined(separator: ",\n")
        try writeFile(
            path + "/.czarina/config.json", #"{"project": {"name": "fleet", "base": "main"}, "workers": [\#(workers)]}"#)
    }

    /// A base with merges, files that change again and again, and attributes.
    private static func makeHistory(_ path: String) throws {
        try git("init", "-q", "-b", "main", path, in: "/")
        var stream = ""
        for number in 0..<60 {
            stream += "commit refs/heads/main\nmark :\(number * 2 + 1)\n" + who(at: 1_700_000_000 + number * 600, "step \(number)")
            if number == 0 { stream += file(".gitattributes", "*.dat -diff\n*.swift diff\n") }
            stream += file("src/file\(number % 13).swift", (0..<(20 + number)).map { "line \($0 * number)\n" }.joined())
            stream += file("data/set\(number).dat", "\(number)\n" + String(repeating: "x\(number)\n", count: 15))
            stream += file("text/page\(number).txt", (0..<12).map { "page \(number) \($0)\n" }.joined()) + "\n"
            guard number % 7 == 6 else { continue }
            // A side line, and its merge by the next step.
            let mark = number * 2 + 2
            stream += "commit refs/heads/side\nmark :\(mark)\n" + who(at: 1_700_000_000 + number * 600 + 60, "side \(number)")
            stream += "from :\((number - 4) * 2 + 1)\n" + file("side/\(number).txt", "side\n") + "\n"
            stream += "commit refs/heads/main\n" + who(at: 1_700_000_000 + number * 600 + 120, "merge \(number)")
            stream += "from :\(number * 2 + 1)\nmerge :\(mark)\n" + file("side/\(number).txt", "side\n") + "\n"
        }
        try git("fast-import", "--quiet", in: path, input: stream)
        try git("branch", "-q", "-D", "side", in: path)
    }

    private static func who(at time: Int, _ message: String) -> String {
        "committer T <t@example.org> \(time) +0000\ndata \(message.utf8.count)\n\(message)\n"
    }

    private static func file(_ name: String, _ content: String, mode: String = "100644") -> String {
        "M \(mode) inline \(name)\ndata \(content.utf8.count)\n\(content)\n"
    }

    private static func branch(
        _ name: String, _ number: Int, _ shapes: Set<Shape>, _ path: String, _ random: inout SeededGenerator
    ) throws -> String {
        let starts = try git("rev-list", "--first-parent", "main", in: path).split(separator: "\n")
        let start = starts.randomElement(using: &random)!
        var plain = try git("ls-tree", "-r", "--name-only", String(start), in: path).split(separator: "\n").filter { $0.hasPrefix("text/") }
        var stream = ""
        for step in 0..<Int.random(in: 1...6, using: &random) {
            let skew = shapes.contains(.skew) ? Int.random(in: -94_000_000...94_000_000, using: &random) : 0
            stream += "commit refs/heads/work/\(name)\n" + who(at: 1_790_000_000 + number * 1000 + step + skew, "\(name): step \(step)")
            if step == 0 { stream += "from \(start)\n" }
            for part in 0..<Int.random(in: 1...3, using: &random) {
                // What is to come together with the base must not conflict with what others have landed.
                let isShared = Bool.random(using: &random) && shapes.isDisjoint(with: [.mergedBase, .landed, .squashed, .reverted])
                let place = isShared ? "src/file\(Int.random(in: 0..<13, using: &random)).swift" : "new/\(name)/\(step)-\(part).txt"
                stream += file(place, (0..<Int.random(in: 1...40, using: &random)).map { "\(name) \($0) \(random.next() % 9)\n" }.joined())
            }
            guard step == 0 else { continue }
            if shapes.contains(.binary) { stream += file("new/\(name)/picture.bin", "\u{0}\u{1}\(name)\n\n") }
            if shapes.contains(.mode) { stream += file("new/\(name)/run.sh", "#!/bin/sh\n", mode: "100755") }
            if shapes.contains(.rename), let old = plain.randomElement(using: &random) {
                stream += "R \(old) moved/\(name).txt\n"
                plain.removeAll { $0 == old }
            }
            if shapes.contains(.delete), let old = plain.randomElement(using: &random) { stream += "D \(old)\n" }
        }
        return stream + "\n"
    }

    /// Merges the base into the branch, or the branch into the base, as its shapes say; nothing where that conflicts.
    private static func bringTogether(_ name: String, _ shapes: Set<Shape>, _ path: String) throws -> Landing? {
        let (tip, base) = (try git("rev-parse", "work/\(name)", in: path), try git("rev-parse", "main", in: path))
        let merged = try run(["git", "merge-tree", "--write-tree", base, tip], in: path)
        guard merged.status == 0, let tree = merged.output.split(separator: "\n").first.map(String.init) else { return nil }
        if shapes.contains(.mergedBase) {
            let commit = try git("commit-tree", tree, "-m", "Merge main into \(name)", "-p", tip, "-p", base, in: path)
            try git("update-ref", "refs/heads/work/\(name)", commit, in: path)
            return nil
        }
        guard !shapes.isDisjoint(with: [.landed, .squashed, .reverted]) else { return nil }
        let isSquash = shapes.contains(.squashed)
        let commit =
            isSquash
            ? try git("commit-tree", tree, "-m", "Land \(name)", "-p", base, in: path)
            : try git("commit-tree", tree, "-m", "Land \(name)", "-p", base, "-p", tip, in: path)
        let isReverted = shapes.contains(.reverted)
        let end = isReverted ? try git("commit-tree", "\(base)^{tree}", "-m", "Revert \(name)", "-p", commit, in: path) : commit
        try git("update-ref", "refs/heads/main", end, in: path)
        return Landing(commit: commit, isSquash: isSquash, isReverted: isReverted)
    }
}
