import Foundation
import TestSupport
import Testing

/// Worktrees at each other's places: nobody's goes with another's name, and what `doctor` names puts them back.
@Suite struct ExchangedWorktreesTests {
    private static let shapes: [[(from: String, to: String)]] = [
        [("a", "t"), ("b", "a"), ("t", "b")], [("a", "t"), ("c", "a"), ("b", "c"), ("t", "b")], [("b", "x"), ("a", "b")],
    ]

    private func project() throws -> CzarProject {
        let workers = ["a", "b", "c"].map { "  - {id: \($0), launcher: none}\n" }.joined()
        let project = try CzarProject("project: {base: main}\nworkers:\n" + workers)
        try project.expect(0, "create", "a", "b", "c")
        for id in ["a", "b", "c"] { try "of \(id)".write(toFile: project.worktree(id) + "/mine", atomically: true, encoding: .utf8) }
        return project
    }

    /// What `doctor` names for the first that is not on its branch.
    private func mend(_ project: CzarProject) throws -> String {
        let lines = try project.expect(1, "doctor").output.split(separator: "\n")
        let problem = try #require(lines.firstIndex { $0.contains("checked out, not") }, "\(lines)")
        return String(lines[problem + 1].dropFirst("  try: ".count))
    }

    private func paste(_ command: String, _ project: CzarProject) throws {
        let path = (CzarProgram.path as NSString).deletingLastPathComponent + ":/usr/bin:/bin"
        let outcome = try run(["bash", "-c", command], in: project.path, environment: ["PATH": path])
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }

    /// Two, a ring of three, and one in the place of another that was moved away.
    @Test(arguments: shapes.indices) func whatDoctorNamesPutsThemBack(_ shape: Int) throws {
        let project = try project()
        for move in Self.shapes[shape] {
            try git("worktree", "move", project.worktree(move.from), project.worktree(move.to), in: project.path)
        }
        let needs = try project.answer("status")["attention"].array.map { $0["commands"].strings }
        #expect(!needs.isEmpty && needs.allSatisfy { $0 == ["czar doctor"] || $0 == ["czar doctor --repair"] }, "\(needs)")
        for flags in [[], ["--force"]] {
            let refused = try run([CzarProgram.path, "remove", "b"] + flags, in: project.path)
            #expect(refused.status == 77, "\(refused.errors)")
            #expect(refused.errors.contains("its place has 'cz1/feat/a' checked out, the branch of worker 'a'"), "\(refused.errors)")
            #expect(refused.errors.contains("try: czar doctor\n"), "\(refused.errors)")
        }
        try paste(mend(project), project)
        for id in ["a", "b", "c"] {
            #expect(try String(contentsOfFile: project.worktree(id) + "/mine", encoding: .utf8) == "of \(id)")
            #expect(try git("branch", "--show-current", in: project.worktree(id)) == "cz1/feat/\(id)")
        }
        #expect(try project.complaints() == [])
        try project.expect(0, "remove", "--force", "b")
    }

    /// Its own branch is nowhere else: it looks at another's, and stays this worker's.
    @Test func aWorktreeThatLooksAtAnothersBranchCanBeRemoved() throws {
        let project = try project()
        try FileManager.default.removeItem(atPath: project.worktree("b"))
        try git("worktree", "prune", in: project.path)
        try git("switch", "--quiet", "cz1/feat/b", in: project.worktree("a"))
        #expect(try mend(project) == "git -C \(project.worktree("a")) switch cz1/feat/a")
        try project.expect(0, "remove", "--force", "a")
        try project.expect(0, "undo")
        #expect(try String(contentsOfFile: project.worktree("a") + "/mine", encoding: .utf8) == "of a")
    }

    /// It was never there: git calls what stands there by the other's name.
    @Test func oneAtThePlaceOfAnotherThatIsGoneIsNotRemovedAsThatOne() throws {
        let project = try project()
        try git("worktree", "remove", "--force", project.worktree("a"), in: project.path)
        try git("worktree", "move", project.worktree("b"), project.worktree("a"), in: project.path)
        for arguments in [["remove", "a"], ["remove", "a", "--force", "--ignored"]] {
            let refused = try run([CzarProgram.path] + arguments, in: project.path)
            #expect(refused.status == 77, "\(refused.output)\(refused.errors)")
            #expect(refused.errors.contains("its place has 'cz1/feat/b' checked out, the branch of worker 'b'"), "\(refused.errors)")
        }
        let refused = try run([CzarProgram.path, "commit", "--worker", "a", "-m", "w"], in: project.path)
        #expect(refused.errors.contains("try: git -C \(project.worktree("a")) switch cz1/feat/a\n"), "\(refused.errors)")
        let lines = try project.expect(1, "doctor").output.split(separator: "\n")
        let hints = lines.filter { $0.hasPrefix("  try: ") }.map { String($0.dropFirst("  try: ".count)) }
        #expect(hints.first == "mv \(project.worktree("a")) \(project.worktree("b")) && czar doctor --repair", "\(lines)")
        try prepare("mv", project.worktree("a"), project.worktree("b"))
        try project.expect(1, "doctor", "--repair")
        #expect(try String(contentsOfFile: project.worktree("b") + "/mine", encoding: .utf8) == "of b")
        try project.expect(0, "create", "a")
        #expect(try project.complaints() == [])
    }

    /// Two are never recorded at one place.
    @Test func oneAtThePlaceOfAnotherThatWasMovedAwayGoesHome() throws {
        let project = try project()
        try prepare("mv", project.worktree("a"), project.worktree("a.away"))
        try prepare("mv", project.worktree("b"), project.worktree("a"))
        let said = try run([CzarProgram.path, "doctor", "--repair"], in: project.path).output
        let command = "mv \(project.worktree("a")) \(project.worktree("b")) && czar doctor --repair"
        #expect(said.contains("the place of 'a'\n  try: \(command)\n"), "\(said)")
        try paste(command, project)
        for id in ["b", "c"] {
            #expect(try project.expect(0, "path", id).output == project.worktree(id) + "\n")
        }
        #expect(try project.expect(0, "path", "a").output == project.worktree("a.away") + "\n")
        #expect(try project.complaints() == [])
    }

    /// Whoever only looks at a branch keeps their folder.
    @Test(arguments: [true, false]) func aReviewersFolderStaysWhereItIs(_ inMain: Bool) throws {
        let project = try project()
        try git("switch", "--quiet", "--detach", in: project.worktree("a"))
        let review = inMain ? project.path : project.path + "-review"
        if inMain {
            try git("switch", "--quiet", "cz1/feat/a", in: review)
        } else {
            try git("worktree", "add", "--quiet", review, "cz1/feat/a", in: project.path)
        }
        let command = try mend(project)
        #expect(command.hasPrefix("git -C \(review) switch --detach && git -C \(project.worktree("a")) switch cz1/feat/a"), "\(command)")
        try paste(command, project)
        #expect(try git("branch", "--show-current", in: project.worktree("a")) == "cz1/feat/a")
        try project.expect(0, "remove", "--force", "a")
    }
}
