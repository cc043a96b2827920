import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Figures of branches, held against git, from memory, from the cache and from nothing.
@Suite struct HistoryReaderTests {
    private let repository: GitRepository
    private let cache: TemporaryFolder

    init() throws {
        repository = try GitRepository()
        cache = try TemporaryFolder("cache")
        for name in ["a", "b", "c"] { try repository.write("src/\(name).txt", (1...30).map { "\(name) \($0)\n" }.joined()) }
        try repository.commitAll("start")
    }

    private func reader(_ folder: String? = nil) throws -> HistoryReader {
        HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: folder ?? cache.path + "/czar")
    }

    @discardableResult
    private func git(_ arguments: String...) throws -> String {
        let outcome = try run(["git"] + arguments, in: repository.path)
        guard outcome.status == 0 else { throw HistoryFixtureFailure(description: "\(arguments): \(outcome.errors)") }
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    private func id(_ revision: String) throws -> ObjectID { try #require(ObjectID(hex: try git("rev-parse", revision))) }

    /// A branch from main with a change, an addition, a deletion and a rename.
    private func branch(_ name: String, commits: Int = 2) throws {
        try git("checkout", "-q", "-b", name, "main")
        for number in 0..<commits {
            try repository.write("src/a.txt", (1...30).map { $0 == number + 3 ? "\(name) changed\n" : "a \($0)\n" }.joined())
            try repository.write("new/\(name)/\(number).txt", "one\ntwo\n")
            if number == 0 { try git("mv", "src/b.txt", "src/\(name).txt") }
            try repository.commitAll("\(name) \(number)\n\nbody")
        }
        try git("checkout", "-q", "main")
    }

    private func question(_ name: String) throws -> BranchQuestion {
        BranchQuestion(tip: try id(name), base: try id("main"), target: try id("main"))
    }

    /// Holds the figures against git, command by command.
    private func expectGit(_ figures: BranchFigures, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let sides = try git("rev-list", "--left-right", "--count", "main...\(name)").split(separator: "\t").map { Int($0) }
        #expect([figures.behind, figures.ahead] == sides, sourceLocation: sourceLocation)
        #expect(figures.total == Int(try git("rev-list", "--count", name)), sourceLocation: sourceLocation)
        let log = try git("log", "-1", "--format=%an%n%ct%n%s", name).split(separator: "\n").map(String.init)
        let last = figures.lastCommit.map { [$0.author, $0.seconds.map(String.init) ?? "", $0.subject] }
        #expect(last == log, sourceLocation: sourceLocation)
        var (inserted, deleted) = (0, 0)
        for line in try git("diff", "--numstat", "-M", "main...\(name)").split(separator: "\n") {
            let fields = line.split(separator: "\t")
            inserted += Int(fields[0]) ?? 0
            deleted += Int(fields[1]) ?? 0
        }
        #expect(figures.changes?.insertions == inserted && figures.changes?.deletions == deleted, sourceLocation: sourceLocation)
        let letters = try git("diff", "--name-status", "-M", "main...\(name)").split(separator: "\n").compactMap(\.first)
        #expect(figures.changes?.renamed == letters.count { $0 == "R" }, sourceLocation: sourceLocation)
        #expect(figures.changes?.created == letters.count { $0 == "A" }, sourceLocation: sourceLocation)
        #expect(figures.problem == nil, sourceLocation: sourceLocation)
    }

    @Test func figuresAreGitsAndTheSameFromEverySource() throws {
        let names = ["one", "two", "three"]
        for name in names { try branch(name) }
        try git("merge", "-q", "--no-ff", "-m", "land", "two")
        let asked = try names.map { try question($0) }
        let reader = try reader()
        let first = try reader.figures(of: asked)
        for (name, figures) in zip(names, first) where name != "two" { try expectGit(figures, name) }
        #expect(first.map { $0.integration?.state } == [.no, .ancestor, .no])
        let before = try id("main~1")
        #expect(first[1].ownCommits == 2 && first[1].comparisonBase == before)
        #expect(try reader.figures(of: asked) == first, "from memory")
        #expect(try self.reader().figures(of: asked) == first, "from the cache")
        #expect(try HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: nil).figures(of: asked) == first)
    }

    @Test func aMovedTipAndAMovedBaseAreSeen() throws {
        try branch("one")
        let reader = try reader()
        _ = try reader.figures(of: [try question("one")])
        try git("checkout", "-q", "one")
        try repository.write("late", "x\n")
        try repository.commitAll("late")
        try git("checkout", "-q", "main")
        try expectGit(try reader.figures(of: [try question("one")])[0], "one")
        try repository.write("src/c.txt", "all new\n")
        try repository.commitAll("main moves")
        try expectGit(try reader.figures(of: [try question("one")])[0], "one")
        try expectGit(try self.reader().figures(of: [try question("one")])[0], "one")
    }

    @Test(arguments: [".gitattributes", "src/.gitattributes", ".git/info/attributes"])
    func attributesThatChangeWhatIsBinaryAreSeen(file: String) throws {
        try branch("one")
        let before = try reader().figures(of: [try question("one")])[0]
        #expect(before.changes?.insertions != 0)
        try repository.write(file, "*.txt binary\n")
        try expectGit(try reader().figures(of: [try question("one")])[0], "one")
        try FileManager.default.removeItem(atPath: repository.path + "/" + file)
        #expect(try reader().figures(of: [try question("one")])[0] == before)
    }

    /// As in a sparse checkout that leaves the folder out.
    @Test func attributesInTheIndexAloneDoNotCount() throws {
        try branch("one")
        try repository.write("src/.gitattributes", "*.txt binary\n")
        try git("add", "src/.gitattributes")
        try expectGit(try reader().figures(of: [try question("one")])[0], "one")
        try FileManager.default.removeItem(atPath: repository.path + "/src/.gitattributes")
        try expectGit(try reader().figures(of: [try question("one")])[0], "one")
    }

    @Test(arguments: [".gitattributes", "src/.gitattributes"])
    func attributesBehindALinkOrInAFolderDoNotCount(file: String) throws {
        try branch("one")
        try repository.write("words", "*.txt binary\n")
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/" + file, withDestinationPath: repository.path + "/words")
        try git("add", file)
        try expectGit(try reader().figures(of: [try question("one")])[0], "one")
        try FileManager.default.removeItem(atPath: repository.path + "/" + file)
        try FileManager.default.createDirectory(atPath: repository.path + "/" + file, withIntermediateDirectories: false)
        try expectGit(try reader().figures(of: [try question("one")])[0], "one")
    }

    @Test func theRenameLimitIsPartOfTheQuestion() throws {
        try git("checkout", "-q", "-b", "many")
        for name in ["a", "b"] {
            try git("mv", "src/\(name).txt", "src/moved-\(name).txt")
            try repository.write("src/moved-\(name).txt", (1...30).map { $0 == 1 ? "new\n" : "\(name) \($0)\n" }.joined())
        }
        try repository.commitAll("moves")
        try git("checkout", "-q", "main")
        try expectGit(try reader().figures(of: [try question("many")])[0], "many")
        try git("config", "diff.renameLimit", "1")
        let limited = try reader().figures(of: [try question("many")])[0]
        #expect(limited.changes?.renamed == 0)
        try expectGit(limited, "many")
    }

    @Test func aGraftChangesTheAnswerAndItsRemovalBringsItBack() throws {
        try branch("one", commits: 3)
        let before = try reader().figures(of: [try question("one")])[0]
        try writeFile(repository.path + "/.git/info/grafts", try git("rev-parse", "one~1") + "\n")
        let grafted = try reader().figures(of: [try question("one")])[0]
        #expect(grafted.total == 2 && grafted.ahead == 2)
        try FileManager.default.removeItem(atPath: repository.path + "/.git/info/grafts")
        #expect(try reader().figures(of: [try question("one")])[0] == before)
    }

    @Test func aMissingCommitIsOneBranchsProblem() throws {
        try branch("one")
        try branch("two")
        let lost = try git("rev-parse", "two~1")
        try FileManager.default.removeItem(atPath: repository.path + "/.git/objects/\(lost.prefix(2))/\(lost.dropFirst(2))")
        let found = try reader().figures(of: [try question("one"), try question("two")])
        try expectGit(found[0], "one")
        #expect(found[1].problem != nil && found[1].ahead == nil && found[1].total == nil)
    }

    @Test func aMissingBlobIsOneBranchsProblem() throws {
        try branch("one")
        try branch("two")
        let lost = try git("rev-parse", "two:src/a.txt")
        try FileManager.default.removeItem(atPath: repository.path + "/.git/objects/\(lost.prefix(2))/\(lost.dropFirst(2))")
        let found = try reader().figures(of: [try question("one"), try question("two")])
        try expectGit(found[0], "one")
        #expect(found[1].problem != nil && found[1].ahead == 2 && found[1].changes == nil)
    }

    @Test func aBranchWithoutABaseHasATotal() throws {
        try branch("one")
        for _ in 0..<2 {
            let found = try reader().figures(of: [BranchQuestion(tip: try id("one"), base: nil)])[0]
            #expect(found.total == 4 && found.ahead == nil && found.changes == nil && found.problem == nil && found.lastCommit != nil)
        }
    }

    @Test func commitsAfterTheRecordedTipAreStranded() throws {
        try branch("one", commits: 3)
        var asked = try question("one")
        asked.completed = try id("one~2")
        let expected = [try id("one"), try id("one~1")]
        for _ in 0..<2 { #expect(try reader().figures(of: [asked])[0].stranded == expected) }
    }

    @Test func nothingIsWrittenInTheRepository() throws {
        try branch("one")
        let before = try run(["sh", "-c", "find . -newermt @0 -printf '%p %T@ %s\\n' | sort"], in: repository.path).output
        _ = try reader().figures(of: [try question("one")])
        _ = try reader().figures(of: [try question("one")])
        #expect(try run(["sh", "-c", "find . -newermt @0 -printf '%p %T@ %s\\n' | sort"], in: repository.path).output == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/czar").count == 1)
    }
}

/// The counts made here, held against libgit2's and git's.
@Suite struct ChangeCounterTests {
    private let repository: GitRepository

    init() throws {
        repository = try GitRepository()
        try repository.write("keep/a.txt", (1...40).map { "a \($0)\n" }.joined())
        try repository.write("keep/b.txt", (1...40).map { "b \($0)\n" }.joined())
        try repository.write("folder/x", "x\n")
        try repository.write("folder-y", "no end of line")
        try repository.write("plain", "one\ntwo\n")
        try repository.write("bin/data", "\u{0}\u{1}binary")
        try repository.write("text/data", "\u{0}\nnot really\n")
        try repository.write("run.sh", "#!/bin/sh\n")
        try git("add", "-A", in: repository.path)
        try git("update-index", "--add", "--cacheinfo", "160000,\(String(repeating: "1", count: 40)),sub", in: repository.path)
        try git("commit", "-qm", "start", in: repository.path)
    }

    /// One commit with every kind of change.
    private func change() throws {
        let script = """
            git mv keep/a.txt keep/moved.txt && sed -i 's/a 7$/new/' keep/moved.txt && git mv keep/b.txt other.txt
            rm -r folder && echo file > folder && printf 'an end\\n' > folder-y && rm plain && ln -s keep plain
            printf '\\000other\\n\\n' > bin/data && printf '\\000\\nmore\\nmore\\n' > text/data && chmod +x run.sh
            mkdir -p deep/er && printf 'a\\nb' > deep/er/new && : > empty
            git add folder folder-y plain bin text run.sh deep empty keep other.txt && git add -u . ':!sub'
            git update-index --cacheinfo 160000,\(String(repeating: "2", count: 40)),sub
            """
        let outcome = try run(["sh", "-ec", script], in: repository.path)
        guard outcome.status == 0 else { throw HistoryFixtureFailure(description: outcome.errors) }
        try git("commit", "-qm", "all kinds", in: repository.path)
    }

    private func counts(_ from: String, _ to: String) throws -> (fast: ChangeCounts, slow: ChangeCounts) {
        let opened = try Repository(opening: repository.path)
        let old = try #require(ObjectID(hex: try git("rev-parse", "\(from)^{tree}", in: repository.path)))
        let new = try #require(ObjectID(hex: try git("rev-parse", "\(to)^{tree}", in: repository.path)))
        var counter = try ChangeCounter(
            opened, packs: PackReader(PackFile.all(of: opened)), settings: try DiffSettings(of: opened), tests: .builtIn)
        let fact = try counter.fact(from: old, to: new, in: opened)
        #expect(ChangeFact(fact: fact.fact)?.counts == fact.counts, "what is written can be read")
        return (fact.counts, ChangeCounts(try opened.changes(from: old, to: new)))
    }

    private func expectGit(_ from: String, _ to: String) throws {
        let (fast, slow) = try counts(from, to)
        #expect(fast == slow)
        var (inserted, deleted) = (0, 0)
        for line in try git("diff", "--numstat", "-M", from, to, in: repository.path).split(separator: "\n") {
            let fields = line.split(separator: "\t")
            inserted += Int(fields[0]) ?? 0
            deleted += Int(fields[1]) ?? 0
        }
        #expect(fast.insertions == inserted && fast.deletions == deleted)
        let letters = try git("diff", "--name-status", "-M", from, to, in: repository.path).split(separator: "\n").compactMap(\.first)
        #expect([fast.created, fast.deleted, fast.renamed] == ["A", "D", "R"].map { letter in letters.count { $0 == letter } })
        #expect(fast.modified == letters.count { $0 == "M" || $0 == "T" })
    }

    @Test func everyKindOfChangeIsCountedAsGitDoes() throws {
        try change()
        try expectGit("HEAD~1", "HEAD")
        try expectGit("HEAD", "HEAD~1")
    }

    /// Of a link and of a submodule attributes say nothing.
    @Test(arguments: [
        "text/* diff\nbin/* binary\n", "* -diff\n", "* binary\n", "sub -diff\nplain -diff\n", "*.txt -diff\n",
        "[attr]odd -diff\ndata odd\n", "*.sh diff=bash\n",
    ])
    func attributesDecide(attributes: String) throws {
        try change()
        try repository.write(".gitattributes", attributes)
        try expectGit("HEAD~1", "HEAD")
    }

    @Test func attributesBelowAFolderDecideOnlyThere() throws {
        try change()
        try repository.write("text/.gitattributes", "data diff\n")
        try expectGit("HEAD~1", "HEAD")
        try git("config", "diff.odd.binary", "true", in: repository.path)
        try repository.write("keep/.gitattributes", "* diff=odd\n")
        try expectGit("HEAD~1", "HEAD")
    }

    @Test func onlyWordsAboutDiffDecide() {
        func decides(_ text: String) -> Bool { mayDecideWhatIsBinary(Array(text.utf8)) }
        #expect(
            decides("*.x diff") && decides("*.x -diff") && decides("*.x text !diff") && decides("*.x binary") && decides("[attr]mine -text")
        )
        #expect(!decides("*.x diff=cpp\n# *.y diff\n*.z -text whitespace=-diff\n") && !decides("diff text\n") && !decides(""))
    }
}
