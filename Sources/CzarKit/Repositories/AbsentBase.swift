import CzarGit
import CzarPlanning

/// What a repository has in place of a base that is no branch or revision of it. Checkouts that CI makes are of this kind: they know
/// remote-tracking branches only, or hold nothing but the commit under test.
package enum AbsentBase: Hashable, Sendable {
    /// Only a remote's branch has that name, such as `origin/main`.
    case remoteOnly(String)
    /// The checkout is shallow and may simply not have it.
    case notFetched(remote: String)
    /// A branch has nearly that name.
    case mistyped(String)
    /// Nothing explains it.
    case unknown

    /// Why `base` is missing, after it was found to be.
    /// - Complexity: O(remote-tracking branches).
    init(_ base: String, in project: ProjectLayout, remote: String) throws {
        let repository = try Repository(opening: project.location)
        let prefix = "refs/remotes/"
        let found = try repository.references(matching: prefix + "*").map { String($0.name.dropFirst(prefix.count)) }
            .filter { $0.hasSuffix("/" + base) && $0.dropLast(base.count + 1).allSatisfy { $0 != "/" } }
        if let name = found.first(where: { $0 == "\(remote)/\(base)" }) ?? found.min() {
            self = .remoteOnly(name)
        } else if FileKind(at: project.location.commonDirectory + "/shallow") != nil {
            self = .notFetched(remote: remote)
        } else {
            let branches = try repository.references(matching: "refs/heads/*").map { String($0.name.dropFirst("refs/heads/".count)) }
            self = NearName.suggestion(for: base, among: branches).map { .mistyped($0) } ?? .unknown
        }
    }

    /// `its base 'main' does not exist`, or what is there instead.
    func sentence(_ base: String) -> String {
        switch self {
        case .remoteOnly(let name): "'\(base)' is no branch here, only '\(name)' is"
        case .notFetched: "'\(base)' is not in this shallow checkout"
        case .mistyped(let near): "'\(base)' does not exist; did you mean '\(near)'?"
        case .unknown: "'\(base)' does not exist"
        }
    }

    func remedy(_ base: String) -> String {
        switch self {
        case .remoteOnly(let name): "git branch \(base) \(name)"
        case .notFetched(let remote): "git fetch \(remote) \(base):\(base)"
        case .mistyped, .unknown: "git branch --list"
        }
    }

    /// The problem of a plan that names it: a plan may be right although a checkout for CI has not everything that it names.
    func problem(_ missing: Problem, base: String) -> Problem {
        switch self {
        case .mistyped, .unknown: return missing
        case .remoteOnly, .notFetched: break
        }
        var problem = missing
        problem.severity = .warning
        problem.message = "The base \(sentence(base)); before workers start: \(remedy(base))"
        return problem
    }
}
