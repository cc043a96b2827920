import Foundation
import TestSupport
import Testing

/// What `czar` says to a worker whose sandbox shows it another machine: other process ids, devices over its files, files that cannot be
/// written.
@Suite struct SandboxTests {
    private func unshare(_ options: String...) throws -> String? {
        guard let unshare = CzarProgram.tool("unshare") else { return nil }
        return try run([unshare] + options + ["true"], in: "/").status == 0 ? unshare : nil
    }

    @Test func nobodyIsTakenForDeadByAWorkerThatSeesOtherProcessIDs() throws {
        guard let unshare = try unshare("-rpf", "--mount-proc") else { return CzarProgram.skip("may not make a pid namespace") }
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            workers:
              - id: one
                script: |
                  inside() { \(unshare) -rpf --mount-proc "$@" >> "$OUTSIDE/said" 2>&1; echo "= $?" >> "$OUTSIDE/said"; }
                  inside czar status one
                  inside env -u CZAR_WORKER czar status --attention
                  inside czar wait one --timeout 1s
                  inside czar stop one
                  echo 1 > f

            """)
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let said = try String(contentsOfFile: project.outside + "/said", encoding: .utf8)
        #expect(!said.contains("supervisor died") && !said.contains("czar stop"), "\(said)")
        #expect(!said.contains("no 'czar run' is active") && said.contains("nothing needs you"), "\(said)")
        // It cannot end what it cannot see, and says so; the run does not mind.
        #expect(said.contains("out of sight from inside this sandbox"), "\(said)")
        #expect(said.split(separator: "\n").filter { $0.hasPrefix("= ") } == ["= 0", "= 0", "= 124", "= 69"], "\(said)")
        #expect(try project.events().filter { $0.description == "one active→paused" }.isEmpty)
        #expect(try project.state("one") == "complete")
    }

    /// A sandbox may number its processes itself and leave the `/proc` of the others mounted, as Claude Code's does.
    @Test func aWorkerWhoseProcShowsOtherNumbersCommitsReportsAndIsRefusedAlike() throws {
        guard getuid() == 0, let unshare = try unshare("-pf") else { return CzarProgram.skip("needs root and pid namespaces") }
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            workers:
              - id: one
                script: |
                  inside() { \(unshare) -pf sh -c 'true; "$@"; echo "= $?"' sh "$@" >> "$OUTSIDE/said" 2>&1; }
                  echo 1 > f
                  inside czar status one
                  inside czar commit -m inside
                  inside czar event CHECKPOINT name=inside
                  inside czar stop one

            """)
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let said = try String(contentsOfFile: project.outside + "/said", encoding: .utf8)
        let codes = said.split(separator: "\n").filter { $0.hasPrefix("= ") }
        #expect(codes == ["= 0", "= 0", "= 0", "= 69"], "\(said)")
        #expect(said.contains("out of sight from inside this sandbox"), "\(said)")
        #expect(try git("log", "-1", "--format=%s", in: project.worktree("one")) == "inside")
        #expect(try project.state("one") == "complete")
    }

    /// libdispatch ends a process whose threads it does not find in `/proc`; the numbers of these are nobody's there.
    @Test func nothingDiesOfAProcThatDoesNotShowItsThreads() throws {
        guard getuid() == 0, let unshare = try unshare("-pf", "--mount-proc") else {
            return CzarProgram.skip("needs root and pid namespaces")
        }
        let repository = try GitRepository()
        let inner = "\(unshare) -pf sh -c \"true; '\(CzarProgram.path)' pause nosuch\""
        let outer = "\(unshare) -pf --mount-proc sh -c 'for i in $(seq 30); do /bin/true; done; \(inner.replacing("'", with: #"'\''"#))'"
        let codes = try run(["sh", "-c", "for i in $(seq 30); do \(outer) > /dev/null 2>&1; echo $?; done"], in: repository.path)
        #expect(Set(codes.output.split(separator: "\n")) == ["66"], "\(codes.output)")
    }

    @Test func devicesOverFilesAreNeitherShownNorMissingFromTheProof() throws {
        guard getuid() == 0, let unshare = try unshare("-m") else { return CzarProgram.skip("needs root and mounts") }
        let project = try CzarProject("project: {name: sandbox, base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "run", "--quiet", "--once")
        let tree = project.worktree("one")
        try writeFile(tree + "/work", "w")
        try project.expect(0, "commit", "-m", "work", at: tree)
        for name in [".bashrc", ".agent/settings"] { try writeFile(tree + "/" + name, "") }
        func inside(_ command: String) throws -> ProcessOutcome {
            let mounts = "mount --bind /dev/null '\(tree)/.bashrc'; mount --bind /dev/null '\(tree)/.agent/settings'"
            return try run(
                [unshare, "-m", "sh", "-ec", "\(mounts); cd '\(tree)'; \(command)"], in: "/",
                environment: ["CZAR_WORKER": "one", "CZAR_PHASE": "1"])
        }
        #expect(try inside("git status --porcelain").output == "?? .agent/\n?? .bashrc\n")
        let status = try CzarAnswer(inside("'\(CzarProgram.path)' status --json").output)
        #expect(status["workers"][0]["worktree"]["untracked"].int == 0, "\(status["workers"][0]["worktree"])")
        let nothing = try inside("'\(CzarProgram.path)' commit -m more")
        #expect(nothing.status != 0 && nothing.errors.contains("there is nothing to commit"), "\(nothing.errors)")
        let complete = try inside("'\(CzarProgram.path)' complete")
        #expect(complete.status == 0, "\(complete.errors)")
        #expect(try project.state("one") == "complete")
    }

    @Test func whatAKilledSandboxLeftIsNobodysWork() throws {
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            workers:
              - id: one
                script: |
                  mkdir .claude .vscode deep && echo 1 > work && echo '{}' > .vscode/settings.json && : > deep/marker && : > .profile
                  for name in .bashrc .idea config .claude/agents deep/marker; do : > $name && chmod 444 $name; done

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try project.state("one") == "complete")
        let tree = project.worktree("one")
        let committed = try git("show", "--format=", "--name-only", "HEAD", in: tree)
        #expect(committed.split(separator: "\n") == [".profile", ".vscode/settings.json", "deep/marker", "work"])
        let status = try CzarAnswer(try project.czar("status", "--json").output)
        #expect(status["workers"][0]["worktree"]["untracked"].int == 0, "\(status["workers"][0]["worktree"])")
        #expect(try project.czar("commit", "-m", "more", at: tree).errors.contains("there is nothing to commit"))
        #expect(try !project.czar("diff", "one").output.contains(".bashrc"))
        #expect(try git("status", "--porcelain", in: tree).contains("?? .bashrc"))
        try project.expect(0, "remove", "one")
        #expect(!exists(tree))
    }

    /// Codex below `/tmp`: the common folder may be written, the worktree's own below it not.
    @Test func whereNothingCanBeCommittedThatIsSaidAndNoCommitRecommended() throws {
        guard getuid() == 0, let unshare = try unshare("-m") else { return CzarProgram.skip("needs root and mounts") }
        let project = try CzarProject(
            """
            project: {name: sandbox, base: main}
            workers:
              - id: one
                script: |
                  export G=$(git rev-parse --absolute-git-dir)
                  inside() { \(unshare) -m sh -c 'mount --bind "$G" "$G" && mount -o remount,ro,bind "$G" && "$@"; echo "= $?"' sh "$@"; }
                  echo 1 > f
                  (inside czar commit -m work; inside czar complete) > "$OUTSIDE/said" 2>&1

            """)
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let said = try String(contentsOfFile: project.outside + "/said", encoding: .utf8)
        #expect(said.contains("Czar commits them when your command ends.\ntry: czar complete\n= 77\n"), "\(said)")
        #expect(said.contains("what is uncommitted is committed then\n= 0\n") && !said.contains("czar commit"), "\(said)")
        #expect(try project.state("one") == "complete")
    }

    @Test func aWorkerIsNotToldOfTheStatusFileThatItsSandboxKeepsFromIt() throws {
        guard getuid() == 0, let unshare = try unshare("-m") else { return CzarProgram.skip("needs root and mounts") }
        let project = try CzarProject("project: {name: sandbox, base: main}\nworkers: [{id: one, allow_empty: true}]\n")
        try project.expect(0, "run", "--quiet", "--once")
        func inside(_ environment: [String: String]) throws -> ProcessOutcome {
            let folder = project.path + "/.czarina"
            let script =
                "mount --bind '\(folder)' '\(folder)'; mount -o remount,ro,bind '\(folder)'; cd '\(project.path)'; "
                + "'\(CzarProgram.path)' reopen one > /dev/null; '\(CzarProgram.path)' complete one"
            return try run([unshare, "-m", "sh", "-ec", script], in: "/", environment: environment)
        }
        try project.expect(0, "complete", "one")
        let worker = try inside(["CZAR_WORKER": "one", "CZAR_PHASE": "1"])
        #expect(worker.status == 0 && worker.errors.isEmpty, "\(worker.errors)")
        let person = try inside([:])
        #expect(person.status == 0 && person.errors.contains("worker-status.json' is not up to date"), "\(person.errors)")
    }
}
