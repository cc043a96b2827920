import Foundation

/// What stands below a folder without `.git`: kind, permissions, link target and path of everything, one a line, sorted by bytes.
public func listing(of folder: String) throws -> String {
    let script = "find . -mindepth 1 -name .git -prune -o -printf '%y %m %l %P\\0' | LC_ALL=C sort -z | tr '\\0' '\\n'"
    return try run(["bash", "-c", script], in: folder).output
}

/// The differences in content between two folders, as `diff` says them; empty when there are none.
public func differences(_ left: String, _ right: String) throws -> String {
    let found = try run(["diff", "-r", "--no-dereference", "-x", ".git", left, right], in: "/")
    return found.output + found.errors
}

/// Entries, flags, sizes and owners of an index; not the times and inodes, which differ from worktree to worktree.
public func indexListing(of worktree: String) throws -> String {
    let text = try run(["git", "-c", "core.quotePath=true", "ls-files", "--stage", "-v", "--debug"], in: worktree).output
    return text.split(separator: "\n").filter { !$0.contains("time: ") && !$0.contains("ino: ") }.joined(separator: "\n")
}
