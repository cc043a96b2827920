import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct HistoryIntegrationTests {
    @Test func aFreshBranchIsNotIntegratedWhereverTheBaseIs() throws {
        let place = try Landscape()
        #expect(try place.integration() == Integration(state: .no))
        try place.advance()
        #expect(try place.integration() == Integration(state: .no))
    }

    @Test func unlandedWorkIsNotIntegrated() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        #expect(try place.integration() == Integration(state: .no))
    }

    @Test func aMergeIsFoundWithTheCommitThatBroughtIt() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        let before = try place.commit("main")
        try place.git("merge", "-q", "--no-ff", "-m", "land", "work")
        let landing = try place.commit("main")
        try place.advance("and on")
        #expect(try place.integration() == Integration(state: .ancestor, evidence: landing))
        let graph = try CommitGraph(of: try Repository(opening: place.folder.path), tips: [try place.commit("main")])
        #expect(try graph.landing(of: try place.commit("work"), in: try place.commit("main")) == .merged(commit: landing, before: before))
        #expect(try graph.comparisonBase(of: try place.commit("work"), base: try place.commit("main"), forkPoint: nil) == before)
    }

    @Test func aFastForwardIsJudgedFromTheForkPoint() throws {
        let place = try Landscape()
        try place.work()
        try place.git("merge", "-q", "--ff-only", "work")
        try place.advance()
        let (tip, main) = (try place.commit("work"), try place.commit("main"))
        #expect(try place.integration() == Integration(state: .ancestor, evidence: tip))
        let graph = try CommitGraph(of: try Repository(opening: place.folder.path), tips: [main])
        #expect(try graph.landing(of: tip, in: main) == .fastForward)
        #expect(try graph.comparisonBase(of: tip, base: main, forkPoint: place.fork) == place.fork)
        #expect(try graph.comparisonBase(of: tip, base: main, forkPoint: nil) == nil)
        #expect(try graph.ownCommits(of: tip, comparisonBase: place.fork, forkPoint: place.fork).count == 2)
    }

    @Test func cherryPickedCommitsAreFoundByTheirPatches() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        try place.git("cherry-pick", "work~1", "work")
        let picked = try place.commit("main")
        try place.change("a", line: 3, to: "changed again")
        try place.commitAll("later")
        #expect(try place.integration() == Integration(state: .patch, evidence: picked))
    }

    @Test func halfOfTheCommitsIsNotIntegrated() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        try place.git("cherry-pick", "work")
        #expect(try place.integration() == Integration(state: .no))
    }

    @Test func aPatchThatDiffersOnlyInWhiteSpaceIsAnotherPatch() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        try place.change("a", line: 3, to: "changed by work")
        try place.write("new", ["first", "second", "third"])
        try place.commitAll("the same but for the indentation")
        #expect(try place.integration() == Integration(state: .no))
    }

    @Test func aSquashIsFoundHoweverFarBack() throws {
        let place = try Landscape()
        try place.work()
        try place.git("merge", "-q", "--squash", "work")
        try place.commitAll("all of work")
        let squash = try place.commit("main")
        // What landed is edited over, so the trees no longer tell; and many commits follow.
        try place.change("a", line: 3, to: "changed again")
        try place.commitAll("over it")
        var stream = ""
        for number in 0..<600 {
            stream += "commit refs/heads/main\ncommitter T <t@example.org> 1790000000 +0000\ndata 1\nx\n"
            stream += number == 0 ? "from refs/heads/main^0\n" : ""
            stream += "M 100644 inline b\ndata 5\nb\(number % 10)\(number % 7)\(number % 3)x\n\n"
        }
        _ = try run(["git", "fast-import", "--quiet"], in: place.folder.path, input: stream)
        #expect(try place.integration() == Integration(state: .squash, evidence: squash))
    }

    @Test func aMergeAmongTheOwnCommitsRulesThePatchAnswerOut() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        try place.git("cherry-pick", "work~1", "work")
        try place.git("checkout", "-q", "-b", "side", place.fork.hex)
        try place.change("c", line: 5, to: "side")
        try place.commitAll("side")
        try place.git("checkout", "-q", "work")
        try place.git("merge", "-q", "--no-ff", "-m", "take side", "side")
        try place.git("checkout", "-q", "main")
        try place.git("cherry-pick", "side")
        // Every non-merge commit is there, and merging changes nothing: the trees tell, the patches may not.
        #expect(try place.integration() == Integration(state: .squash))
        try place.change("c", line: 5, to: "over side")
        try place.commitAll("over side")
        #expect(try place.integration() == Integration(state: .no))
    }

    @Test func workThatTheTargetHoldsAsPartOfMoreIsFoundByTreeEffect() throws {
        let place = try Landscape()
        try place.work()
        try place.change("a", line: 3, to: "changed by work")
        try place.change("a", line: 12, to: "and more")
        try place.write("new", ["first", "  second", "third"])
        try place.commitAll("work and more")
        #expect(try place.integration() == Integration(state: .squash))
    }

    @Test(arguments: ["merge", "squash", "ff", "pick"])
    func whatLandedAndWasRevertedIsSaidSo(_ way: String) throws {
        let place = try Landscape()
        try place.work()
        if way != "ff" { try place.advance() }
        switch way {
        case "merge": try place.git("merge", "-q", "--no-ff", "-m", "land", "work")
        case "ff": try place.git("merge", "-q", "--ff-only", "work")
        case "pick": try place.git("cherry-pick", "work~1", "work")
        default:
            try place.git("merge", "-q", "--squash", "work")
            try place.commitAll("squashed")
        }
        try place.advance("between")
        switch way {
        case "merge": try place.git("revert", "--no-edit", "-m", "1", "HEAD~1")
        case "squash": try place.git("revert", "--no-edit", "HEAD~1")
        default: try place.git("revert", "--no-edit", "HEAD~1", "HEAD~2")
        }
        let revert = try place.commit("main")
        try place.advance("after")
        #expect(try place.integration() == Integration(state: .reverted, evidence: revert))
        // Reverting the revert lands it again.
        if way == "merge" {
            try place.git("revert", "--no-edit", revert.hex)
            #expect(try place.integration().state == .ancestor)
        }
    }

    /// Lands line 3 of `a` by a merge and takes it out again; the commit that did.
    private func landedAndReverted(_ place: Landscape) throws -> ObjectID {
        try place.work()
        try place.advance()
        try place.git("merge", "-q", "--no-ff", "-m", "land", "work")
        try place.git("revert", "--no-edit", "-m", "1", "HEAD")
        return try place.commit("main")
    }

    @Test func aRevertedChangeStaysRevertedWhenItsLinesAreChangedAgain() throws {
        let place = try Landscape()
        let revert = try landedAndReverted(place)
        #expect(try place.integration() == Integration(state: .reverted, evidence: revert))
        try place.change("a", line: 3, to: "changed by somebody else")
        try place.commitAll("over it")
        #expect(try place.integration() == Integration(state: .reverted, evidence: revert))
    }

    @Test func whatLandedAgainAfterItsRevertIsIntegratedWhateverChangedItsLinesLater() throws {
        let place = try Landscape()
        _ = try landedAndReverted(place)
        try place.git("cherry-pick", "work~1", "work")
        try place.change("a", line: 3, to: "changed by somebody else")
        try place.commitAll("over it")
        #expect(try place.integration().state == .ancestor)
        // Taken out a second time, and changed over once more.
        try place.change("a", line: 3, to: "changed by work")
        try place.commitAll("as it landed")
        try place.change("a", line: 3, to: "a line 3")
        try place.git("rm", "-q", "new")
        try place.commitAll("out again")
        let second = try place.commit("main")
        try place.change("a", line: 3, to: "and over it")
        try place.commitAll("over it again")
        #expect(try place.integration() == Integration(state: .reverted, evidence: second))
    }

    @Test func aFileThatWasMovedAfterLandingIsNotAReversal() throws {
        let place = try Landscape()
        try place.work()
        try place.advance()
        try place.git("merge", "-q", "--no-ff", "-m", "land", "work")
        try place.git("mv", "new", "newer")
        try place.change("c", line: 1, to: "with a change elsewhere")
        try place.commitAll("move")
        #expect(try place.integration().state == .ancestor)
    }

    /// `work` and the main branch merged each other's first commit, and `work` took its own back.
    private func crissCross(then script: String) throws -> Landscape {
        let place = try Landscape()
        try place.shell(
            """
            git checkout -q work && sed -i 's/^a line 10/ten/' a && git commit -q -a -m W1
            git checkout -q main && sed -i 's/^b line 5/five/' b && git commit -q -a -m M1 && git tag M1
            git merge -q --no-ff -m 'land w' work && git checkout -q work && git merge -q --no-ff -m 'merge main' M1
            \(script)
            git checkout -q main
            """)
        return place
    }

    @Test func inACrissCrossTheMergeBasesAreMergedFirst() throws {
        let place = try crissCross(then: "sed -i 's/^ten/a line 10/' a && git commit -q -a -m 'take it back'")
        #expect(try place.git("merge-base", "--all", "main", "work").split(separator: "\n").count == 2)
        #expect(try place.integration() == Integration(state: .no))
        // The same change on the main branch, also where it goes on from there.
        try place.shell("sed -i 's/^ten/a line 10/' a && git commit -q -a -m 'the same'")
        #expect(try place.integration().state == .squash)
        try place.shell("sed -i 's/^five/5/' b && git commit -q -a -m 'and on'")
        #expect(try place.integration().state == .squash)
    }

    @Test func inACrissCrossOneBasesChangeIsNotTheWholeChange() throws {
        // From one of the bases on, the commit on the main branch is all that work changed.
        let place = try crissCross(
            then: "sed -i -e 's/^ten/a line 10/' a && git commit -q -a -m back && sed -i 's/^c line 1$/c one/' c && git commit -q -a -m c")
        try place.shell("sed -i 's/^c line 1$/c one/' c && git commit -q -a -m c")
        #expect(try place.integration() == Integration(state: .no))
    }

    /// What git calls a conflict, or leaves to a program, is not merged here.
    @Test func anEmptyFileThatBothAddedWithOtherModesIsAConflict() throws {
        let place = try Landscape()
        try place.shell(
            """
            git checkout -q work && touch e && git add e && git commit -q -m e && git checkout -q main
            echo content > e && chmod +x e && git add e && git commit -q -m e
            """)
        #expect(try run(["git", "merge-tree", "--write-tree", "main", "work"], in: place.folder.path).status == 1)
        #expect(try place.integration() == Integration(state: .no))
        try place.shell("chmod -x e && git commit -q -a -m 'the same mode'")
        #expect(try place.integration().state == .squash)
    }

    /// `work` deleted a file that the main branch has somewhere else now.
    @Test(arguments: ["git mv new moved", "git mv new moved && sed -i 3s/second/2nd/ moved", "mkdir d && git mv new d"])
    func whoDeletedAFileThatWasMovedIsNotIntegrated(_ move: String) throws {
        let place = try Landscape()
        try place.shell(
            """
            seq -f 'second line %g' 20 > new && git add new && git commit -q -m new && git checkout -q work && git merge -q main
            git rm -q new && git commit -q -m away && git checkout -q main && \(move) && git commit -q -a -m move
            """)
        #expect(try run(["git", "merge-tree", "--write-tree", "main", "work"], in: place.folder.path).status == 1)
        #expect(try place.integration() == Integration(state: .no))
        try place.shell("git rm -q -r --ignore-unmatch moved d && git commit -q -m 'away too'")
        #expect(try place.integration().state == .squash)
    }

    @Test func whatBothMovedToOnePlaceIsIntegrated() throws {
        let place = try Landscape()
        try place.shell(
            """
            git checkout -q work && git mv a moved && git commit -q -m move && git checkout -q main
            git mv a moved && sed -i 's/^b line 5/five/' b && git commit -q -a -m 'move and more'
            """)
        #expect(try place.integration().state == .squash)
    }

    @Test func aFileOfAMergeDriverIsNotMerged() throws {
        let place = try Landscape()
        // One line of two that the main branch changed.
        try place.shell(
            """
            git checkout -q work && sed -i 's/^a line 3/three/' a && git commit -q -a -m three && git checkout -q main
            sed -i -e 's/^a line 3/three/' -e 's/^a line 17/seventeen/' a && git commit -q -a -m both
            echo 'a merge=mine' > .git/info/attributes
            """)
        #expect(try place.integration().state == .squash, "a driver that nobody configured is git's own")
        try place.git("config", "merge.mine.driver", "false")
        #expect(try place.integration() == Integration(state: .no))
        try place.shell("echo 'a merge=text' > .git/info/attributes")
        #expect(try place.integration().state == .squash)
        try place.shell("rm .git/info/attributes && git config merge.default mine")
        #expect(try place.integration() == Integration(state: .no))
        // A pattern that libgit2 does not read.
        try place.shell("git config --unset merge.default && echo '\"a\" merge=mine' > .git/info/attributes")
        #expect(try place.integration() == Integration(state: .no))
        try place.shell("echo '\"a\" -merge' > .git/info/attributes")
        #expect(try run(["git", "merge-tree", "--write-tree", "main", "work"], in: place.folder.path).status == 1)
        #expect(try place.integration() == Integration(state: .no))
        // Where both have the same file nobody is asked.
        try place.shell("git checkout -q work -- a && git commit -q -m 'as work has it'")
        #expect(try place.integration().state == .squash)
    }

    /// What was looked at for one tip of the target is not looked at again for the next.
    @Test func aTargetThatMovedKeepsWhatIsKnownOfIt() throws {
        let place = try Landscape()
        try place.work()
        for number in 1...5 { try place.advance("move \(number)") }
        let (work, before) = (try place.commit("work"), try place.commit("main"))
        try place.git("merge", "-q", "--squash", "work")
        try place.commitAll("squashed")
        let squash = try place.commit("main")
        try place.change("a", line: 3, to: "changed by somebody else")
        try place.commitAll("over it")
        let after = try place.commit("main")
        let repository = try Repository(opening: place.folder.path)
        let graph = try CommitGraph(of: repository, tips: [work, after])
        var patches = PatchIndex()
        #expect(try graph.integration(of: work, into: before, forkPoint: place.fork, in: repository, patches: &patches).state == .no)
        let news = try #require(try patches.news(of: after, graph))
        #expect(try patches.unindexed(news, graph) == [after, squash])
        let answer = try graph.integration(of: work, into: after, forkPoint: place.fork, in: repository, patches: &patches)
        #expect(answer == Integration(state: .squash, evidence: squash))
        #expect(try patches.news(of: after, graph) == nil)
        #expect(patches.covers(PatchIndex.Range(target: after, excluded: work, completeFor: [work])))
    }

    @Test func strandedCommitsAreThoseAfterTheRecordedTip() throws {
        let place = try Landscape()
        try place.work()
        let recorded = try place.commit("work")
        try place.git("merge", "-q", "--no-ff", "-m", "land", "work")
        try place.git("checkout", "-q", "work")
        try place.change("c", line: 2, to: "too late")
        try place.commitAll("late")
        let graph = try CommitGraph(
            of: try Repository(opening: place.folder.path), tips: [try place.commit("work"), try place.commit("main")])
        #expect(
            try graph.strandedCommits(of: try place.commit("work"), recorded: [recorded, try place.commit("main")]) == [
                try place.commit("work")
            ])
        #expect(try graph.strandedCommits(of: recorded, recorded: [recorded]).isEmpty)
    }
}
