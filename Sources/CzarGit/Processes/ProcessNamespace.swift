/// Where pids mean something: a sandbox may number its processes itself, and then sees no others.
package enum ProcessNamespace {
    /// What a supervisor tells its command about its own, for whatever the command runs deep in a sandbox.
    package static let variable = "CZAR_PID_NAMESPACE"

    /// `pid:[4026531836]`; nil on a kernel that does not tell.
    package static let current: String? = ProcFile.linkTarget("/proc/self/ns/pid")

    /// Whether this process works for an attempt whose supervisor counts processes otherwise.
    static let isForeign: Bool = {
        guard let theirs = processEnvironment()[variable], !theirs.isEmpty, let current else { return false }
        return theirs != current
    }()
}
