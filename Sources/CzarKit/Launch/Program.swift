import Glibc
import SystemPackage

/// Finding the program that a command names, the way execvp(3) does, but with a reason when there is none.
enum Program {
    /// Nothing to run: `status` is what a shell gives for it, 127 or 126.
    struct Missing: Error, Hashable {
        let status: Int32
        let reason: String
    }

    /// The path of the program. A name with a `/` is taken from the folder, any other is looked for along `PATH`.
    static func path(of name: String, in folder: String, searchPath: String?) throws(Missing) -> String {
        if name.contains("/") {
            let path = name.hasPrefix("/") ? name : folder + "/" + name
            if let problem = problem(with: path) { throw problem }
            return path
        }
        var denied: Missing?
        for entry in (searchPath ?? "/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: false) {
            // An empty entry means the folder itself.
            let base = entry.hasPrefix("/") ? String(entry) : folder + "/" + entry
            let path = base + "/" + name
            guard let problem = problem(with: path) else { return path }
            if problem.status == 126 && denied == nil { denied = problem }
        }
        throw denied ?? Missing(status: 127, reason: "no program is named '\(name)' in PATH; install it or name it by its path")
    }

    private static func problem(with path: String) -> Missing? {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            let code = Errno(rawValue: errno)
            if code == .noSuchFileOrDirectory || code == .notDirectory {
                return Missing(status: 127, reason: "there is no program '\(path)' (ENOENT)")
            }
            return Missing(status: 126, reason: "'\(path)' cannot be run: \(code)")
        }
        if facts.st_mode & S_IFMT == S_IFDIR { return Missing(status: 126, reason: "'\(path)' is a folder") }
        if access(path, X_OK) != 0 {
            return Missing(status: 126, reason: "'\(path)' may not be run (EACCES); make it executable with chmod +x")
        }
        return nil
    }
}
