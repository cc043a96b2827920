/// An addition that is registered and waits for its files.
final class BegunAddition {
    private let addition: Addition
    private let staging: Staging
    private let undo: Undo
    private let name: String
    private let content: CheckoutContent
    private var report: CheckoutReport?

    init(_ addition: Addition, _ staging: consuming Staging, _ undo: Undo, name: String, content: CheckoutContent) {
        self.addition = addition
        self.staging = staging
        (self.undo, self.name, self.content) = (undo, name, content)
    }

    private var gitDirectory: String { joinPath(addition.location.worktreesDirectory, name) }

    var target: CheckoutTarget { CheckoutTarget(content, path: addition.path, gitDirectory: gitDirectory) }

    /// - Throws: the checkout's failure, as one of the addition.
    func accept(_ result: Result<CheckoutReport, GitError>) throws(WorktreeError) {
        do throws(GitError) { report = try result.get() } catch {
            throw WorktreeError("check out \(addition.request.source) into '\(addition.path)'", error)
        }
    }

    /// Opens the worktree to git's commands.
    func end(_ step: (WorktreeStep) -> Void) throws(WorktreeError) -> AddedWorktree {
        do throws(FileError) {
            let admin = try Folder(opening: gitDirectory)
            try admin.share("index", with: addition.location.ownFiles)
            try admin.removeFile("locked")
            step(.unlocked)
            try staging.all.removeTree(staging.id)
        } catch {
            throw WorktreeError("finish the worktree '\(addition.path)'", error)
        }
        return AddedWorktree(
            name: name, path: addition.path, gitDirectory: gitDirectory, report: report ?? CheckoutReport(files: 0, unfiltered: [:]))
    }

    /// Removes all that was made; returns the error to throw.
    func undone(after error: WorktreeError) -> WorktreeError {
        undo.rollBack(root: addition.root, common: addition.location.commonDirectory, after: error)
    }
}
