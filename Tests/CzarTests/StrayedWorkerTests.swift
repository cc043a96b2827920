import TestSupport
import Testing

/// Nothing is begun where nothing can be proven.
@Suite struct StrayedWorkerTests {
    private static let plan = """
        project: {base: main}
        orchestration: {retry: {limit: 1, backoff: 0s}}
        workers:
          - {id: renamed, script: 'echo $CZAR_ATTEMPT >> ../../tries; git branch -m other; exit 1'}
          - {id: deleted, script: 'echo $CZAR_ATTEMPT >> ../../tries; git update-ref -d refs/heads/cz1/feat/deleted; exit 1'}
          - {id: switched, script: 'echo $CZAR_ATTEMPT >> ../../tries; git checkout -q -b elsewhere; exit 1'}

        """

    @Test func aWorkerOffItsBranchIsNeitherStartedNorCalledCreated() throws {
        let project = try CzarProject(Self.plan)
        let fork = try git("rev-parse", "HEAD", in: project.path)
        try project.expect(1, "run", "--trust", "--quiet")
        // One attempt each: the second could not have been proven.
        #expect(try run(["cat", project.path + "/.czarina/tries"], in: project.path).output == "1\n1\n1\n")
        let cases = [
            (
                "renamed", "the branch 'cz1/feat/renamed' no longer exists; the worktree is on 'other'",
                "git -C \(project.worktree("renamed")) branch -m other cz1/feat/renamed"
            ),
            (
                "deleted", "the branch 'cz1/feat/deleted' no longer exists",
                "git -C \(project.worktree("deleted")) branch cz1/feat/deleted \(fork)"
            ),
            (
                "switched", "the worktree is on 'elsewhere' instead of 'cz1/feat/switched'",
                "git -C \(project.worktree("switched")) switch cz1/feat/switched && git -C \(project.worktree("switched")) merge elsewhere"
            ),
        ]
        let attention = try project.answer("status")["attention"].array
        for (name, why, mend) in cases {
            let worker = try #require(try project.workers()[name])
            #expect(worker["state"].string == "failed" && worker["cause"].string?.hasSuffix(why) == true, "\(worker)")
            let needs = try #require(attention.first { $0["worker"].string == name })
            #expect(needs["commands"].strings.first == "\(mend) && czar retry \(name)", "\(needs)")
            for refused in [try project.expect(77, "create", name), try project.expect(77, "start", name)] {
                #expect(refused.errors == "czar: cannot go on with worker '\(name)': \(why)\ntry: \(mend) && czar create \(name)\n")
            }
            #expect(try project.expect(77, "start", name, "--dry-run").errors.contains(why))
            let followed = try run(["sh", "-ec", mend + " >/dev/null 2>&1"], in: project.path)
            #expect(followed.status == 0, "\(name): \(mend)")
            try project.expect(0, "create", name)
        }
    }

    @Test func aWorktreeInTheMiddleOfARebaseOfItsBranchIsGoneOnWith() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 1, backoff: 0s}}
            workers:
              - id: a
                script: |
                  if [ $CZAR_ATTEMPT = 1 ]; then
                    echo f > f; git add f; git commit -qm f; echo g > g; git add g; git commit -qm g
                    GIT_SEQUENCE_EDITOR='sed -i 1s/pick/edit/' git rebase -q -i HEAD~2 && exit 1
                  fi
                  git rebase --continue

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try project.workers()["a"]?["attempt"].int == 2)
    }

    @Test func aBranchThatIsASymbolicReferenceIsNotAdopted() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, branch: team/a}\n  - {id: b, branch: main2}\n")
        try git("symbolic-ref", "refs/heads/team/a", "refs/heads/main", in: project.path)
        let before = try project.traces()
        let refused = try project.expect(73, "create", "a")
        #expect(refused.errors.contains("its branch 'team/a' is a symbolic reference to 'main'"), "\(refused.errors)")
        #expect(try project.traces() == before)
        // The main worktree has what its branch leads to checked out.
        try git("branch", "main2", in: project.path)
        try git("symbolic-ref", "refs/heads/alias", "refs/heads/main2", in: project.path)
        try git("symbolic-ref", "HEAD", "refs/heads/alias", in: project.path)
        #expect(try project.expect(73, "create", "b").errors.contains("is checked out in '\(project.path)'"))
        try git("symbolic-ref", "HEAD", "refs/heads/main", in: project.path)
        let command = try #require(refused.errors.split(separator: "\n").last?.dropFirst("try: ".count))
        let followed = String(command).replacing("czar create", with: CzarProgram.path + " create")
        #expect(try run(["sh", "-ec", followed], in: project.path).status == 0)
        #expect(try git("rev-parse", "--symbolic-full-name", "HEAD", in: project.worktree("a")) == "refs/heads/team/a")
    }
}
