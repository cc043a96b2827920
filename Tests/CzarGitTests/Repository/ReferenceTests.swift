import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

@Suite struct ReferenceTests {
    @Test func headIsABranchUnbornOrDetached() throws {
        let repository = try GitRepository(commit: false)
        #expect(try Repository(opening: repository.path).head() == .unborn("main"))
        try repository.write("a", "x")
        let id = ObjectID(hex: try repository.commitAll())!
        #expect(try Repository(opening: repository.path).head() == .branch("main", id))
        try git("checkout", "-q", "--detach", in: repository.path)
        #expect(try Repository(opening: repository.path).head() == .detached(id))
    }

    @Test(arguments: [false, true]) func branchesAreListedAsGitDoes(packed: Bool) throws {
        let repository = try GitRepository()
        for name in ["b", "a/x", "zz"] { try git("branch", name, in: repository.path) }
        if packed { try git("pack-refs", "--all", in: repository.path) }
        try git("branch", "later", in: repository.path)
        let expected = try git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads", in: repository.path)
        let branches = try Repository(opening: repository.path).branches()
        #expect(branches.map { "\($0.name) \($0.tip)" }.joined(separator: "\n") == expected)
    }

    @Test func creationRefusesWhatExistsAndNamesCollisions() throws {
        let repository = try GitRepository()
        let handle = try Repository(opening: repository.path)
        let tip = try handle.resolve("HEAD")
        try handle.createBranch("feat/a", at: tip)
        #expect(throws: ReferenceError.exists(reference: "refs/heads/feat/a")) { try handle.createBranch("feat/a", at: tip) }
        #expect(throws: ReferenceError.nameCollision(reference: "refs/heads/feat", with: "refs/heads/feat/a")) {
            try handle.createBranch("feat", at: tip)
        }
        #expect(throws: ReferenceError.nameCollision(reference: "refs/heads/feat/a/b", with: "refs/heads/feat/a")) {
            try handle.createBranch("feat/a/b", at: tip)
        }
        for name in ["", "-x", "a..b", "a b", "x.lock", "HEAD"] {
            #expect(throws: ReferenceError.self) { try handle.createBranch(name, at: tip) }
        }
        #expect(try git("for-each-ref", "--format=%(refname)", in: repository.path) == "refs/heads/feat/a\nrefs/heads/main")
    }

    @Test func updatesCompareAndSwapWithAReflog() throws {
        let repository = try GitRepository()
        try repository.write("b", "x")
        try repository.commitAll()
        let handle = try Repository(opening: repository.path)
        let (first, second) = (try handle.resolve("HEAD~1"), try handle.resolve("HEAD"))
        try handle.createBranch("x", at: first)
        #expect(throws: ReferenceError.moved(reference: "refs/heads/x", expected: second, found: first)) {
            try handle.updateReference("refs/heads/x", from: second, to: first, message: "no")
        }
        try handle.updateReference("refs/heads/x", from: first, to: second, message: "czar: landed")
        #expect(try git("rev-parse", "x", in: repository.path) == second.hex)
        #expect(try git("reflog", "-1", "--format=%gs", "x", in: repository.path) == "czar: landed")
        #expect(throws: ReferenceError.moved(reference: "refs/heads/none", expected: first, found: nil)) {
            try handle.updateReference("refs/heads/none", from: first, to: second, message: "no")
        }
    }

    @Test(arguments: [false, true]) func deletionComparesToo(packed: Bool) throws {
        let repository = try GitRepository()
        let handle = try Repository(opening: repository.path)
        let tip = try handle.resolve("HEAD")
        try handle.createBranch("x", at: tip)
        if packed { try git("pack-refs", "--all", in: repository.path) }
        #expect(throws: ReferenceError.self) { try handle.deleteReference("refs/heads/x", expecting: .zero) }
        #expect(try handle.branchTip("x") == tip)
        try handle.deleteReference("refs/heads/x", expecting: tip)
        #expect(try git("branch", "--list", "x", in: repository.path).isEmpty)
    }

    @Test func deletedReferencesStayDeletedWhileGitPacks() async throws {
        let repository = try GitRepository()
        let path = repository.path
        async let packing = Task.detached {
            try run(["sh", "-c", "for i in $(seq 60); do git pack-refs --all || true; done"], in: path).status
        }.value
        let handle = try Repository(opening: path)
        let tip = try handle.resolve("HEAD")
        for index in 0..<60 {
            try handle.createBranch("x\(index)", at: tip)
            try handle.deleteReference("refs/heads/x\(index)", expecting: tip)
        }
        #expect(try await packing == 0)
        #expect(try git("for-each-ref", "--format=%(refname)", in: path) == "refs/heads/main")
    }

    @Test func symbolicBranchesAreRefused() throws {
        let repository = try GitRepository()
        try git("symbolic-ref", "refs/heads/alias", "refs/heads/main", in: repository.path)
        let handle = try Repository(opening: repository.path)
        let tip = try handle.resolve("HEAD")
        #expect(throws: ReferenceError.symbolic(reference: "refs/heads/alias", target: "refs/heads/main")) {
            try handle.deleteReference("refs/heads/alias", expecting: tip)
        }
    }

    @Test func aHeldLockIsNamedAfterTheRetries() throws {
        let repository = try GitRepository()
        let handle = try Repository(opening: repository.path)
        let tip = try handle.resolve("HEAD")
        try writeFile(repository.path + "/.git/refs/heads/x.lock", "")
        #expect(!ReferenceError.locked(reference: "packed-refs").description.contains(" or "))
        #expect(throws: ReferenceError.locked(reference: "refs/heads/x")) { try handle.createBranch("x", at: tip) }
    }

    @Test func parallelSwapsLoseNoUpdate() async throws {
        let repository = try GitRepository()
        let path = repository.path
        let start = try Repository(opening: path).resolve("HEAD")
        try Repository(opening: path).createBranch("count", at: start)
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    let handle = try Repository(opening: path)
                    let who = Signature(name: "w\(worker)", email: "w@x", seconds: 1)
                    var done = 0
                    while done < 10 {
                        let old = try handle.branchTip("count")!
                        let new = try handle.createCommit(
                            tree: try handle.tree(of: old), parents: [old], author: who, committer: who, message: "\(worker) \(done)")
                        do throws(ReferenceError) {
                            try handle.updateReference("refs/heads/count", from: old, to: new, message: "step")
                            done += 1
                        } catch {
                            guard case .moved = error else { throw error }
                        }
                    }
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(done == 40)
        #expect(try git("rev-list", "--count", "\(start)..count", in: path) == "40")
    }

    @Test func revisionsArePeeledToCommits() throws {
        let repository = try GitRepository()
        try git("tag", "-a", "v1", "-m", "one", in: repository.path)
        let handle = try Repository(opening: repository.path)
        #expect(try handle.resolve("v1").hex == git("rev-parse", "HEAD", in: repository.path))
        let error = #expect(throws: GitError.self) { try handle.resolve("nothing") }
        #expect(error?.code == .notFound)
    }
}
