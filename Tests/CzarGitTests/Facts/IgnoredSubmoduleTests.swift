import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Submodules that `git diff` does not show are in no figure.
@Suite struct IgnoredSubmoduleTests {
    private let repository: GitRepository
    private let cache: TemporaryFolder
    private static let modules = "[submodule \"s\"]\n\tpath = s\n\turl = ./s\n\tignore = all\n"

    init() throws {
        repository = try GitRepository()
        cache = try TemporaryFolder("cache")
    }

    /// A branch that moves one submodule, adds a second and removes a third.
    private func branch(modules: String?) throws {
        if let modules { try repository.write(".gitmodules", modules) }
        try repository.write("a", "1\n")
        try shell("git add -A && \(link("s", 1)) && \(link("gone", 1)) && git commit -q -m base")
        try shell(
            """
            git checkout -q -b w && \(link("s", 2)) && \(link("t", 1)) && git rm -q --cached gone && echo 2 > a && git add a
            git commit -q -m w && git checkout -q -f main
            """)
    }

    private func link(_ path: String, _ number: Int) -> String {
        "git update-index --add --cacheinfo 160000,\(String(repeating: "\(number)", count: 40)),\(path)"
    }

    private func shell(_ script: String) throws { try prepare("sh", "-e", "-c", script, in: repository.path) }

    /// From memory, from the cache and from nothing.
    private func expectGit(_ folder: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        func id(_ name: String) throws -> ObjectID { try #require(ObjectID(hex: try git("rev-parse", name, in: folder))) }
        let question = BranchQuestion(tip: try id("w"), base: try id("main"))
        let names = try git("diff", "--name-status", "-M", "main...w", in: folder).split(separator: "\n").map {
            $0.prefix(1).replacing("T", with: "M")
        }
        let numbers = try git("diff", "--numstat", "-M", "main...w", in: folder).split(separator: "\n").map { $0.split(separator: "\t") }
        for _ in 0..<2 {
            let reader = HistoryReader(try RepositoryLocation.discover(from: folder), cacheFolder: cache.path)
            let found = try #require(try reader.figures(of: [question])[0].changes)
            #expect(
                [found.created, found.modified, found.deleted] == ["A", "M", "D"].map { letter in names.count { $0 == letter } },
                sourceLocation: sourceLocation)
            #expect(found.insertions == numbers.reduce(0) { $0 + (Int($1[0]) ?? 0) }, sourceLocation: sourceLocation)
        }
    }

    /// Each script changes what says it; the cache is the same.
    @Test func whatIsIgnoredIsReadWhereGitReadsIt() throws {
        try branch(modules: Self.modules)
        for script in [
            "true", "rm .gitmodules", "git rm -q --cached .gitmodules", "git checkout -q -f main && git reset -q --hard && : > .gitmodules",
            "git checkout -q -f main -- .gitmodules && git config submodule.s.ignore none", "git config submodule.s.ignore dirty",
            "git config --unset submodule.s.ignore && git config diff.ignoreSubmodules all", "git config submodule.s.ignore none",
            "git config diff.ignoreSubmodules dirty", "git config submodule.s.ignore all",
            "git config --unset submodule.s.ignore && sed -i 's/all/untracked/' .gitmodules", "sed -i 's/untracked/ALL/' .gitmodules",
        ] {
            try shell(script)
            try expectGit(repository.path)
        }
    }

    @Test func whereNothingIsKnownOfSubmodulesTheyCount() throws {
        try branch(modules: nil)
        try expectGit(repository.path)
        try git("config", "submodule.s.ignore", "all", in: repository.path)
        try expectGit(repository.path)
        try repository.write(".gitmodules", Self.modules.replacing("\tignore = all\n", with: ""))
        try expectGit(repository.path)
    }

    @Test func aBareRepositoryIgnoresNone() throws {
        try branch(modules: Self.modules)
        try git("clone", "-q", "--bare", ".", repository.around + "/bare.git", in: repository.path)
        try expectGit(repository.around + "/bare.git")
    }

    /// Where settings decide what is binary, libgit2 compares.
    @Test func libgit2sComparisonLeavesThemOutToo() throws {
        try branch(modules: Self.modules)
        try git("config", "diff.x.binary", "false", in: repository.path)
        try expectGit(repository.path)
    }

    @Test func whatTurnsIntoAFileIsShown() throws {
        try branch(modules: Self.modules)
        try shell(
            "git checkout -q w && git rm -q --cached s && rm -rf s && echo x > s && git add s && git commit -q -m file && git checkout -q -f main"
        )
        try expectGit(repository.path)
    }

    @Test func aBrokenFileIgnoresNoneAndBreaksNothing() throws {
        try branch(modules: Self.modules)
        try repository.write(".gitmodules", "garbage[[\n")
        let reader = HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: nil)
        let tips = try ["w", "main"].map { try #require(ObjectID(hex: try git("rev-parse", $0, in: repository.path))) }
        #expect(try reader.figures(of: [BranchQuestion(tip: tips[0], base: tips[1])])[0].changes?.modified == 2)
    }
}
