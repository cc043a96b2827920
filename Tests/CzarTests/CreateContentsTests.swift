import Foundation
import TestSupport
import Testing

/// What `czar create` puts into a worktree beside what is tracked, what it leaves out, and how it is interrupted.
@Suite struct CreateContentsTests {
    private static func project(_ workers: String) throws -> CzarProject {
        let project = try CzarProject("project: {name: contents, base: main}\nworkers:\n\(workers)\n")
        try project.repository.write(".gitignore", ".env\nnode_modules/\n*.local\n")
        try project.repository.write("src/core/a.c", "a\n")
        try project.repository.write("src/other/b.c", "b\n")
        try project.repository.write("docs/d.md", "d\n")
        try project.repository.commitAll("files")
        return project
    }

    @Test func ignoredFilesComeAlongAndARemovalKnowsThem() throws {
        let project = try Self.project("  - {id: one, copy: [.env, node_modules]}\n  - {id: two}")
        try project.repository.write(".worktreeinclude", "*.local\n")
        try project.repository.commitAll("include")
        try project.repository.write(".env", "SECRET=1\n")
        try project.repository.write("x.local", "l\n")
        for number in 0..<30 { try project.repository.write("node_modules/m\(number)/index.js", "\(number)\n") }
        let created = try project.answer("create", "--all")["created"]
        #expect(created[0]["brought"]["files"].int == 32 && created[1]["brought"]["files"].int == 1)
        #expect(created[0]["brought"]["left_out"].array.isEmpty)
        #expect(try String(contentsOfFile: project.worktree("one") + "/.env", encoding: .utf8) == "SECRET=1\n")
        #expect(exists(project.worktree("one") + "/node_modules/m7/index.js") && exists(project.worktree("two") + "/x.local"))
        #expect(!exists(project.worktree("two") + "/.env"))
        #expect(try project.complaints(clean: ["one", "two"]) == [])
        // Copies go without a question.
        try project.expect(0, "remove", "one")
        try project.expect(0, "undo")
        // The last copies of what the main worktree has changed or lost do not.
        try project.repository.write("node_modules/m7/index.js", "changed in the main worktree\n")
        try FileManager.default.removeItem(atPath: project.path + "/.env")
        let last = try project.expect(77, "remove", "one").errors
        #expect(last.contains("2 ignored entries that the main worktree has no copy of: .env, node_modules/"), "\(last)")
        try project.repository.write(".env", "SECRET=2\n")
        try project.expect(0, "remove", "--ignored", "one")
        try project.expect(0, "undo")
        #expect(try String(contentsOfFile: project.worktree("one") + "/.env", encoding: .utf8) == "SECRET=2\n")
        // One that was changed is a file like any other.
        try writeFile(project.worktree("one") + "/.env", "MINE=1\n")
        let refusal = try project.expect(77, "remove", "one").errors
        #expect(refusal.contains("1 ignored entry that the main worktree has no copy of: .env"), "\(refusal)")
    }

    @Test func whatIsNotBroughtIsSaidWithItsReason() throws {
        let project = try Self.project("  - {id: one, copy: [.env, later]}")
        try project.repository.write(".env", "SECRET=1\n")
        try git("branch", "cz1/feat/one", "HEAD~1", in: project.path)
        let outcome = try project.expect(0, "create", "one")
        #expect(outcome.errors.contains("czar: note: one: not brought: .env: its branch does not ignore it"), "\(outcome.errors)")
        #expect(!exists(project.worktree("one") + "/.env"))
    }

    @Test func runBringsThemToo() throws {
        let project = try Self.project("  - {id: one, copy: [.env], script: 'cp .env seen'}")
        try project.repository.write(".env", "SECRET=1\n")
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try git("show", "cz1/feat/one:seen", in: project.path) == "SECRET=1")
        #expect(try git("ls-tree", "--name-only", "cz1/feat/one", in: project.path).split(separator: "\n").contains(".env") == false)
    }

    @Test func aLinkedIncludeFileIsRefused() throws {
        let project = try Self.project("  - {id: one}")
        try FileManager.default.createSymbolicLink(atPath: project.path + "/.worktreeinclude", withDestinationPath: "/etc/hostname")
        let before = try project.traces()
        #expect(try project.expect(77, "create", "one").errors.contains("symbolic link"))
        #expect(try project.traces() == before)
    }

    @Test func aSparseWorkerWorksAndCompletesInItsPartOfTheTree() throws {
        let project = try Self.project(
            "  - {id: one, sparse: true, paths: ['src/core/**'], script: 'test ! -e docs && rm src/core/a.c && echo n > src/core/n.c'}\n  - {id: two}"
        )
        let outcome = try project.expect(0, "create", "--all")
        #expect(outcome.errors.contains("extensions.worktreeConfig"), "\(outcome.errors)")
        #expect(try git("sparse-checkout", "list", in: project.worktree("one")) == "src/core")
        #expect(!exists(project.worktree("one") + "/docs") && exists(project.worktree("two") + "/docs/d.md"))
        #expect(try project.complaints(clean: ["one", "two"]) == [])
        #expect(try !project.expect(0, "create", "--all").errors.contains("extensions.worktreeConfig"))
        try project.expect(0, "run", "--trust", "--quiet", "--once")
        try project.wait(for: "one", toBe: "complete")
        #expect(try project.workers()["one"]?["worktree"]["modified"].int == 0)
        let changed = try git("diff", "--name-status", "main...cz1/feat/one", in: project.path)
        #expect(changed == "D\tsrc/core/a.c\nA\tsrc/core/n.c")
        #expect(try project.complaints(clean: ["one"]) == [])
        try project.expect(0, "remove", "one")
    }

    @Test(arguments: [false, true])
    func aSparseWorktreeThatWasRemovedComesBackAsItWas(isDirty: Bool) throws {
        let project = try Self.project("  - {id: one, sparse: true, paths: ['src/core/**']}")
        try project.expect(0, "create", "one")
        let tree = project.worktree("one")
        // The worker may have chosen more than the plan says.
        try git("sparse-checkout", "add", "docs", in: tree)
        if isDirty {
            try writeFile(tree + "/src/core/a.c", "changed\n")
            try writeFile(tree + "/src/core/staged.c", "staged\n")
            try git("add", "src/core/staged.c", in: tree)
            try writeFile(tree + "/untracked", "untracked\n")
        }
        func look() throws -> [String] {
            [
                try git("status", "--porcelain", in: tree), try git("ls-files", "-v", in: tree), try git("ls-files", "-s", in: tree),
                try git("sparse-checkout", "list", in: tree), try listing(of: tree), try differences(tree, project.outside + "/copy"),
            ]
        }
        try prepare("cp", "-a", tree, project.outside + "/copy")
        let before = try look()
        #expect(before[1].contains("S src/other/b.c") && before[5].isEmpty)
        try project.expect(0, "remove", "one", isDirty ? "--force" : "--yes")
        try project.expect(0, "undo")
        #expect(try look() == before)
        try project.expect(0, "remove", "one", "--branch", "--force")
        try project.expect(0, "undo")
        #expect(try look() == before)
        #expect(try project.complaints(clean: isDirty ? [] : ["one"]) == [])
    }

    @Test func inABareRepositoryItIsSaidThatNothingIsBrought() throws {
        let source = try Self.project("  - {id: one}")
        let bare = source.outside + "/bare.git"
        try git("clone", "-q", "--bare", source.path, bare, in: source.outside)
        try writeFile(
            bare + "/czarina/config.yaml", "project: {name: contents, base: main}\nworkers: [{id: one, copy: [.env]}, {id: two}]\n")
        let errors = try source.expect(0, "create", "--all", at: bare).errors
        #expect(errors.contains("czar: note: one: nothing is brought: in a bare repository"), "\(errors)")
    }

    @Test func aTreeThatGitLooksForInVainIsFoundByTheCommandThatIsShown() throws {
        let project = try Self.project("  - {id: one, base: bad}")
        let blob = try git("rev-parse", "HEAD:.gitignore", in: project.path)
        let inner = try git("mktree", in: project.path, input: "100644 blob \(blob)\tf\n")
        let tree = try git("mktree", in: project.path, input: "040000 tree \(inner)\t..\n")
        try git("branch", "bad", git("commit-tree", tree, "-m", "bad", in: project.path), in: project.path)
        let errors = try project.expect(73, "create", "one").errors
        #expect(errors.contains("git refuses this path") && errors.contains("try: git fsck --no-dangling\n"), "\(errors)")
        #expect(try run(["git", "fsck", "--no-dangling"], in: project.path).errors.contains(tree))
    }

    @Test func whatIsSoOfSeveralWorkersIsSaidOnce() throws {
        let project = try Self.project((0..<6).map { "  - {id: w\($0)}" }.joined(separator: "\n"))
        try project.repository.write(".gitattributes", "*.up filter=upper\n")
        try project.repository.write("a.up", "text\n")
        try project.repository.commitAll("filter")
        try git("config", "filter.upper.smudge", "tr a-z A-Z", in: project.path)
        let errors = try project.expect(0, "create", "--all").errors
        let lines = errors.split(separator: "\n").filter { $0.contains("filter=upper") && $0.contains("w0") }
        let files = "':(attr:filter=upper)'"
        let command = "git ls-files -z \(files) | xargs -0 rm -f --; git ls-files -dz \(files) | git checkout-index -zu --stdin"
        let said =
            "czar: note: w0, w1, w2 and 3 more: 1 file holds the input of filter=upper, which Czar does not run; "
            + "before they are worked on, git has to write them: " + command
        #expect(lines == [said[...]], "\(errors)")
    }

    @Test func aLowLimitOfOpenFilesIsEnough() throws {
        let workers = (0..<24).map { "w\($0)" }
        let project = try Self.project(workers.map { "  - {id: \($0), copy: [.env]}" }.joined(separator: "\n"))
        for number in 0..<300 { try project.repository.write("many/\(number % 30)/\(number)", "file \(number)\n") }
        try writeFile(project.path + "/big", Data(count: 3 << 20))
        try project.repository.commitAll("many")
        try project.repository.write(".env", "SECRET=1\n")
        func limited(_ command: String) throws {
            let outcome = try run(["bash", "-c", "ulimit -n 64; exec \(CzarProgram.path) \(command)"], in: project.path)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
        try limited("create --all")
        #expect(try project.complaints(clean: workers) == [])
        try limited("status")
        try limited("doctor")
        try limited("remove --all")
        #expect(try git("worktree", "list", in: project.path).split(separator: "\n").count == 1)
        #expect(try project.complaints() == [])
        try limited("undo")
    }

    @Test(arguments: ["create", "run"])
    func aTerminalShowsHowFarItIs(_ command: String) throws {
        guard let script = CzarProgram.tool("script") else { return CzarProgram.skip("there is no script(1)") }
        let project = try Self.project("  - {id: one, script: 'echo work > work'}")
        for number in 0..<6000 { try project.repository.write("many/\(number % 40)/\(number)", "file \(number)\n") }
        try project.repository.commitAll("many")
        try project.expect(0, "trust", "--yes")
        let outcome = try run(
            [script, "-qec", "\(CzarProgram.path) \(command)", "/dev/null"], in: project.path, environment: ["TERM": "xterm"])
        #expect(outcome.status == 0, "\(outcome.output)")
        // A fast machine may be done before there is anything to wait for; then nothing is drawn.
        if outcome.output.contains("checking out") {
            #expect(outcome.output.contains("of 60") && outcome.output.contains("\u{1B}[K"))
        }
    }

    @Test func anInterruptionLeavesNothingHalfMade() throws {
        let workers = (0..<12).map { "w\($0)" }
        let project = try Self.project(workers.map { "  - {id: \($0), copy: [node_modules]}" }.joined(separator: "\n"))
        for number in 0..<1200 { try project.repository.write("many/\(number % 40)/\(number)", "file \(number)\n") }
        try project.repository.commitAll("many")
        for number in 0..<300 { try project.repository.write("node_modules/\(number)/f", "\(number)\n") }
        let before = try project.traces()
        let process = try project.start("create", "--all")
        // Stopped while the first worktree has an entry and the last has no index: in the middle of it, however fast the machine is.
        try waitUntil("the first entry") { exists(project.path + "/.git/worktrees/w0") || !process.isRunning }
        process.signal(SIGSTOP)
        let isInTheMiddle = !exists(project.path + "/.git/worktrees/w11/index")
        process.signal(SIGINT)
        process.signal(SIGCONT)
        let status = process.wait()
        try #require(isInTheMiddle, "it was done before it could be interrupted")
        #expect(status == 130, "\(process.errors)")
        #expect(process.errors.contains("worker 'w11' was not created: interrupted"), "\(process.errors)")
        #expect(try project.traces() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.path + "/.git/czar/staging") == [])
        #expect(try project.complaints() == [])
        try project.expect(0, "create", "w0", "w11")
        #expect(try project.complaints(clean: ["w0", "w11"]) == [])
    }
}
