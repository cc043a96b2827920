import Foundation
import TestSupport
import Testing

/// What workers say about themselves, by every way there is.
@Suite struct WorkerReportTests {
    @Test func whatCannotBeHeldAnyMoreIsSaidToHoldNothing() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one, script: 'echo 1 > f'}]\n")
        try project.expect(0, "run", "--trust", "--quiet")
        let said = try project.expect(0, "block", "--worker", "one", "why").output
        #expect(said.contains("it holds nothing: 'one' is complete and cannot become blocked"), "\(said)")
        #expect(try project.state("one") == "complete")
    }

    @Test func whatAWorkerDidIsNoOperatorsLastAction() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}, {id: two}]\n")
        try project.expect(0, "create", "two")
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/f", "work\n")
        try project.expect(0, "commit", "-m", "work", "--worker", "one", environment: ["CZAR_WORKER": "one"])
        let tip = try git("rev-parse", "cz1/feat/one", in: project.path)
        let undone = try run([CzarProgram.path, "undo"], in: project.path)
        #expect(!undone.output.contains("COMMITTED") && !undone.errors.contains("COMMITTED"), "\(undone)")
        #expect(try git("rev-parse", "cz1/feat/one", in: project.path) == tip)
    }

    /// Also what the folder of reports holds that nobody can read keeps nobody from committing.
    @Test func anOddQueueKeepsNobodyFromCommitting() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "create", "one")
        try FileManager.default.createDirectory(
            atPath: project.worktree("one") + "/.czar/events.log", withIntermediateDirectories: true)
        try writeFile(project.worktree("one") + "/f", "work\n")
        let outcome = try project.expect(0, "commit", "-m", "work", "--worker", "one", environment: ["CZAR_WORKER": "one"])
        #expect(outcome.errors.contains("it is no plain file"), "\(outcome.errors)")
    }

    @Test func anUndoInAWorktreeThatItRemovesSaysWhatItDid() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "create", "one")
        let undone = try run([CzarProgram.path, "undo"], in: project.worktree("one"))
        #expect(undone.status == 0 && undone.output.contains("undid") && !undone.errors.contains("cannot open"), "\(undone)")
        #expect(!exists(project.worktree("one")))
    }

    @Test(arguments: [["event", "one", "CHECKPOINT", "name=mine"], ["create", "three"], ["block", "--worker", "one", "no key"]])
    func whatIsQueuedIsTakenInBeforeWhatAnOperatorWrites(_ words: [String]) throws {
        let project = try CzarProject("project: {name: queued, base: main}\nworkers:\n  - {id: one}\n  - {id: two}\n  - {id: three}\n")
        try project.expect(0, "start", "one", "two")
        let last = try project.events().count
        let line = #"{"time":"2026-01-01T00:00:00.000Z","phase":"1","worker":"two","type":"CHECKPOINT","fields":{"name":"queued"}}"#
        try writeFile(project.worktree("two") + "/.czar/outbox/0000000000000000001-0123456789abcdef0123456789abcdef.json", line + "\n")
        // A worker answers for itself alone.
        try project.expect(0, "event", "one", "CHECKPOINT", "name=own", environment: ["CZAR_WORKER": "one"])
        #expect(try project.events().dropFirst(last).map { $0.type } == ["CHECKPOINT"])
        #expect(try run([CzarProgram.path] + words, in: project.path).status == 0)
        let new = try project.expect(0, "events", "--json").output.split(separator: "\n").dropFirst(last + 1)
        #expect(new.first?.contains(#""name":"queued""#) == true, "\(new)")
        #expect(new.count > 1)
    }

    @Test(arguments: [".czar/outbox/0000000000000000001-0123456789abcdef0123456789abcdef.json", ".czar/events.log"])
    func whatAWorkerHasQueuedIsNotOvertakenByWhatItSaysNext(_ place: String) throws {
        let project = try CzarProject("project: {name: queued, base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "start", "one")
        let last = try project.events().count
        let line = #"{"time":"2026-01-01T00:00:00.000Z","phase":"1","worker":"one","type":"BLOCKED","fields":{"reason":"no key"}}"#
        try writeFile(project.worktree("one") + "/" + place, line + "\n")
        let environment = ["CZAR_WORKER": "one", "CZAR_PHASE": "1", "CZAR_WORKTREE": project.worktree("one")]
        try project.expect(0, "unblock", at: project.worktree("one"), environment: environment)
        try project.expect(0, "run", "--once", "--quiet")
        #expect(
            try project.events().dropFirst(last).map(\.description).filter { !$0.hasPrefix("-") } == [
                "one BLOCKED", "one active→blocked", "one UNBLOCKED", "one blocked→active",
            ])
    }

    @Test func aTaskThatWasReportedThroughTheOutboxIsListedAsQueued() throws {
        let project = try CzarProject("project: {name: queued, base: main}\nworkers:\n  - {id: one}\n")
        try writeFile(project.path + "/.czarina/workers/one.md", "- [ ] first\n- [ ] second\n")
        try project.expect(0, "start", "one")
        let line = #"{"time":"2026-01-01T00:00:00.000Z","phase":"1","worker":"one","type":"TASK_COMPLETE","fields":{"task":"first"}}"#
        try writeFile(project.worktree("one") + "/.czar/outbox/0000000000000000001-0123456789abcdef0123456789abcdef.json", line + "\n")
        #expect(try project.expect(0, "task", at: project.worktree("one")).output == "1. [x] first (queued)\n2. [ ] second\n")
        let tasks = try project.answer("task", "list", "--worker", "one")["tasks"]
        #expect(tasks[0]["queued"].bool == true && tasks[0]["done"].bool == true && !tasks[1]["queued"].exists, "\(tasks)")
        // Whoever writes takes it in first.
        try project.expect(0, "task", "done", "2", at: project.worktree("one"))
        #expect(try project.expect(0, "task", at: project.worktree("one")).output == "1. [x] first\n2. [x] second\n")
    }

    @Test func whatWasSaidBeforeACommitComesBeforeIt() throws {
        let project = try CzarProject("project: {name: queued, base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "start", "one")
        let tree = project.worktree("one")
        try writeFile(tree + "/f", "1")
        try writeFile(tree + "/.czar/events.log", "2026-01-01T00:00:00Z one CHECKPOINT name=queued\n")
        try project.expect(
            0, "commit", "-m", "work", at: tree, environment: ["CZAR_WORKER": "one", "CZAR_PHASE": "1", "CZAR_WORKTREE": tree])
        #expect(try project.events().map(\.type).filter { ["CHECKPOINT", "COMMITTED"].contains($0) } == ["CHECKPOINT", "COMMITTED"])
    }

    @Test func whoActsTakesInFirstWhatWasQueued() throws {
        let project = try CzarProject("project: {name: queued, base: main}\nworkers:\n  - {id: one}\n  - {id: two}\n")
        for id in ["one", "two"] {
            try project.expect(0, "start", id)
            try writeFile(project.worktree(id) + "/.czar/events.log", "2026-01-01T00:00:00Z \(id) CHECKPOINT name=queued\n")
        }
        try project.expect(0, "pause", "two")
        #expect(try project.events().filter { $0.type == "CHECKPOINT" }.count == 2)
    }

    @Test func aBlockedWorkerGoesOnWhenItSaysSo() throws {
        let project = try CzarProject(
            """
            project: {name: blocks, base: main}
            workers:
              - id: one
                script: |
                  czar block waiting for a key
                  until [ -e "$OUTSIDE/go" ]; do sleep 0.05; done
                  czar unblock
                  echo 1 > f

            """)
        let daemon = try project.start("run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        try project.wait(for: "one", toBe: "blocked")
        #expect(try project.workers()["one"]?["cause"].string == "waiting for a key")
        try writeFile(project.outside + "/go", "")
        #expect(daemon.wait() == 0)
        #expect(try project.events().map(\.description).filter { $0.contains("blocked") } == ["one active→blocked", "one blocked→active"])
        #expect(try project.state("one") == "complete")
    }

    @Test(arguments: ["-rpf --mount-proc", "-m"]) func aSandboxedWorkerThatGivesUpHasFailedOnceItsCommandHasEnded(options: String) throws {
        guard getuid() == 0, let unshare = CzarProgram.tool("unshare") else { return CzarProgram.skip("needs root and unshare") }
        let seal = options == "-m" ? #"mount --bind "$G" "$G" && mount -o remount,ro,bind "$G" && "# : ""
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            orchestration: {retry: {limit: 3, backoff: 0s}}
            workers:
              - id: one
                script: |
                  export G="$CZAR_REPOSITORY/.git"
                  \(unshare) \(options) sh -c '\(seal)czar fail --reason "no way"' > "$OUTSIDE/said" 2>&1
                  echo "= $?" >> "$OUTSIDE/said"
                  echo 1 > f

            """)
        guard try run([unshare, "-rpf", "--mount-proc", "true"], in: project.path).status == 0 else {
            return CzarProgram.skip("may not unshare")
        }
        try project.expect(1, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let said = try String(contentsOfFile: project.outside + "/said", encoding: .utf8)
        #expect(said.hasSuffix("= 0\n"), "\(said)")
        let worker = try #require(try project.workers()["one"])
        #expect(worker["state"].string == "failed" && worker["cause"].string == "no way" && worker["attempt"].int == 1)
    }

    @Test func aWorkerBehindAReadOnlyMountDeclaresAndBlocksThroughItsOutbox() throws {
        guard getuid() == 0, let unshare = CzarProgram.tool("unshare") else { return CzarProgram.skip("needs root and unshare") }
        let sealed = "\(unshare) -m sh -c 'mount --bind \"$G\" \"$G\" && mount -o remount,ro,bind \"$G\" &&"
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            workers:
              - id: one
                script: |
                  export G="$CZAR_REPOSITORY/.git"
                  echo 1 > f
                  \(sealed) czar block need a key' > "$OUTSIDE/block"
                  until czar events one | grep -q BLOCKED; do sleep 0.05; done
                  \(sealed) czar unblock && czar complete --tokens 7' > "$OUTSIDE/rest"
                  exit 3

            """)
        guard try run([unshare, "-m", "true"], in: project.path).status == 0 else { return CzarProgram.skip("may not unshare") }
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        for name in ["block", "rest"] {
            #expect(try String(contentsOfFile: project.outside + "/" + name, encoding: .utf8).hasPrefix("queued"), "\(name)")
        }
        let events = try project.events().map(\.description)
        #expect(events.contains("one active→blocked") && events.contains("one blocked→active"), "\(events)")
        let one = try #require(try project.workers()["one"])
        #expect(one["state"].string == "complete" && one["tokens"]["used"].int == 7)
    }

    @Test func aWorkerThatCannotWriteTheJournalIsHeardThroughItsOutbox() throws {
        guard getuid() == 0, let setpriv = CzarProgram.tool("setpriv") else { return CzarProgram.skip("needs root and setpriv") }
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            workers:
              - id: one
                script: |
                  echo 1 > f
                  chown -R 65534:65534 .czar f
                  export HOME="$OUTSIDE"
                  for n in 1 2 3; do
                    \(setpriv) --reuid 65534 --regid 65534 --clear-groups "$OUTSIDE/czar" event CHECKPOINT name=n$n >> "$OUTSIDE/said" 2>&1
                  done
                  \(setpriv) --reuid 65534 --regid 65534 --clear-groups "$OUTSIDE/czar" complete >> "$OUTSIDE/said" 2>&1
                  exit 0

            """)
        try writeFile(project.outside + "/.gitconfig", "[safe]\n\tdirectory = \(project.path)\n\tdirectory = \(project.worktree("one"))\n")
        // The build folder may be closed to other users.
        try prepare("cp", "--reflink=auto", CzarProgram.path, project.outside + "/czar")
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let said = try String(contentsOfFile: project.outside + "/said", encoding: .utf8)
        #expect(said.split(separator: "\n").filter { $0.hasPrefix("queued") }.count == 4, "\(said)")
        let events = try project.events()
        #expect(events.filter { $0.type == "CHECKPOINT" }.map { $0.fields["name"] } == ["n1", "n2", "n3"])
        #expect(events.filter { $0.type == "WORKER_COMPLETE" }.count == 1)
        #expect(try project.state("one") == "complete")
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.worktree("one") + "/.czar/outbox") == [])
    }

    @Test func czarinasOwnWaysOfReportingAreTakenIn() throws {
        let project = try CzarProject(
            """
            project: {name: old, base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - id: logs
                script: |
                  echo "2026-01-01T10:00:00Z logs CHECKPOINT name=half" >> "$CZARINA_EVENTS_LOG"
                  echo "nonsense" >> "$CZARINA_EVENTS_LOG"
                  echo '2026-01-01T10:00:00Z logs TASK_COMPLETE task="the whole"' >> "$CZARINA_EVENTS_LOG"
                  echo 1 > f
              - id: marks
                script: |
                  echo 2 > f
                  touch .WORKER_COMPLETE
                  exit 4

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        let events = try project.events().filter { $0.worker == "logs" && ($0.type == "CHECKPOINT" || $0.type.hasPrefix("TASK")) }
        #expect(events.map(\.fields) == [["name": "half"], ["task": "the whole"]])
        let bad = try String(contentsOfFile: project.worktree("logs") + "/.czar/events.bad", encoding: .utf8)
        #expect(bad.contains("line 2") && bad.contains("nonsense"))
        // Declared by the mark, and proven: how its command ended does not matter then.
        #expect(try project.states() == ["logs": "complete", "marks": "complete"])
        #expect(try git("show", "--name-only", "--format=", "cz1/feat/marks", in: project.path) == "f")
        #expect(try project.complaints(clean: ["logs", "marks"]) == [])
    }

    @Test func aPersonsWorkerIsActiveUntilItIsProvenComplete() throws {
        let project = try CzarProject(
            "project: {name: people, base: main}\nworkers:\n  - {id: ann}\n  - {id: bob, dependencies: [ann], script: 'echo 1 > f'}\n")
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.state("ann") == "active")
        let tree = project.worktree("ann")
        let refused = try project.expect(1, "complete", at: tree)
        #expect(refused.errors.contains("no commit") || refused.errors.contains("commit"))
        try writeFile(tree + "/f", "by hand\n")
        try project.expect(0, "commit", "-m", "by hand", at: tree)
        let answer = try project.answer("complete", at: tree)
        #expect(try answer["tip"].string == git("rev-parse", "cz1/feat/ann", in: project.path))
        try project.expect(0, "run", "--quiet")
        #expect(try Set(project.states().values) == ["complete"])
    }

    @Test func aPersonMayBeginWithoutTheDaemonAndReopenWhatIsComplete() throws {
        let project = try CzarProject("project: {name: people, base: main}\nworkers:\n  - {id: ann}\n")
        try project.expect(0, "create", "ann")
        let tree = project.worktree("ann")
        try project.expect(0, "event", "WORKER_START", at: tree)
        #expect(try project.state("ann") == "active")
        try writeFile(tree + "/f", "1\n")
        try git("add", "f", in: tree)
        try git("commit", "-qm", "mine", in: tree)
        try project.expect(0, "complete", at: tree)
        try writeFile(tree + "/f", "2\n")
        try project.expect(0, "commit", "-m", "later", at: tree)
        let stranded = try git("rev-parse", "cz1/feat/ann", in: project.path)
        #expect(try project.workers()["ann"]?["stranded"].strings == [stranded])
        try project.expect(0, "reopen", "ann")
        #expect(try project.state("ann") == "active")
        try project.expect(0, "complete", "ann")
        #expect(try project.workers()["ann"]?["stranded"].strings == [])
    }

    @Test func aMirrorThatCannotBeWrittenIsSaid() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a}\n")
        try project.expect(0, "event", "a", "CHECKPOINT")
        let mirror = project.path + "/.czarina/events.log"
        let length = try Data(contentsOf: URL(fileURLWithPath: mirror)).count
        try prepare("mv", mirror, project.outside + "/log")
        try prepare("ln", "-s", project.outside + "/evil", mirror)
        let said = try project.expect(0, "event", "a", "CHECKPOINT")
        #expect(said.output.contains("recorded #") && (said.output + said.errors).contains("events.log"), "\(said)")
        #expect(!exists(project.outside + "/evil"))
        let doctor = try run([CzarProgram.path, "doctor"], in: project.path)
        #expect(doctor.status != 0 && doctor.output.contains("events.log' is no file"), "\(doctor)")
        try prepare("rm", mirror)
        try project.expect(0, "event", "a", "CHECKPOINT")
        #expect(try Data(contentsOf: URL(fileURLWithPath: mirror)).count > length)
    }
}
