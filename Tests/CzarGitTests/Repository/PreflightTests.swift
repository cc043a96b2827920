import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct PreflightTests {
    private func limitations(_ path: String) throws -> [Limitation] {
        try Preflight.limitations(of: RepositoryLocation.discover(from: path))
    }

    @Test func aLinkedWorktreeWhoseFilesAreSaidToBeElsewhereIsRefused() throws {
        let repository = try GitRepository()
        let tree = repository.path + "-linked"
        try git("worktree", "add", "-q", tree, in: repository.path)
        try git("config", "extensions.worktreeConfig", "true", in: repository.path)
        _ = try Repository(opening: tree)
        try git("config", "--worktree", "core.worktree", repository.path, in: tree)
        let error = #expect(throws: GitError.self) { _ = try Repository(opening: tree).status() }
        let command = try #require(error?.message.split(separator: "'").first { $0.hasPrefix("git config") })
        // The others are read as before.
        #expect(try Repository(opening: repository.path).status().isClean)
        try prepare("sh", "-c", String(command))
        #expect(try Repository(opening: tree).status().isClean)
    }

    @Test func anOrdinaryRepositoryHasNone() throws {
        let repository = try GitRepository()
        #expect(try limitations(repository.path).isEmpty)
    }

    @Test func sha256IsRefusedBeforeOpening() throws {
        let repository = try GitRepository(arguments: ["--object-format=sha256"])
        #expect(try limitations(repository.path) == [.sha256])
        #expect(Limitation.sha256.severity == .refuses && Limitation.sha256.remedy.contains("fast-export"))
    }

    @Test func formatsThatGitRefusesAreRefused() throws {
        let repository = try GitRepository()
        func set(_ key: String, _ value: String) throws { try git("config", "--file", ".git/config", key, value, in: repository.path) }
        try set("extensions.objectFormat", "sha1")
        #expect(try limitations(repository.path) == [.versionZeroWithExtensions(["objectformat"])])
        try set("core.repositoryFormatVersion", "1")
        #expect(try limitations(repository.path).isEmpty)
        try set("extensions.refStorage", "reftable")
        try set("extensions.wonder", "yes")
        try set("extensions.compatObjectFormat", "sha256")
        #expect(
            try limitations(repository.path) == [.unknownExtensions(["wonder"]), .referenceStorage("reftable"), .compatibleObjectFormat])
        try set("core.repositoryFormatVersion", "2")
        #expect(try limitations(repository.path) == [.unknownFormatVersion(2)])
    }

    @Test func onlyThePlaceOfAWorktreeInItsOwnConfigurationIsRefused() throws {
        let repository = try GitRepository()
        try git("config", "extensions.worktreeConfig", "true", in: repository.path)
        #expect(try limitations(repository.path).isEmpty)
        try git("config", "--worktree", "user.name", "Other", in: repository.path)
        #expect(try limitations(repository.path).isEmpty)
        #expect(try Repository(opening: repository.path).configValue("user.name") == "Other")
        try git("config", "--worktree", "core.worktree", "/elsewhere", in: repository.path)
        #expect(try Preflight.limitations(of: RepositoryLocation.discover(from: repository.path)).first?.severity == .refuses)
    }

    @Test func splitAndSparseIndexesAreRefused() throws {
        let split = try GitRepository()
        try git("update-index", "--split-index", in: split.path)
        #expect(try limitations(split.path) == [.splitIndex])

        let sparse = try GitRepository()
        for name in ["a", "b", "c"] { try sparse.write(name + "/f", "x") }
        try sparse.commitAll()
        try git("sparse-checkout", "set", "--cone", "--no-sparse-index", "a", in: sparse.path)
        #expect(try limitations(sparse.path) == [.sparseCheckout])
        try git("sparse-checkout", "reapply", "--sparse-index", in: sparse.path)
        #expect(try limitations(sparse.path) == [.sparseIndex, .sparseCheckout])
    }

    @Test(arguments: ["2", "3", "4"]) func everyIndexVersionIsScanned(version: String) throws {
        let repository = try GitRepository()
        for index in 0..<40 { try repository.write("folder\(index % 7)/name\(index)", "x") }
        try repository.write("folder1/.gitattributes", "* text\n")
        try repository.commitAll()
        if version == "3" { try repository.write("late", "x"); try git("add", "-N", "late", in: repository.path) }
        try git("update-index", "--index-version", version, in: repository.path)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: repository.path + "/.git/index")))
        let scan = bytes.withUnsafeBytes { file in IndexScan(file) { _ in true } }
        #expect(scan?.paths.map(\.description) == (try git("ls-files", in: repository.path)).split(separator: "\n").map(String.init))
    }

    @Test func partialAndShallowClonesAreNamed() throws {
        let source = try GitRepository()
        try source.write("b", "x")
        try source.commitAll()
        try git("config", "uploadpack.allowFilter", "true", in: source.path)
        try git("clone", "-q", "--filter=blob:none", "file://" + source.path, source.around + "/partial", in: source.around)
        try git("clone", "-q", "--depth=1", "file://" + source.path, source.around + "/shallow", in: source.around)
        #expect(try limitations(source.around + "/partial") == [.partialClone(remote: "origin")])
        #expect(try limitations(source.around + "/shallow") == [.shallow])
    }

    @Test(arguments: [false, true]) func replacedHistoryIsNamed(packed: Bool) throws {
        let repository = try GitRepository()
        try repository.write("b", "x")
        try repository.commitAll()
        try git("replace", "--graft", "HEAD", in: repository.path)
        if packed { try git("pack-refs", "--all", in: repository.path) }
        try writeFile(repository.path + "/.git/info/grafts", try git("rev-parse", "HEAD", in: repository.path) + "\n")
        #expect(try limitations(repository.path) == [.grafts, .replaceReferences(count: 1)])
    }

    @Test func filtersCountOnlyWhereAttributesUseThem() throws {
        let repository = try GitRepository()
        try git("config", "filter.up.clean", "tr a-z A-Z", in: repository.path)
        #expect(try limitations(repository.path).isEmpty)
        try repository.write(
            "deep/.gitattributes", "*.txt filter=up\n*.dat working-tree-encoding=UTF-99\n*.u16 working-tree-encoding=UTF-16LE-BOM\n")
        try repository.write(".gitattributes", "*.bin filter=lfs\n# *.no filter=none\n")
        try repository.commitAll()
        #expect(try limitations(repository.path) == [.lfs, .externalFilters(["up"]), .workingTreeEncodings(["UTF-99"])])
    }

    @Test func settingsAndHooksAreNamed() throws {
        let repository = try GitRepository()
        try git("config", "core.ignorecase", "true", in: repository.path)
        try git("config", "commit.gpgsign", "true", in: repository.path)
        for name in ["post-checkout", "pre-commit"] { try repository.write(".git/hooks/" + name, "#!/bin/sh\n") }
        #expect(try limitations(repository.path) == [.ignoresCase, .signsCommits])
        chmod(repository.path + "/.git/hooks/post-checkout", 0o755)
        #expect(try limitations(repository.path) == [.ignoresCase, .signsCommits, .hooks(["post-checkout"])])
    }

    @Test func attributesOfATreeThatGitWouldReadAreNamed() throws {
        let repository = try GitRepository()
        try git("config", "attr.tree", "HEAD", in: repository.path)
        #expect(try limitations(repository.path) == [.attributesOfTree("HEAD")])
    }

    @Test func everyLimitationHasASentenceAndARemedy() {
        let all: [Limitation] = [
            .sha256, .referenceStorage("x"), .unknownExtensions(["x"]), .versionZeroWithExtensions(["x"]), .unknownFormatVersion(2),
            .worktreeConfiguration(keys: ["x"]), .compatibleObjectFormat, .splitIndex, .sparseIndex, .sparseCheckout,
            .partialClone(remote: "o"), .shallow, .replaceReferences(count: 2), .grafts, .externalFilters(["x"]), .lfs,
            .workingTreeEncodings(["x"]), .attributesOfTree("x"), .ignoresCase, .signsCommits, .hooks(["x"]), .networkFileSystem("NFS"),
        ]
        for limitation in all {
            // They stand behind `czar: note:` and `try:`.
            for text in [limitation.sentence, limitation.remedy] {
                #expect(!text.hasSuffix(".") && text.first?.isUppercase == false, "\(text)")
            }
        }
    }
}
