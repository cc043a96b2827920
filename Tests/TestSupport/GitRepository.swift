import Foundation

/// A real repository in a folder of a test's own.
package final class GitRepository: Sendable {
    private let folder: TemporaryFolder
    /// The main worktree's root.
    package let path: String
    /// The folder around the repository, for what lies beside it.
    package var around: String { folder.path }

    /// `git init` with `main` as its branch, and one commit when `commit` is true.
    package init(commit: Bool = true, arguments: [String] = []) throws {
        folder = try TemporaryFolder("czar-git")
        path = folder.path + "/repo"
        let made = try run(["git", "init", "-q", "-b", "main"] + arguments + [path], in: folder.path)
        guard made.status == 0 else { throw ProcessFailure(description: made.errors) }
        if commit {
            try write("README", "hello\n")
            try git("add", "-A", in: path)
            try git("commit", "-qm", "first", in: path)
        }
    }

    /// Writes a file below the root; folders are made.
    package func write(_ name: String, _ text: String) throws { try writeFile(path + "/" + name, text) }

    /// Adds everything and commits; returns the commit's id.
    @discardableResult
    package func commitAll(_ message: String = "work") throws -> String {
        try git("add", "-A", in: path)
        try git("commit", "-qm", message, in: path)
        return try git("rev-parse", "HEAD", in: path)
    }
}

/// Writes a file, making folders.
package func writeFile(_ path: String, _ text: String) throws { try writeFile(path, Data(text.utf8)) }

/// Writes a file of bytes, making folders.
package func writeFile(_ path: String, _ data: Data) throws {
    try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: path))
}

/// Writes a program, by another process: one that this process writes may be found busy, because whatever it starts meanwhile has the
/// file open for writing until it runs its own program.
package func writeProgram(_ path: String, _ text: String) throws {
    try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    let outcome = try run(["sh", "-ec", "cat > \"$1\"; chmod 755 \"$1\"", "sh", path], in: "/", input: text)
    guard outcome.status == 0 else { throw ProcessFailure(description: "cannot write '\(path)': \(outcome.errors)") }
}

/// Whether anything, also a dangling link, stands at the path.
package func exists(_ path: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path)) != nil
}
