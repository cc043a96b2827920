import CLibgit2

/// Who did something and when, as commits and reflogs keep it.
package struct Signature: Hashable, Sendable {
    /// Any text without `<`, `>` and line ends.
    package var name: String
    /// The address, without brackets.
    package var email: String
    /// Seconds since 1970-01-01T00:00:00Z.
    package var seconds: Int64
    /// Minutes east of UTC.
    package var offsetMinutes: Int32

    /// Puts the parts together; they are judged when an object is written.
    package init(name: String, email: String, seconds: Int64, offsetMinutes: Int32 = 0) {
        (self.name, self.email, self.seconds, self.offsetMinutes) = (name, email, seconds, offsetMinutes)
    }

    init(_ raw: UnsafePointer<git_signature>) {
        let value = raw.pointee
        self.init(
            name: String(cString: value.name), email: String(cString: value.email), seconds: value.when.time,
            offsetMinutes: value.when.offset)
    }

    /// `Name <email> seconds +hhmm`, the form in objects and reflogs.
    var line: String {
        let minutes = abs(offsetMinutes)
        let digits = String(minutes / 60 * 100 + minutes % 60)
        return "\(name) <\(email)> \(seconds) \(offsetMinutes < 0 ? "-" : "+")\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }

    /// libgit2's own copy; the caller frees it with `git_signature_free`.
    func makeRaw() throws(GitError) -> UnsafeMutablePointer<git_signature> {
        var raw: UnsafeMutablePointer<git_signature>?
        try check("use the identity", "\(name) <\(email)>") { git_signature_new(&raw, name, email, seconds, offsetMinutes) }
        guard let raw else {
            throw GitError(code: .generic, operation: "use the identity", subject: name, message: "libgit2 returned no signature")
        }
        return raw
    }
}
