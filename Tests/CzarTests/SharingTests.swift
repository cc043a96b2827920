import Foundation
import TestSupport
import Testing

/// Who may open what Czar writes, and what it says to somebody who may not.
@Suite struct SharingTests {
    private let plan = """
        project: {name: sharing, base: main}
        workers:
          - {id: one, script: "echo x > x; git add x; git commit -qm x"}
        """

    /// Every file and folder that Czar made for itself, with its mode in octal.
    private func modes(in project: CzarProject) throws -> [String: String] {
        let places = ".git/czar .czarina/logs .czarina/events.log .czarina/worker-status.json .czarina/worktrees/one/.czar"
        let found = try run(
            ["bash", "-c", "find \(places) .czarina/worktrees/one/WORKER_IDENTITY.md \\( -type f -o -type d \\) -printf '%y%m %p\\n'"],
            in: project.path)
        #expect(found.status == 0, "\(found.errors)")
        let lines = found.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
        return Dictionary(uniqueKeysWithValues: lines.map { (String($0[1]), String($0[0])) })
    }

    @Test func ownFilesAreTheOwnersAloneWhateverTheMask() throws {
        let project = try CzarProject(plan)
        let outcome = try run(["bash", "-c", "umask 0; '\(CzarProgram.path)' run --trust"], in: project.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let modes = try modes(in: project)
        #expect(modes.count > 15)
        for (path, mode) in modes { #expect(["f600", "d700"].contains(mode), "\(path) has \(mode)") }
    }

    @Test(arguments: [("group", "f660", "d2770"), ("all", "f664", "d2775"), ("0640", "f640", "d2750")])
    func aSharedRepositorysFilesAreShared(setting: String, file: String, folder: String) throws {
        let project = try CzarProject(plan)
        try git("config", "core.sharedRepository", setting, in: project.path)
        let outcome = try run(["bash", "-c", "umask 077; '\(CzarProgram.path)' run --trust"], in: project.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("core.sharedRepository is set, but the mask 0077"))
        for (path, mode) in try modes(in: project) { #expect([file, folder].contains(mode), "\(path) has \(mode)") }
    }

    /// Git's own worktree is the oracle: each of both is the first in its repository.
    @Test(arguments: ["group", "all", "0640", "0660", "umask"], ["022", "077"])
    func worktreesAreSharedAsGitSharesThem(setting: String, mask: String) throws {
        func modes(_ make: String) throws -> String {
            let project = try CzarProject(plan)
            try git("config", "core.sharedRepository", setting, in: project.path)
            let made = try run(["bash", "-c", "umask \(mask); \(make)"], in: project.path)
            #expect(made.status == 0, "\(made.errors)")
            let found = try run(
                [
                    "bash", "-c",
                    "find .git/worktrees .czarina/worktrees -not -path '*/.czar*' -not -name 'czar-*' -not -name WORKER_IDENTITY.md "
                        + "-printf '%m %p\n' | LC_ALL=C sort -k 2",
                ], in: project.path)
            return found.output
        }
        let own = try modes("'\(CzarProgram.path)' create one")
        #expect(own == (try modes("git worktree add -q -b cz1/feat/one .czarina/worktrees/one")))
        #expect(own.contains("/logs/HEAD"))
    }

    /// Root without the rights over other users' files, as any user is.
    @Test(.enabled(if: getuid() == 0)) func aJournalOfAnotherUserLeavesTheTableAndIsNamed() throws {
        let project = try CzarProject(plan)
        try project.expect(0, "run", "--trust")
        #expect(try run(["chown", "-R", "65534", project.path + "/.git/czar"], in: "/").status == 0)
        let plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        let outcome = try run(plain + [CzarProgram.path, "status"], in: project.path)
        #expect(outcome.status == 69)
        #expect(outcome.output.contains("one"), "\(outcome.output)")
        #expect(outcome.errors.contains("cannot read the journal") && outcome.errors.contains("try: ls -ld"), "\(outcome.errors)")
    }

    @Test func aDamagedJournalLeavesTheTableAndTheRemedy() throws {
        let project = try CzarProject(plan)
        try project.expect(0, "run", "--trust")
        let file = project.path + "/.git/czar/journal.sqlite"
        let damage = try run(["bash", "-c", "rm -f '\(file)-wal' '\(file)-shm'; head -c 5000 /dev/urandom > '\(file)'"], in: "/")
        #expect(damage.status == 0)
        let outcome = try project.expect(65, "status")
        #expect(outcome.output.contains("one"))
        #expect(outcome.errors.contains("is damaged") && outcome.errors.contains("try: czar doctor --repair"))
        let answer = try project.expect(65, "status", "--json")
        #expect(try CzarAnswer(answer.output)["workers"].array[0]["own_commits"].int == 1)
        #expect(try CzarAnswer(answer.errors)["code"].int == 65)
    }
}
