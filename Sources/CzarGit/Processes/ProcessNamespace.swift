import Glibc

/// Where pids mean something: a sandbox may number its processes itself, and then sees no others.
package enum ProcessNamespace {
    /// What a supervisor tells its command about its own, for whatever the command runs deep in a sandbox.
    package static let variable = "CZAR_PID_NAMESPACE"

    /// `pid:[4026531836]`; nil on a kernel that does not tell.
    package static let current: String? = ProcFile.linkTarget("/proc/self/ns/pid")

    /// Whether `/proc` shows the numbers of another namespace than this process's own: a sandbox that unshares the one and leaves the other
    /// mounted. What is read there is true, and is about numbers that mean other processes, or none, to a system call.
    static let readsForeignFiles: Bool = ProcFile.linkTarget("/proc/self").map { $0 != String(getpid()) } ?? false

    /// Whether this process works for an attempt whose supervisor counts processes otherwise.
    static let isForeign: Bool = {
        guard let theirs = processEnvironment()[variable], !theirs.isEmpty, let current else { return false }
        return theirs != current
    }()
}
