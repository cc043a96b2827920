import CzarKit
import Glibc

/// The path of this program, for starting supervisors.
enum OwnExecutable {
    static func path() throws -> String {
        guard let resolved = realpath("/proc/self/exe", nil) else {
            throw Failure(
                message: "cannot find this program's own file: \(String(cString: strerror(errno)))", hint: "mount -t proc proc /proc",
                code: 70)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
