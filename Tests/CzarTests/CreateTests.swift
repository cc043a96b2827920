import Foundation
import TestSupport
import Testing

/// `czar create`: whole or not at all, from any number of processes.
@Suite struct CreateTests {
    private static func plan(_ workers: [String]) -> String {
        "project: {name: create, base: main}\nworkers:\n" + workers.map { "  - {id: \($0)}" }.joined(separator: "\n") + "\n"
    }

    @Test func thirtyTwoProcessesMakeOneWorktreeOfOneWorker() throws {
        let project = try CzarProject(Self.plan(["one"]))
        let processes = try (0..<32).map { _ in try project.start("create", "one") }
        #expect(processes.filter { $0.wait() != 0 }.map(\.errors) == [])
        #expect(processes.filter { $0.output.hasPrefix("created ") }.count == 1)
        #expect(try git("worktree", "list", "--porcelain", in: project.path).components(separatedBy: "worktree /").count - 1 == 2)
        #expect(try project.complaints(clean: ["one"]) == [])
        #expect(try project.events().filter { $0.type == "BRANCH_CREATED" || $0.type == "WORKTREE_CREATED" }.count == 2)
    }

    @Test func thirtyTwoProcessesMakeThirtyTwoWorktrees() throws {
        let names = (0..<32).map { "w\($0)" }
        let project = try CzarProject(Self.plan(names))
        let processes = try names.map { try project.start("create", $0) }
        #expect(processes.filter { $0.wait() != 0 }.map(\.errors) == [])
        #expect(try project.complaints(clean: names) == [])
        #expect(try project.events().filter { $0.type == "WORKTREE_CREATED" }.count == 32)
        #expect(Set(try project.answer("create", "--all")["existing"].strings) == Set(names))
    }

    @Test func anExistingBranchIsAdoptedAndNeverMoved() throws {
        let project = try CzarProject(Self.plan(["one"]))
        try git("branch", "cz1/feat/one", "HEAD~1", in: project.path)
        let tip = try git("rev-parse", "cz1/feat/one", in: project.path)
        let created = try project.answer("create", "one")["created"][0]
        #expect(created["fork_point"].isNull)
        #expect(try git("rev-parse", "HEAD", in: project.worktree("one")) == tip)
        #expect(try project.workers()["one"]?["fork_point"].isNull == true)
        #expect(try project.events().contains { $0.type == "BRANCH_ADOPTED" })
    }

    @Test func anotherStartIsTakenOrRefusedAndNeverPassedOver() throws {
        let project = try CzarProject(Self.plan(["one", "two"]))
        let start = try git("rev-parse", "main~1", in: project.path)
        for _ in 1...2 { try project.expect(0, "create", "one", "--base", "main~1") }
        #expect(try git("rev-parse", "HEAD", in: project.worktree("one")) == start)
        let identity = try String(contentsOfFile: project.worktree("one") + "/WORKER_IDENTITY.md", encoding: .utf8)
        #expect(identity.contains("- Branch: `cz1/feat/one`, started at \(start.prefix(10)); its base is `main`\n"), "\(identity)")
        #expect(identity.contains("- Brief: none yet; it would be `") && !identity.contains("checks,"))
        #expect(
            try project.expect(77, "create", "one", "--base", "main").errors.contains(
                "cannot start worker 'one' from 'main': its branch 'cz1/feat/one' is there already"))
        try git("branch", "cz1/feat/two", "main~1", in: project.path)
        try project.expect(77, "create", "two", "--base", "main")
        try project.expect(0, "create", "two", "--base", "main~1")
    }

    @Test func theAnswerTellsWhatWasMade() throws {
        let project = try CzarProject(Self.plan(["one"]))
        let created = try project.answer("create", "one")["created"][0]
        #expect(created["worker"].string == "one" && created["branch"].string == "cz1/feat/one")
        #expect(created["path"].string == project.worktree("one"))
        #expect(try created["fork_point"].string == git("rev-parse", "main", in: project.path))
        #expect(try created["files"].int == git("ls-files", in: project.worktree("one")).split(separator: "\n").count)
        #expect(created["seconds"].exists)
        let exclude = try String(contentsOfFile: project.path + "/.git/info/exclude", encoding: .utf8)
        #expect(exclude.contains("/.czarina/worktrees/") && exclude.contains("/WORKER_IDENTITY.md"))
    }

    /// A fault, what it looks like in the message, and the code.
    private struct Fault: Sendable {
        let name: String
        let says: String
        let code: Int32
        var plan = "  - {id: bad}"
        var prepare: @Sendable (CzarProject) throws -> Void = { _ in }
    }

    private static let faults = [
        Fault(name: "branch checked out elsewhere", says: "is checked out in", code: 73) { project in
            try git("worktree", "add", "-q", "-b", "cz1/feat/bad", project.outside + "/elsewhere", in: project.path)
        },
        Fault(name: "branch checked out in the main worktree", says: "is checked out in", code: 73) { project in
            try git("checkout", "-q", "-b", "cz1/feat/bad", in: project.path)
        },
        Fault(name: "path occupied by a folder", says: "in the way", code: 73) { project in
            try writeFile(project.worktree("bad") + "/mine", "mine")
        },
        Fault(name: "path occupied by a file", says: "in the way", code: 73) { project in
            try writeFile(project.worktree("bad"), "mine")
        },
        Fault(name: "missing base", says: "'nowhere' does not exist", code: 66, plan: "  - {id: bad, base: nowhere}"),
        Fault(name: "a branch where a folder of branches is needed", says: "cannot both exist", code: 73) { project in
            try git("branch", "cz1/feat/bad/deeper", in: project.path)
        },
        Fault(name: "a symbolic link in place of the worktree", says: "symbolic link", code: 77) { project in
            try FileManager.default.createDirectory(atPath: project.outside + "/trap", withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: project.path + "/.czarina/worktrees", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: project.worktree("bad"), withDestinationPath: project.outside + "/trap")
        },
    ]

    @Test(arguments: faults.indices) func aFaultOfOneWorkerLeavesNothingBehindAndTheOthersGoOn(_ index: Int) throws {
        let fault = Self.faults[index]
        let project = try CzarProject("project: {name: faults, base: main}\nworkers:\n\(fault.plan)\n  - {id: good}\n")
        try fault.prepare(project)
        let before = try project.traces()
        let outcome = try project.czar("create", "bad")
        #expect(outcome.status == fault.code, "\(fault.name): \(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.first?.hasPrefix("czar: ") == true && outcome.errors.contains(fault.says), "\(fault.name): \(outcome.errors)")
        #expect(lines.count <= 2, "\(fault.name): \(outcome.errors)")
        #expect(try project.traces() == before, "\(fault.name)")
        let both = try project.czar("create", "--all")
        #expect(both.status == fault.code && both.output.hasPrefix("created good"), "\(fault.name): \(both.output)\(both.errors)")
        #expect(try project.complaints(clean: ["good"]) == [], "\(fault.name)")
        let run = try project.czar("run", "--trust", "--quiet", "bad")
        #expect(run.status == 1, "\(fault.name): \(run.errors)")
        #expect(try project.workers()["bad"]?["cause"].string?.contains(fault.says) == true, "\(fault.name)")
    }

    @Test func aLinkAboveTheWorktreesIsNotFollowed() throws {
        let project = try CzarProject(Self.plan(["one"]))
        try FileManager.default.createDirectory(atPath: project.outside + "/trap", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: project.path + "/.czarina/worktrees", withDestinationPath: project.outside + "/trap")
        let before = try project.traces()
        try project.expect(77, "create", "one")
        #expect(try project.traces() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.outside + "/trap") == [])
    }

    @Test func aFolderThatCannotBeWrittenIsSaidInOneSentence() throws {
        guard getuid() == 0, let setpriv = CzarProgram.tool("setpriv") else { return CzarProgram.skip("needs root and setpriv") }
        let project = try CzarProject(Self.plan(["one", "two"]))
        try prepare("cp", "--reflink=auto", CzarProgram.path, project.outside + "/czar")
        try prepare("chown", "-R", "65534:65534", project.outside)
        let user = [setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups", project.outside + "/czar"]
        func asUser(_ arguments: String...) throws -> ProcessOutcome { try run(user + arguments, in: project.path) }
        #expect(try asUser("create", "two").status == 0)
        try prepare("chown", "0:0", project.path + "/.czarina/worktrees")
        try prepare("chmod", "755", project.path + "/.czarina/worktrees")
        let safe = ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"]
        func references() throws -> String { try git("for-each-ref", in: project.path, environment: safe) }
        let before = try references()
        let outcome = try asUser("create", "one")
        #expect(outcome.status == 73, "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count <= 2 && outcome.errors.hasPrefix("czar: "), "\(outcome.errors)")
        #expect(try references() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.path + "/.git/worktrees") == ["two"])
    }

    @Test func branchesThatCannotBeWrittenAreSaidWithTheWorkersName() throws {
        guard getuid() == 0, let setpriv = CzarProgram.tool("setpriv") else { return CzarProgram.skip("needs root and setpriv") }
        let project = try CzarProject(Self.plan(["one", "two"]))
        try prepare("mkdir", "-p", project.path + "/.git/refs/heads/cz1/feat")
        try prepare("chown", "-R", "65534", project.path + "/.git/refs/heads/cz1")
        let plain = [setpriv, "--bounding-set=-dac_override,-dac_read_search", CzarProgram.path]
        let outcome = try run(plain + ["create", "one", "--json"], in: project.path)
        #expect(outcome.status == 73, "\(outcome.errors)")
        let failed = try CzarAnswer(outcome.output)["failed"][0]
        #expect(failed["code"].int == 73, "\(outcome.output)")
        #expect(failed["message"].string?.hasPrefix("cannot create worker 'one': cannot ") == true, "\(outcome.output)")
    }

    /// libgit2 calls it locked; nobody holds anything, and no waiting helps.
    @Test func aFolderOfReferencesThatMayNotBeEnteredIsDeniedAndNotLocked() throws {
        guard getuid() == 0, let setpriv = CzarProgram.tool("setpriv") else { return CzarProgram.skip("needs root and setpriv") }
        let project = try CzarProject(Self.plan(["one"]))
        let folder = project.path + "/.git/refs/heads/cz1"
        try prepare("mkdir", "-p", folder + "/feat")
        try prepare("chmod", "000", folder)
        defer { _ = try? run(["chmod", "755", folder], in: "/") }
        let plain = [setpriv, "--bounding-set=-dac_override,-dac_read_search", CzarProgram.path]
        let outcome = try run(plain + ["create", "one"], in: project.path)
        #expect(outcome.status == 69, "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot look into '\(folder)': Permission denied\ntry: ls -ld \(folder)\n"), "\(outcome.errors)")
    }

    @Test func onAReadOnlyFileSystemWhatWritesCannotCreate() throws {
        guard getuid() == 0, let unshare = CzarProgram.tool("unshare") else { return CzarProgram.skip("needs root") }
        guard try run([unshare, "-m", "true"], in: "/").status == 0 else { return CzarProgram.skip("may not make a mount namespace") }
        for hasJournal in [true, false] {
            let project = try CzarProject(Self.plan(["one", "two"]))
            try writeFile(project.path + "/.czarina/logs/events.jsonl", "{\"ts\":\"2025-01-01T00:00:00Z\",\"event\":\"CHECKPOINT\"}\n")
            if hasJournal { try project.expect(0, "create", "two") }
            let path = project.path
            for command in ["create one", "run", "import", "event one CHECKPOINT name=x", "pause one"] {
                let script =
                    "mount --bind '\(path)' '\(path)'; mount -o remount,ro,bind '\(path)'; cd '\(path)'; '\(CzarProgram.path)' \(command)"
                let outcome = try run([unshare, "-m", "sh", "-c", script], in: "/")
                #expect(outcome.status == 73, "\(command): \(outcome.status) \(outcome.errors)")
                #expect(outcome.errors.hasPrefix("czar: ") && outcome.errors.contains("\ntry: "), "\(command): \(outcome.errors)")
            }
        }
    }

    @Test func aFullDiskIsSaidInOneSentenceAndNothingIsLeft() throws {
        guard getuid() == 0 else { return CzarProgram.skip("needs root") }
        let folder = try TemporaryFolder("czar-full")
        guard try run(["mount", "-t", "tmpfs", "-o", "size=3m", "czar-test", folder.path], in: "/").status == 0 else {
            return CzarProgram.skip("may not mount")
        }
        defer { _ = try? run(["umount", folder.path], in: "/") }
        let project = try CzarProject(Self.plan(["one"]))
        for number in 0..<20 { try project.repository.write("data/\(number)", String(repeating: "line \(number)\n", count: 40_000)) }
        try project.repository.commitAll("data")
        let before = try project.traces()
        let outcome = try project.czar("create", "one", "--worktrees", folder.path)
        #expect(outcome.status == 73, "\(outcome.errors)")
        #expect(outcome.errors.contains("no space is left"), "\(outcome.errors)")
        let hint = outcome.errors.components(separatedBy: "\ntry: ").last ?? ""
        let shown = try run(["bash", "-c", hint], in: project.path)
        #expect(hint.hasPrefix("df -h '") && shown.status == 0, "\(outcome.errors)")
        #expect(try project.traces() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func onADiskThatIsTooSmallForAllAsManyAreMadeAsFit() throws {
        guard getuid() == 0 else { return CzarProgram.skip("needs root") }
        let folder = try TemporaryFolder("czar-small")
        guard try run(["mount", "-t", "tmpfs", "-o", "size=3m", "czar-test", folder.path], in: "/").status == 0 else {
            return CzarProgram.skip("may not mount")
        }
        defer { _ = try? run(["umount", folder.path], in: "/") }
        let project = try CzarProject(Self.plan(["one", "two", "three", "four"]))
        try project.repository.write("data", String(repeating: "12345678\n", count: 120_000))
        try project.repository.commitAll("data")
        let outcome = try project.czar("create", "--all", "--worktrees", folder.path, "--json")
        #expect(outcome.status == 73, "\(outcome.errors)")
        let answer = try CzarAnswer(outcome.output)
        #expect(answer["created"].array.count == 2 && answer["failed"].array.count == 2, "\(outcome.output)")
        let made = answer["created"].array.compactMap { $0["path"].string }
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path).map { folder.path + "/" + $0 }) == Set(made))
        for path in made { #expect(try git("status", "--porcelain", in: path) == "") }
    }

    @Test func aStartMayBeAnyRevisionAndABaseToo() throws {
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - {id: one}\n  - {id: two, base: v1}\n  - {id: three, base: \"main~1\"}\n  - {id: four}\n")
        let first = try git("rev-parse", "HEAD", in: project.path)
        try git("tag", "-a", "-m", "v1", "v1", in: project.path)
        try project.repository.write("later", "x")
        try project.repository.commitAll("later")
        try project.expect(0, "validate")
        try project.expect(0, "create", "one", "--base", "HEAD~1")
        try project.expect(0, "create", "two", "three")
        for (id, behind) in [("one", 1), ("two", 0), ("three", 0)] {
            let worker = try #require(try project.workers()[id])
            #expect(worker["fork_point"].string == first && worker["ahead"].int == 0 && worker["behind"].int == behind, "\(id)")
            #expect(worker["total"].int == 2 && worker["files"]["created"].int == 0, "\(id)")
        }
        #expect(try project.expect(66, "create", "four", "--base", "nothing~3").errors.contains("'nothing~3' does not exist"))
    }

    @Test func aWorktreeIsNotPutOnAnotherBranchWhileItsCommandRuns() throws {
        let plan = "project: {base: main}\nworkers:\n  - {id: one, script: 'until [ -e \"$OUTSIDE/go\" ]; do sleep 0.05; done'}\n"
        let project = try CzarProject(plan)
        let daemon = try project.start("run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        try project.wait(for: "one", toBe: "active")
        try project.replacePlan(plan.replacing("{id: one,", with: "{id: one, branch: other,"))
        #expect(try project.expect(77, "create", "one", "--rebind").errors.contains("while its command runs"))
        #expect(try git("symbolic-ref", "HEAD", in: project.worktree("one")) == "refs/heads/cz1/feat/one")
        try writeFile(project.outside + "/go", "")
        daemon.wait()
    }

    @Test func aLockThatSomebodyElseHoldsIsLeftAlone() throws {
        let project = try CzarProject(Self.plan(["one"]))
        let lock = project.path + "/.git/refs/heads/cz1/feat/one.lock"
        try writeFile(lock, "")
        try prepare("touch", "-d", "1 hour ago", lock)
        try project.expect(75, "create", "one")
        #expect(exists(lock))
        try FileManager.default.removeItem(atPath: lock)
        try project.expect(0, "create", "one")
    }

    @Test func linkedBareAndSeparateRepositoriesAreFoundFromEverywhere() throws {
        let linked = try CzarProject(Self.plan(["one", "two"]))
        try linked.expect(0, "create", "one")
        try linked.expect(0, "create", "two", at: linked.worktree("one"))
        #expect(try linked.complaints(clean: ["one", "two"]) == [])
        #expect(try linked.answer("status", at: linked.worktree("two"))["repository"].string == linked.path)

        let separate = try CzarProject(
            Self.plan(["one"]), arguments: ["--separate-git-dir", NSTemporaryDirectory() + "czar-separate-\(UUID().uuidString)"])
        let gitDirectory = try git("rev-parse", "--git-common-dir", in: separate.path)
        defer { try? FileManager.default.removeItem(atPath: gitDirectory) }
        try separate.expect(0, "create", "one")
        #expect(try separate.complaints(clean: ["one"]) == [])
        try separate.expect(0, "status")
        // git itself knows no way from here to the main worktree.
        #expect(try separate.answer("status", at: separate.worktree("one"))["repository"].string == separate.path)
        try separate.expect(0, "event", "CHECKPOINT", "name=inside", at: separate.worktree("one"))
        try FileManager.default.removeItem(atPath: gitDirectory + "/czar/main-worktree")
        #expect(try separate.expect(69, "status", at: separate.worktree("one")).errors.contains("the main worktree of"))

        let source = try CzarProject(Self.plan(["one"]))
        let bare = source.outside + "/bare.git"
        try git("clone", "-q", "--bare", source.path, bare, in: source.outside)
        try writeFile(bare + "/czarina/config.yaml", Self.plan(["one"]))
        try source.expect(0, "create", "one", at: bare)
        let path = try #require(try source.answer("status", at: bare)["workers"][0]["worktree"]["path"].string)
        #expect(path == bare + "/czarina/worktrees/one")
        #expect(try git("symbolic-ref", "HEAD", in: path) == "refs/heads/cz1/feat/one")
        #expect(try git("status", "--porcelain", in: path) == "")
        #expect(try git("worktree", "list", in: bare).contains(path))
    }

    @Test func withoutABaseADetachedOrUnbornHeadIsRefused() throws {
        let plan = "project: {name: headless}\nworkers:\n  - {id: one}\n"
        let detached = try CzarProject(plan)
        try git("checkout", "-q", "--detach", in: detached.path)
        #expect(try detached.expect(65, "create", "one").errors.contains("detached"))
        // Reading compares with what is there.
        #expect(try detached.answer("status")["base"].string == git("rev-parse", "HEAD", in: detached.path))
        for command in ["status", "graph", "metrics"] { try detached.expect(0, command) }
        let unborn = try GitRepository(commit: false)
        try unborn.write(".czarina/config.yaml", plan)
        let outcome = try run([CzarProgram.path, "create", "one"], in: unborn.path)
        #expect(outcome.status == 65 && outcome.errors.contains("no commit"), "\(outcome.errors)")
        let status = try run([CzarProgram.path, "status", "--json"], in: unborn.path)
        #expect(try status.status == 0 && CzarAnswer(status.output)["workers"][0]["ahead"].int == nil, "\(status.errors)")
    }

    @Test func whatAWorkerWroteIntoItsIdentityStaysInARebinding() throws {
        let project = try CzarProject("project: {name: note, base: main}\nworkers:\n  - {id: one}\n  - {id: two}\n")
        try project.expect(0, "create")
        let identities = ["one", "two"].map { project.worktree($0) + "/WORKER_IDENTITY.md" }
        let written = try String(contentsOfFile: identities[0], encoding: .utf8) + "a note\n"
        try writeFile(identities[0], written)
        try project.replacePlan(
            "project: {name: note, base: main}\nworkers:\n  - {id: one, branch: x/one}\n  - {id: two, branch: x/two}\n")
        try project.expect(0, "create", "--rebind", "one", "two")
        #expect(try String(contentsOfFile: identities[0], encoding: .utf8) == written)
        #expect(try String(contentsOfFile: identities[1], encoding: .utf8).contains("x/two"))
        #expect(try project.expect(77, "remove", "one").errors.contains("WORKER_IDENTITY.md"))
        try project.expect(0, "remove", "two")
    }

    @Test func aRebindingThatWasRefusedWasNotCutOff() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create")
        try git("commit", "-q", "--allow-empty", "-m", "own", in: project.worktree("one"))
        try project.replacePlan("project: {base: main}\nworkers:\n  - {id: one, branch: x/one}\n")
        try project.expect(77, "create", "--rebind", "one")
        #expect(try !run([CzarProgram.path, "doctor"], in: project.path).output.contains("cut off"))
    }

    /// Cut off once before the copy took its place, and again: what is in place is known for Czar's still.
    @Test func anIdentityIsKnownHoweverOftenItsWritingIsCutOff() throws {
        let project = try CzarProject("project: {name: note, base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create")
        let entry = project.path + "/.git/worktrees/one/czar-identity"
        try prepare("cp", entry, entry + ".next")
        try writeFile(entry, "an older one\n")
        try project.replacePlan("project: {name: note, base: main}\nworkers:\n  - {id: one, description: renewed}\n")
        // A folder stands where it is written aside.
        let aside = project.worktree("one") + "/.czar/WORKER_IDENTITY.md"
        try prepare("mkdir", "-p", aside + "/full")
        try project.expect(0, "doctor", "--repair")
        let copies = try [entry, entry + ".next"].map { try String(contentsOfFile: $0, encoding: .utf8) }
        let found = try String(contentsOfFile: project.worktree("one") + "/WORKER_IDENTITY.md", encoding: .utf8)
        #expect(copies.contains(found) && !found.contains("renewed"))
        try prepare("rm", "-r", aside)
        try project.expect(0, "doctor", "--repair")
        #expect(try String(contentsOfFile: project.worktree("one") + "/WORKER_IDENTITY.md", encoding: .utf8).contains("renewed"))
    }

    @Test func theRecordWinsOverAPlanThatChanged() throws {
        let project = try CzarProject("project: {name: drift, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        try project.expect(0, "create", "one")
        try project.replacePlan("project: {name: drift, base: main}\nworkers:\n  - {id: one, branch: elsewhere, script: 'echo 1 > f'}\n")
        #expect(try project.workers()["one"]?["health"].string == "drifted")
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.workers()["one"]?["attempt"].int == 0)
        #expect(try project.expect(77, "create", "one").errors.contains("--rebind"))
        #expect(try project.expect(77, "start", "one", "--trust").errors.contains("--rebind"))
        #expect(try project.state("one") == "ready", "as the run left it: nothing has failed")
        #expect(try git("branch", "--list", "elsewhere", in: project.path) == "")
        try project.expect(0, "create", "--rebind", "one")
        #expect(try project.workers()["one"]?["branch"].string == "elsewhere")
        // It can be taken back as long as nothing was done there.
        try project.expect(0, "undo")
        #expect(try project.workers()["one"]?["branch"].string == "cz1/feat/one")
        #expect(try git("symbolic-ref", "--short", "HEAD", in: project.worktree("one")) == "cz1/feat/one")
        #expect(try git("branch", "--list", "elsewhere", in: project.path) == "")
        #expect(try project.complaints(clean: ["one"]) == [])
        #expect(try project.expect(77, "create", "one").errors.contains("--rebind"))
        try project.expect(0, "create", "--rebind", "one")
        try project.expect(0, "run", "--quiet")
        #expect(try git("show", "elsewhere:f", in: project.path) == "1")
        let sequence = try #require(try project.events().last { $0.type == "REBOUND" }?.sequence)
        #expect(try project.expect(77, "undo", "\(sequence)").errors.contains("attempt 1 ran there"))
        #expect(try project.workers()["one"]?["branch"].string == "elsewhere")
    }
}
