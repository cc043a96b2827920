import CzarGit
import CzarPlanning

/// References that cannot be read, on which every command fails that comes across one, and what Czar keeps below its own.
struct ReferenceCheck {
    private let location: RepositoryLocation
    /// What HEAD most likely named.
    private let base: String?

    init(_ project: ProjectLayout, base: String?) { (location, self.base) = (project.location, base) }

    /// - Complexity: O(references).
    func findings() throws -> [DoctorFinding] { try packed() + head() + loose() }

    private func loose() throws -> [DoctorFinding] {
        try location.unreadableReferences().map { reference in
            DoctorFinding("reference", .problem, "\(reference.error)", try mend(reference.name))
        }
    }

    /// Git moves no reference whose file says nothing. Where nothing tells where it was, its commits may be found, and then kept under any name.
    private func mend(_ name: String) throws -> String {
        let removal = ShellText.line(["rm", location.commonDirectory + "/" + name])
        let branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : nil
        let tip = try branch.flatMap { try Repository(opening: location).lastTip(ofLost: $0, checkedOutIn: [], in: location) }
        return tip.map { "\(removal) && git update-ref \(ShellText.word(name)) \($0.hex)" } ?? "git fsck --lost-found && \(removal)"
    }

    private func head() throws -> [DoctorFinding] {
        do {
            _ = try Repository(opening: location).head()
            return []
        } catch ReferenceError.git(let error) where error.subject == "HEAD" {
            // Git takes a repository with such a HEAD for none, so no command of its own mends it.
            let line = "ref: refs/heads/\(base ?? "BRANCH")"
            let mend = "echo \(ShellText.word(line)) > \(ShellText.word(location.gitDirectory + "/HEAD"))"
            return [DoctorFinding("head", .problem, "\(error)", mend)]
        } catch is ReferenceError {
            // It names a branch that is a finding of its own.
            return []
        }
    }

    /// Through them all: a file of packed references that cannot be read hides all of them.
    private func packed() throws -> [DoctorFinding] {
        let all: [(name: String, target: ObjectID)]
        do { all = try Repository(opening: location).references(matching: "refs/*") } catch let error as ReferenceError {
            return [DoctorFinding("references", .problem, "\(error)", error.remedy ?? "git for-each-ref")]
        }
        let kept = all.count { $0.name.hasPrefix("refs/czar/recovery/") }
        guard kept > 0 else { return [] }
        return [
            DoctorFinding(
                "recovery", .note,
                "\(kept) recovery reference\(kept == 1 ? "" : "s") kept below refs/czar/recovery, each with a message that says what it holds and how to bring that back; 'git update-ref -d' lets go of one",
                "git for-each-ref --format='%(refname)%0a%(contents)' refs/czar/recovery")
        ]
    }
}
