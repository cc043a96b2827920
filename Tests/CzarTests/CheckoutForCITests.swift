import Foundation
import TestSupport
import Testing

/// Checkouts as CI makes them: shallow, without local branches, on a detached HEAD.
@Suite struct CheckoutForCITests {
    private static let plan = """
        project: {name: ci, base: main}
        workers:
          - {id: one, script: "echo 1 > new; czar commit -m work"}
          - {id: two, dependencies: [one], script: "echo 2 > more; czar commit -m work"}

        """

    /// A project with some history, whose `main` is its only branch.
    private func origin(_ plan: String = plan) throws -> CzarProject {
        let project = try CzarProject(plan)
        for number in 1...3 {
            try project.repository.write("file\(number)", "\(number)\n")
            try project.repository.commitAll("c\(number)")
        }
        return project
    }

    /// What actions/checkout does: an empty repository, one fetch of one commit into `reference`, and `checkout` of that.
    private func fetched(
        _ origin: CzarProject, _ source: String = "refs/heads/main", into reference: String, _ checkout: [String] = []
    ) throws -> CheckoutFolder {
        try git("update-ref", "refs/pull/1/merge", "main", in: origin.path)
        let folder = try CheckoutFolder()
        try git("init", "-q", folder.path, in: "/")
        try git("remote", "add", "origin", "file://" + origin.path, in: folder.path)
        try git("fetch", "-q", "--no-tags", "--depth=1", "origin", "+\(source):\(reference)", in: folder.path)
        let outcome = try run(["git", "checkout", "-q", "--force"] + checkout + [reference], in: folder.path)
        guard outcome.status == 0 else { throw ProcessFailure(description: outcome.errors) }
        try folder.configure()
        return folder
    }

    private func clone(_ origin: CzarProject, _ arguments: String...) throws -> CheckoutFolder {
        let folder = try CheckoutFolder()
        let outcome = try run(["git", "clone", "-q"] + arguments + ["file://" + origin.path, folder.path], in: "/")
        guard outcome.status == 0 else { throw ProcessFailure(description: outcome.errors) }
        try folder.configure()
        return folder
    }

    @Test func withoutABaseNothingIsAddedToADetachedCheckout() throws {
        let origin = try origin("project: {name: ci}\nworkers: [{id: one, agent: human}]\n")
        let folder = try fetched(origin, into: "refs/remotes/origin/main", ["--detach"])
        func czar(_ arguments: String...) throws -> ProcessOutcome { try run([CzarProgram.path] + arguments, in: folder.path) }
        let outcome = try czar("add", "x", "true", "--agent", "shell")
        #expect(outcome.status == 65 && outcome.errors.contains("HEAD is detached") && outcome.errors.contains("try: git switch -c main"))
        #expect(!exists(folder.path + "/.czarina/workers"), "a worker exists whole or not at all")
        // Once the plan was used on a branch, its base is recorded.
        try git("switch", "-q", "-c", "main", in: folder.path)
        #expect(try czar("create", "one").status == 0)
        try git("switch", "-q", "--detach", in: folder.path)
        #expect(try czar("add", "x", "true", "--agent", "shell").status == 0)
    }

    @Test func aShallowCloneRunsAPlanAndItsFiguresAreGits() throws {
        let origin = try origin()
        for checkout in [try clone(origin, "--depth", "1"), try fetched(origin, into: "refs/remotes/origin/main", ["-B", "main"])] {
            #expect(try git("rev-parse", "--is-shallow-repository", in: checkout.path) == "true")
            try checkout.expect(0, "validate")
            try checkout.expect(0, "graph")
            try checkout.expect(0, "status")
            try checkout.expect(0, "create", "one")
            try checkout.expect(0, "run", "--trust", "--quiet")
            let status = try CzarAnswer(checkout.expect(0, "status", "--json").output)
            for worker in status["workers"].array {
                let branch = worker["branch"].string ?? ""
                #expect(worker["state"].string == "complete" && worker["ahead"].int == 1 && worker["own_commits"].int == 1)
                #expect(try git("rev-list", "--count", branch, in: checkout.path) == "\(worker["total"].int ?? -1)")
                #expect(worker["lines"]["inserted"].int == 1)
            }
        }
    }

    /// A clone of a run whose branches have nothing in common with its main, since history ends at each of their tips.
    private func shallowCloneOfWork() throws -> CheckoutFolder {
        let origin = try origin()
        try origin.expect(0, "run", "--trust", "--quiet")
        try origin.repository.write("later", "1\n")
        try origin.repository.commitAll("later")
        return try clone(origin, "--depth", "1", "--no-single-branch")
    }

    @Test func whatHasNoMergeBaseIsNotCountedAndSaidToBeShallow() throws {
        let checkout = try shallowCloneOfWork()
        let status = try CzarAnswer(checkout.expect(0, "status", "--json").output)
        #expect(status["limitations"].array.contains { $0.string?.hasPrefix("the history is shallow") == true }, "\(status)")
        for worker in status["workers"].array {
            #expect(
                try run(["git", "diff", "main...origin/" + (worker["branch"].string ?? "")], in: checkout.path).errors.contains(
                    "no merge base"))
            #expect(!worker["files"].exists || worker["files"].isNull, "\(worker)")
            #expect(worker["figures_problem"].string?.contains("no merge base") == true)
        }
        for command in [["status"], ["status", "one"], ["metrics"]] {
            let outcome = try run([CzarProgram.path] + command, in: checkout.path)
            #expect(outcome.status == 0 && outcome.errors.contains("the history is shallow"), "\(command): \(outcome.errors)")
        }
    }

    @Test func aBranchThatOnlyTheRemoteHasIsNamedWithTheCommandThatMakesIt() throws {
        let checkout = try shallowCloneOfWork()
        let status = try CzarAnswer(checkout.expect(0, "status", "--json").output)
        let branch = try #require(status["workers"][0]["branch"].string)
        #expect(status["workers"][0]["branch_ref"].string == "refs/remotes/origin/" + branch)
        #expect(try git("rev-parse", "refs/remotes/origin/" + branch, in: checkout.path) == status["workers"][0]["tip"].string)
        for command in ["diff", "log", "show", "create"] {
            let refused = try checkout.expect(66, command, "one")
            #expect(refused.errors.contains("only 'origin/\(branch)' is"), "\(refused.errors)")
            #expect(refused.errors.contains("try: git branch \(branch) origin/\(branch)\n"), "\(refused.errors)")
        }
        #expect(try git("branch", "--list", branch, in: checkout.path).isEmpty)
        try git("branch", branch, "origin/" + branch, in: checkout.path)
        try checkout.expect(0, "create", "one")
        let later = try CzarAnswer(checkout.expect(0, "status", "one", "--json").output)
        #expect(later["workers"][0]["branch_ref"].string == "refs/heads/" + branch)
        #expect(try checkout.expect(0, "log", "one").output.contains("work"))
        let incomparable = try checkout.expect(66, "diff", "one")
        #expect(
            incomparable.errors.contains("no merge base in this shallow checkout\ntry: git fetch --unshallow"), "\(incomparable.errors)")
    }

    @Test func aBaseThatOnlyTheRemoteHasIsNamedWithTheCommandThatMakesIt() throws {
        let checkout = try clone(origin())
        try git("checkout", "-q", "--detach", in: checkout.path)
        try git("branch", "-q", "-D", "main", in: checkout.path)
        let validated = try checkout.expect(0, "validate")
        #expect(
            validated.output.contains(
                "config.yaml:1:27: warning: project.base: The base 'main' is no branch here, only 'origin/main' is; "
                    + "before workers start: git branch main origin/main"), "\(validated.output)")
        try checkout.expect(0, "graph")
        try checkout.expect(0, "status")
        let refused = try checkout.expect(66, "create", "one")
        #expect(refused.errors.contains("its base 'main' is no branch here, only 'origin/main' is"), "\(refused.errors)")
        #expect(refused.errors.contains("try: git branch main origin/main"))
        try git("branch", "main", "origin/main", in: checkout.path)
        try checkout.expect(0, "create", "one")
        #expect(try checkout.expect(0, "validate").output == "the plan is valid\n")
    }

    @Test func aPullRequestsCheckoutHasNoBranchAtAll() throws {
        let origin = try origin()
        let checkout = try fetched(origin, "refs/pull/1/merge", into: "refs/remotes/pull/1/merge")
        #expect(try git("for-each-ref", "--format=%(refname)", in: checkout.path) == "refs/remotes/pull/1/merge")
        let validated = try checkout.expect(0, "validate")
        #expect(validated.output.contains("warning: project.base: The base 'main' is not in this shallow checkout"), "\(validated.output)")
        try checkout.expect(0, "graph")
        try checkout.expect(0, "status")
        let refused = try checkout.expect(66, "create", "one")
        #expect(refused.errors.contains("try: git fetch origin main:main"), "\(refused.errors)")
        try git("fetch", "-q", "--depth=1", "origin", "main:main", in: checkout.path)
        try checkout.expect(0, "create", "one")
    }

    @Test func figuresOfBranchesThatOnlyTheRemoteHasAreTheRemotes() throws {
        for plan in [Self.plan, Self.plan.replacing(", base: main", with: "")] {
            let origin = try origin(plan)
            try origin.expect(0, "run", "--trust", "--quiet")
            let folder = try CheckoutFolder()
            try git("init", "-q", folder.path, in: "/")
            try git("remote", "add", "origin", "file://" + origin.path, in: folder.path)
            try git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", in: folder.path)
            try git("checkout", "-q", "--detach", "refs/remotes/origin/main", in: folder.path)
            let says = "no worker has a branch here and there is no journal: the figures are those of 'origin/…'"
            let status = try CzarAnswer(folder.expect(0, "status", "--json").output)
            #expect(["main", "origin/main"].contains(status["base"].string), "\(status["base"])")
            #expect(status["limitations"][0].string?.hasPrefix(says) == true)
            for worker in status["workers"].array {
                let branch = "origin/" + (worker["branch"].string ?? "")
                #expect(try worker["tip"].string == git("rev-parse", branch, in: folder.path))
                #expect(try worker["ahead"].int == Int(git("rev-list", "--count", "origin/main..\(branch)", in: folder.path)))
                #expect(worker["own_commits"].int == 1 && worker["figures_problem"].string == nil, "\(worker)")
            }
            for command in [["status"], ["metrics"], ["report", "status"]] {
                let outcome = try run([CzarProgram.path] + command, in: folder.path)
                #expect(outcome.status == 0 && outcome.errors.contains(says), "\(command): \(outcome.errors)")
            }
            // A branch of its own is what is looked at.
            for worker in status["workers"].array {
                try git("branch", worker["branch"].string ?? "", "origin/main", in: folder.path)
            }
            let own = try CzarAnswer(folder.expect(0, "status", "--json").output)
            #expect(!own["limitations"].array.contains { $0.string?.hasPrefix(says) == true }, "\(own)")
        }
    }

    @Test func aDetachedHeadWithoutABaseInThePlanIsToldSoWhereItMatters() throws {
        let origin = try origin("project: {name: ci}\nworkers: [{id: one}]\n")
        let checkout = try fetched(origin, "refs/pull/1/merge", into: "refs/remotes/pull/1/merge")
        try checkout.expect(0, "validate")
        try checkout.expect(0, "graph")
        try checkout.expect(0, "simulate")
        let status = try CzarAnswer(checkout.expect(0, "status", "--json").output)
        #expect(try status["base"].string == git("rev-parse", "HEAD", in: checkout.path))
        for command in ["create", "run"] {
            let refused = try checkout.expect(65, command)
            #expect(refused.errors.contains("HEAD is detached at"), "\(refused.errors)")
        }
    }
}

/// A checkout in a folder of its own.
private final class CheckoutFolder {
    private let folder: TemporaryFolder
    var path: String { folder.path + "/repo" }

    init() throws { folder = try TemporaryFolder("czar-ci") }

    func configure() throws {
        try git("config", "user.name", "Worker", in: path)
        try git("config", "user.email", "worker@example.org", in: path)
    }

    @discardableResult
    func expect(_ code: Int32, _ arguments: String...) throws -> ProcessOutcome {
        let outcome = try run([CzarProgram.path] + arguments, in: path)
        guard outcome.status == code else {
            throw ProcessFailure(description: "czar \(arguments): \(outcome.status), not \(code)\n\(outcome.output)\n\(outcome.errors)")
        }
        return outcome
    }
}
