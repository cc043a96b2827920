import Foundation

/// A folder of a test's own, gone with the value.
package final class TemporaryFolder: Sendable {
    /// Absolute, without symlinks, so that it compares equal to what git prints.
    package let path: String

    /// Makes the folder; the label is part of its name.
    package init(_ label: String = "czar") throws {
        _ = hermeticProcess
        let root = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath()
        let url = root.appendingPathComponent("\(label)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// libgit2 runs in this process and must not see the user's configuration, whichever test is the first to call it.
private let hermeticProcess: Void = {
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "HOME"] { setenv(name, hermeticEnvironment[name] ?? "", 1) }
    for name in ["EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] { unsetenv(name) }
}()
