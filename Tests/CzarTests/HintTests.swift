import Foundation
import TestSupport
import Testing

/// What stands behind `try:` helps when it is run.
@Suite struct HintTests {
    static let plan = "project: {name: hints, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n  - {id: two}\n"

    func hint(_ outcome: ProcessOutcome) -> String {
        let parts = outcome.errors.components(separatedBy: "\ntry: ")
        return parts.count > 1 ? parts[parts.count - 1].trimmingCharacters(in: .newlines) : "echo no hint; false"
    }

    /// Runs a hint as a person would.
    func follow(_ hint: String, in project: CzarProject, environment: [String: String] = [:]) throws -> ProcessOutcome {
        let path = (CzarProgram.path as NSString).deletingLastPathComponent + ":" + (hermeticEnvironment["PATH"] ?? "")
        return try run(["bash", "-c", hint], in: project.path, environment: environment.merging(["PATH": path]) { own, _ in own })
    }

    @Test func theCommitsOfAPathThatCannotBeWrittenAreShown() throws {
        let project = try CzarProject(Self.plan)
        for name in ["a b/file", "a b/File"] { try writeFile(project.path + "/" + name, name) }
        try git("add", "a b", in: project.path)
        try git("commit", "-qm", "clash", in: project.path)
        try git("config", "core.ignorecase", "true", in: project.path)
        let refused = try project.czar("create", "one")
        #expect(refused.errors.contains("try: git log --oneline --all -- 'a b/file'"), "\(refused.errors)")
    }

    /// `czar logs` → `czar status` → `czar start` → `czar logs` would go in a circle.
    @Test func theLogOfWhatNeverRanSaysWhatIsMissing() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one, command: [no such program]}\n")
        try project.expect(66, "start", "one", "--trust")
        let refused = try project.expect(66, "logs", "one")
        #expect(
            refused.errors.contains("its command was never run, because no program is named 'no such program' in PATH"), "\(refused.errors)"
        )
        #expect(hint(refused) == "command -v 'no such program' && czar retry one")
        #expect(try project.answer("status")["attention"][0]["commands"].strings.first == "command -v 'no such program'")
        try writeProgram(project.outside + "/no such program", "#!/bin/sh\necho 1 > f\n")
        let path = ["PATH": project.outside + ":" + (hermeticEnvironment["PATH"] ?? "")]
        let followed = try run(
            ["bash", "-c", hint(refused).replacing("czar", with: CzarProgram.path)], in: project.path, environment: path)
        #expect(followed.status == 0, "\(followed.errors)")
        try project.expect(0, "run", "--quiet", environment: path)
        #expect(try project.state("one") == "complete")
    }

    @Test func anUndoSaysHowManyMoreThereAre() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create")
        // Either spelling, here and at a closeout.
        try project.expect(0, "remove", "--all", "--branches")
        try project.expect(1, "closeout", "--dry-run", "--branch")
        #expect(try project.expect(0, "undo").output.contains("\n1 more WORKTREE_REMOVED before it; the next one: czar undo\n"))
        #expect(try !project.expect(0, "undo").output.contains("more"))
        #expect(try git("branch", "--list", in: project.path).split(separator: "\n").count == 3)
    }

    @Test func whatIsNoPlanFileIsShown() throws {
        for command in ["mkdir", "mkfifo", "ln -s config.yaml"] {
            let project = try CzarProject(Self.plan)
            let path = project.path + "/.czarina/config.json"
            try prepare("bash", "-c", "\(command) '\(path)'")
            let refused = try project.expect(77, "status")
            #expect(hint(refused) == "ls -ld \(path)", "\(refused.errors)")
            #expect(try follow(hint(refused), in: project).status == 0)
        }
    }

    @Test func aCommitWithoutAnIdentityOrASignatureSaysWhatToSet() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/work", "w")
        for key in ["user.name", "user.email"] { try git("config", "--unset", key, in: project.path) }
        var environment = ["HOME": project.outside, "GIT_CONFIG_GLOBAL": project.outside + "/.gitconfig"]
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] { environment[name] = "" }
        let refused = try project.expect(65, "commit", "-m", "x", "--worker", "one", environment: environment)
        #expect(refused.errors.hasPrefix("czar: cannot commit without an identity: user.name and user.email are not set\ntry: "))
        #expect(try follow(hint(refused), in: project, environment: environment).status == 0, "\(hint(refused))")
        try git("config", "commit.gpgsign", "true", in: project.path)
        let unsigned = try project.expect(77, "commit", "-m", "x", "--worker", "one", environment: environment)
        #expect(hint(unsigned).hasPrefix("signing: skip in the plan's orchestration"), "\(unsigned.errors)")
        try git("config", "--unset", "commit.gpgsign", in: project.path)
        try project.expect(0, "commit", "-m", "x", "--worker", "one", environment: environment)
    }

    @Test(arguments: [["=x"], ["novalue"], ["two words"], ["a=1", "a=2"], ["="], ["foo", "bar"], ["a=1", "two words", "bar"]])
    func aWordThatIsNoFieldIsMended(words: [String]) throws {
        let project = try CzarProject(Self.plan)
        let refused = try run([CzarProgram.path, "event", "one", "CHECKPOINT"] + words, in: project.path)
        #expect(refused.status == 64)
        let followed = try follow(hint(refused), in: project)
        #expect(followed.status == 0, "\(hint(refused)): \(followed.errors)")
        #expect(try project.events().last?.worker == "one")
    }

    @Test(arguments: [
        "metrics --at never = czar metrics --at 2h", "report standup --since=never = czar report standup --since=2h",
        "wait one --timeout never = czar wait one --timeout 30m",
    ])
    func aWordThatIsNoTimeIsReplacedInTheSameCommand(line: String) throws {
        let parts = line.components(separatedBy: " = ")
        let project = try CzarProject(Self.plan)
        let refused = try run([CzarProgram.path] + parts[0].split(separator: " ").map(String.init), in: project.path)
        #expect(refused.status == 64 && hint(refused) == parts[1], "\(refused.errors)")
        guard line.hasPrefix("report") else { return }
        #expect(try follow(hint(refused), in: project).status == 0)
    }

    @Test func whereThereIsNoRepositoryOneIsMade() throws {
        let folder = try TemporaryFolder()
        let refused = try run([CzarProgram.path, "status"], in: folder.path)
        #expect(refused.status == 66 && hint(refused) == "git init", "\(refused.errors)")
        try prepare("git", "-C", folder.path, "init", "-q")
        #expect(try run([CzarProgram.path, "status"], in: folder.path).status == 0)
    }

    @Test func anUnprovenWorkerIsCompletedByTheHintFromEverywhere() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "start", "two")
        try writeFile(project.worktree("two") + "/work", "w")
        let refused = try project.expect(1, "complete", "two")
        #expect(hint(refused) == "czar commit --worker two -m 'two: work' && czar complete two")
        #expect(hint(try project.expect(1, "complete", at: project.worktree("two"))).hasPrefix("czar commit -m 'two: work'"))
        #expect(try follow(hint(refused), in: project).status == 0)
        #expect(try project.state("two") == "complete")
    }

    @Test func whatFollowsAnAdditionIsWhatHelps() throws {
        let project = try CzarProject(Self.plan)
        let waits = try project.expect(0, "add", "review", "look", "--agent", "person", "--after", "two").output
        #expect(waits.contains("it waits for 'two'; next: czar run") && !waits.contains("czar start review"), "\(waits)")
        #expect(try project.expect(0, "add", "other", "look", "--agent", "person").output.contains("next: czar start other"))
        try project.expect(0, "add", "oops", "sleep 1000", "--agent", "shell", "--start")
        let refused = try project.expect(77, "undo")
        #expect(hint(refused) == "czar stop oops && czar remove oops --branch", "\(refused.errors)")
        #expect(try follow(hint(refused), in: project).status == 0)
    }

    @Test(arguments: [
        "add foo x --agent claud = czar add foo x --agent claude", "add foo x --agent frobnicator = czar agents",
        "add foo x --agent person --branch a~b = czar add foo x --agent person --branch a-b",
        "add foo x --agent person --base mian = czar add foo x --agent person --base main",
        "add foo - = czar add foo 'what to do'",
        "event one chekpoint = czar event one CHECKPOINT",
        "event one STATE_CHANGED = czar event one CHECKPOINT name=state_changed",
        "task start 9 --worker one = czar task list --worker one", "task done --worker one = czar task list --worker one",
        "statu one = czar status one", "kill one = czar stop one", "tail one = czar logs one", "kil one = czar stop one",
    ])
    func theHintIsAboutTheSameWorkerAndMendsWhatWasWrong(line: String) throws {
        let parts = line.components(separatedBy: " = ")
        let project = try CzarProject(Self.plan)
        let refused = try run(
            ["sh", "-c", "printf '' | \(CzarProgram.path) \(parts[0])"], in: project.path)
        #expect(refused.status != 0 && hint(refused) == parts[1], "\(refused.errors)")
    }

    @Test func whatARemovalWasAskedWithStandsInTheHint() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/new", "1\n")
        for (given, expected) in [
            (["--branch"], "--branch --force"), (["--ignored"], "--force --ignored"),
            (["--branch", "--ignored"], "--branch --force --ignored"),
        ] {
            let refused = try run([CzarProgram.path, "remove", "one"] + given, in: project.path)
            #expect(refused.status == 77 && hint(refused) == "czar remove \(expected) one", "\(refused.errors)")
        }
    }

    @Test func whatHasNothingToRemoveOrToRetryIsLedToWhatHelps() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "add", "never", "look", "--agent", "person")
        let refused = try project.expect(66, "remove", "never")
        #expect(hint(refused) == "czar remove never --branch", "\(refused.errors)")
        #expect(try follow(hint(refused), in: project).status == 0)
        try project.expect(0, "pause", "one")
        let paused = try project.expect(77, "retry", "one")
        #expect(hint(paused) == "czar resume one", "\(paused.errors)")
        try project.expect(0, "add", "hands", "look", "--agent", "person", "--start")
        let creation = try #require(try project.events().last { $0.worker == "hands" && $0.type == "BRANCH_CREATED" }).sequence
        let active = try project.expect(77, "undo", "\(creation)")
        #expect(hint(active) == "czar stop hands && czar remove hands --branch", "\(active.errors)")
        #expect(try follow(hint(active), in: project).status == 0)
    }

    @Test func aMistypingOfAnotherNameLeadsToWhatItMeansHere() throws {
        let project = try CzarProject(Self.plan)
        for (mistyping, meant) in [("wathc", "czar status --watch"), ("statsu", "czar status"), ("launhc", "czar run")] {
            #expect(hint(try project.expect(64, mistyping)) == meant)
        }
    }

    @Test func theStatusOfOneWorkerIsNotItsOwnNextStep() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: bad, script: 'exit 3'}\n")
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.expect(0, "status").output.contains("czar retry bad"))
        let whole = try project.expect(0, "status", "bad").output
        #expect(whole.contains("  czar retry bad") && !whole.contains("czar status bad"), "\(whole)")
    }

    @Test func aWorkerOutOfBudgetWithoutACommitIsNotToldToComplete() throws {
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - {id: silent, script: 'czar event CHECKPOINT tokens=9; sleep 1000', "
                + "budget: {tokens: 5, on_limit: stop}}\n")
        try project.expect(1, "run", "--trust", "--quiet")
        let status = try project.expect(0, "status").output
        #expect(status.contains("czar logs silent") && status.contains("czar fail silent --reason"), "\(status)")
        #expect(!status.contains("czar complete silent"))
    }

    @Test func theHintForAMissingWorkerIsTheSameCommandWithOne() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/work", "w")
        let commit = try project.expect(64, "commit", "-m", "a message", "--quiet")
        #expect(hint(commit) == "czar commit -m 'a message' --quiet --worker one", "\(commit.errors)")
        #expect(try follow(hint(commit), in: project).status == 0)
        #expect(try git("log", "-1", "--format=%s", in: project.worktree("one")) == "a message")
        #expect(hint(try project.expect(64, "block", "no key")) == "czar block 'no key' --worker one")
        #expect(hint(try project.expect(64, "event", "CHECKPOINT", "name=x")) == "czar event one CHECKPOINT name=x")
        #expect(hint(try project.expect(64, "diff", "--stat")) == "czar diff one --stat")
    }

    /// No text is taken for `-h`, and none is an option that nobody has.
    @Test(arguments: [
        (["add", "fix", "-the app crashes", "--agent", "person"], "czar add fix --agent person -- '-the app crashes'"),
        (["add", "fix", "--agent", "person", "-v flag is broken"], "czar add fix --agent person -- '-v flag is broken'"),
        (["add", "fix", "--fast mode", "--agent=person"], "czar add fix --agent=person -- '--fast mode'"),
        (["unblock", "-h is what", "--worker", "one"], "czar unblock --worker one -- '-h is what'"),
        (["unblock", "one", "-h is", "what", "--quiet"], "czar unblock one --quiet -- '-h is' what"),
        (["fail", "one", "--reason", "- x"], "czar fail one '--reason=- x'"),
        (["fail", "--reason", "-h is what", "one"], "czar fail '--reason=-h is what' one"),
        (["commit", "-m", "- x", "--worker", "one"], "czar commit '-m=- x' --worker one"),
        (["block", "--worker", "one", "- list", "--", "-q"], "czar block --worker one -- '- list' -q"),
    ])
    func aTextThatBeginsAsAnOptionDoesIsNeverOne(_ arguments: [String], _ wanted: String) throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/work", "w")
        let refused = try run([CzarProgram.path] + arguments, in: project.path)
        #expect(refused.status == 64 && refused.output.isEmpty, "\(refused)")
        #expect(hint(refused) == wanted, "\(refused.errors)")
        // What is wrong with it beside that is not the hint's doing.
        let followed = try follow(hint(refused), in: project)
        #expect(followed.status == 0 || !followed.errors.contains("option"), "\(followed.errors)")
        if arguments[0] == "add" { #expect(followed.status == 0) }
        if arguments[0] == "commit" {
            #expect(try git("log", "-1", "--format=%s", in: project.worktree("one")) == "- x")
        }
        let asked = try project.expect(0, "add", "fix", "-the app crashes", "--help")
        #expect(asked.output.hasPrefix("OVERVIEW: Defines a worker"))
    }

    @Test func theHintForAMissingWorkerIsUnderstood() throws {
        let project = try CzarProject(Self.plan)
        #expect(hint(try project.expect(64, "unblock", "--", "- list answer")) == "czar unblock --worker one -- '- list answer'")
        #expect(hint(try project.expect(64, "block", "two", "no key")) == "czar block 'no key' --worker two")
        #expect(hint(try project.expect(64, "block", "two")) == "czar block 'the key is missing' --worker two")
        #expect(hint(try project.expect(64, "block", "all", "two")) == "czar block all two --worker one")
    }

    @Test func anUnprovenWorkerIsCompletedByTheHint() throws {
        let project = try CzarProject(Self.plan.replacing("{id: two}", with: "{id: two, description: \"It's done\\nand more\"}"))
        try project.expect(0, "create", "two")
        try writeFile(project.worktree("two") + "/work", "w")
        let refused = try run([CzarProgram.path, "complete"], in: project.worktree("two"))
        #expect(hint(refused) == "czar commit -m 'two: It'\\''s done' && czar complete two", "\(refused.errors)")
        let path = (CzarProgram.path as NSString).deletingLastPathComponent + ":" + (hermeticEnvironment["PATH"] ?? "")
        let followed = try run(["bash", "-c", hint(refused)], in: project.worktree("two"), environment: ["PATH": path])
        #expect(followed.status == 0, "\(followed.errors)")
        #expect(try project.state("two") == "complete")
        #expect(try git("log", "-1", "--format=%s", in: project.worktree("two")) == "two: It's done")
        try project.expect(0, "trust")
        let again = try project.expect(77, "start", "two")
        #expect(hint(again) == "czar reopen two", "\(again.errors)")
        #expect(try follow(hint(again), in: project).status == 0)
    }

    @Test func aPlanWithoutABaseBeforeTheFirstCommitIsReported() throws {
        let folder = try TemporaryFolder()
        try git("init", "-q", "-b", "main", in: folder.path)
        try prepare("mkdir", folder.path + "/.czarina")
        try writeFile(folder.path + "/.czarina/config.yaml", "workers: [{id: one}]\n")
        for command in ["validate", "create"] {
            let outcome = try run([CzarProgram.path, command], in: folder.path)
            #expect(outcome.status == 65)
            #expect((outcome.output + outcome.errors).contains("the branch 'main' has no commit yet"), "\(outcome)")
        }
    }

    @Test func aFullDiskIsShownWhereTheJournalCannotBeOpened() throws {
        guard getuid() == 0 else { return CzarProgram.skip("needs root") }
        let folder = try TemporaryFolder("czar-full")
        guard try run(["mount", "-t", "tmpfs", "-o", "size=3m", "czar-test", folder.path], in: "/").status == 0 else {
            return CzarProgram.skip("may not mount")
        }
        defer { _ = try? run(["umount", folder.path], in: "/") }
        let project = try CzarProject(Self.plan)
        try prepare("cp", "-a", project.path, folder.path + "/copy")
        let copy = folder.path + "/copy"
        try prepare("bash", "-c", "dd if=/dev/zero of='\(folder.path)/filler' bs=4k 2> /dev/null; true")
        for arguments in [["create", "one"], ["event", "one", "CHECKPOINT", "name=x"], ["pause", "one"], ["run", "--trust"]] {
            let refused = try run([CzarProgram.path] + arguments, in: copy)
            #expect(refused.status == 73, "\(arguments): \(refused.status) \(refused.errors)")
            #expect(refused.errors.contains("full") || refused.errors.contains("no space is left"), "\(arguments): \(refused.errors)")
            #expect(hint(refused).hasPrefix("df -"), "\(arguments): \(refused.errors)")
            #expect(try follow(hint(refused), in: project).status == 0, "\(hint(refused))")
        }
    }

    @Test func whatKeptAWorkerFromBeingMadeIsRecordedWithItsRemedy() throws {
        let project = try CzarProject(Self.plan)
        try writeFile(project.worktree("one") + "/mine", "m")
        try project.expect(1, "run", "--trust", "one")
        let failure = try #require(try project.events().last { $0.fields["to"] == "failed" })
        #expect(failure.fields["remedy"] == "mv \(project.worktree("one")) \(project.worktree("one")).old", "\(failure.fields)")
        #expect(try follow(failure.fields["remedy"] ?? "", in: project).status == 0)
        try project.expect(0, "retry", "one")
        try project.expect(0, "run", "one")
    }
}
