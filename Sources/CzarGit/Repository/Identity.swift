import CLibgit2
import Glibc

/// No name or no address is configured for a commit.
package struct IdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The settings that are missing.
    package let missing: [String]

    package var description: String {
        "cannot commit without an identity: \(missing.joined(separator: " and ")) \(missing.count == 1 ? "is" : "are") not set"
    }
}

/// The two roles that a commit names.
package enum IdentityRole: String, Sendable {
    case author = "AUTHOR"
    case committer = "COMMITTER"
}

extension Repository {
    /// Who commits here now, by git's order: `GIT_<ROLE>_NAME`/`_EMAIL` (and `EMAIL`) of the environment, `author.*`/`committer.*`, `user.*`.
    ///
    /// The date is now or `GIT_<ROLE>_DATE`, in its forms `seconds ±hhmm` and `@seconds ±hhmm`. Nothing is guessed from the host.
    /// - Throws: ``IdentityError``, or ``GitError`` when the configuration is unreadable.
    package func identity(
        _ role: IdentityRole, environment: [String: String] = processEnvironment(), now: Int64 = Int64(time(nil))
    ) throws -> Signature {
        let settings = try configuration()
        let section = role.rawValue.lowercased()
        let name =
            try nonEmpty(environment["GIT_\(role.rawValue)_NAME"]) ?? nonEmpty(settings.text("\(section).name"))
            ?? nonEmpty(settings.text("user.name"))
        let email =
            try nonEmpty(environment["GIT_\(role.rawValue)_EMAIL"]) ?? nonEmpty(settings.text("\(section).email"))
            ?? nonEmpty(settings.text("user.email")) ?? nonEmpty(environment["EMAIL"])
        guard let name, let email else {
            throw IdentityError(missing: (name == nil ? ["user.name"] : []) + (email == nil ? ["user.email"] : []))
        }
        let date = environment["GIT_\(role.rawValue)_DATE"].flatMap(rawDate) ?? (now, localOffset(at: now))
        return Signature(name: name, email: email, seconds: date.0, offsetMinutes: date.1)
    }
}

/// The variables of this process.
package func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
        let text = String(cString: entry)
        if let equals = text.firstIndex(of: "=") { result[String(text[..<equals])] = String(text[text.index(after: equals)...]) }
        next += 1
    }
    return result
}

private func nonEmpty(_ text: String?) -> String? {
    // git drops what an ident may not hold; a name of nothing else counts as missing.
    guard let text, text.contains(where: { !$0.isWhitespace && !"<>".contains($0) }) else { return nil }
    return text
}

/// git's raw date: seconds and an offset.
private func rawDate(_ text: String) -> (Int64, Int32)? {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let offset = Int32(parts[1]), abs(offset) <= 1400 else { return nil }
    guard let seconds = Int64(parts[0].hasPrefix("@") ? parts[0].dropFirst() : parts[0]) else { return nil }
    return (seconds, offset / 100 * 60 + offset % 100)
}

private func localOffset(at seconds: Int64) -> Int32 {
    var moment = time_t(seconds)
    var parts = tm()
    localtime_r(&moment, &parts)
    return Int32(parts.tm_gmtoff / 60)
}

extension Repository {
    /// Who is written into a reflog: the configured identity, else the account, since a reflog must not fail for want of a setting.
    func reflogSignature() throws(GitError) -> Signature {
        do { return try identity(.committer) } catch {
            if let failure = error as? GitError { throw failure }
            let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid\(geteuid())"
            return Signature(name: user, email: "\(user)@localhost", seconds: Int64(time(nil)))
        }
    }
}
