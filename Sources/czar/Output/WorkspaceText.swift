import CzarGit
import CzarKit
import CzarPlanning

/// What `czar create` says of one workspace.
enum WorkspaceText {
    private static let shownPaths = 3
    private static let shownWorkers = 3

    static func answer(_ workspace: Workspace) -> String {
        guard workspace.isNew else { return "\(workspace.worker) exists in \(DisplayText.safe(workspace.path))" }
        let path = DisplayText.safe(workspace.path)
        // Without a point where it forked off the branch is not Czar's own, without a checkout the worktree is not.
        let made =
            workspace.forkPoint != nil
            ? "created \(workspace.worker) on \(workspace.branch) in \(path)"
            : workspace.files != nil
                ? "created \(workspace.worker) on the branch \(workspace.branch), which was there, in \(path)"
                : "adopted \(workspace.worker): the branch \(workspace.branch) and the worktree \(path) were there"
        guard let brought = workspace.brought, brought.files > 0 else { return made }
        return made + ", with \(Figures.plural(brought.files, "ignored file")) (\(Figures.bytes(brought.bytes)))"
    }

    /// What is not as one might expect, one sentence each; what is so of several workers is said once.
    static func notes(_ workspaces: [Workspace]) -> [String] {
        var order: [String] = []
        var workers: [String: [String]] = [:]
        for workspace in workspaces {
            for sentence in sentences(workspace) {
                if workers[sentence] == nil { order.append(sentence) }
                workers[sentence, default: []].append(workspace.worker.rawValue)
            }
        }
        return order.map { "czar: note: \(names(workers[$0] ?? [])): \($0)" }
    }

    private static func names(_ workers: [String]) -> String {
        let more = workers.count - shownWorkers
        // One more takes no more room than saying so.
        guard more > 1 else { return workers.joined(separator: ", ") }
        return workers.prefix(shownWorkers).joined(separator: ", ") + " and \(more) more"
    }

    private static func sentences(_ workspace: Workspace) -> [String] {
        let left = LeftOut.Reason.allCases.compactMap { reason -> String? in
            let paths = (workspace.brought?.leftOut ?? []).filter { $0.why == reason }.map(\.path.description)
            guard !paths.isEmpty else { return nil }
            let more = paths.count > shownPaths ? " and \(paths.count - shownPaths) more" : ""
            return "not brought: \(paths.prefix(shownPaths).joined(separator: ", "))\(more): \(reason.sentence)"
        }
        let kept = workspace.recovery.map { ["what was staged in its former worktree, whose folder had vanished, is kept in \($0)"] } ?? []
        let bare = workspace.hasNothingToBring ? ["nothing is brought: in a bare repository there are no ignored files for 'copy'"] : []
        return workspace.unfiltered.filterHints + left + bare + kept
    }

    /// Said before a file takes that much memory.
    static func sentence(_ file: LargeFile) -> String {
        let why =
            switch file.why {
            case .delta: "is stored as a difference from another version"
            case .conversion: "has attributes that change what is written"
            }
        return "'\(file.path)' (\(Figures.bytes(file.size))) \(why): writing it takes \(Figures.bytes(file.memory)) of memory"
    }

    static func describe(_ workspace: Workspace, in item: inout JSONObject) {
        if !workspace.unfiltered.isEmpty {
            var filters = JSONObject()
            for (what, count) in workspace.unfiltered.sorted(by: { $0.key < $1.key }) { filters.set(what, count) }
            item.set("unfiltered", filters.value)
        }
        guard let brought = workspace.brought else { return }
        var object = JSONObject()
        object.set("files", brought.files)
        object.set("bytes", brought.bytes)
        object.set(
            "left_out",
            .array(
                brought.leftOut.map { left in
                    var object = JSONObject()
                    object.set("path", left.path.description)
                    object.set("why", left.why.sentence)
                    return object.value
                }))
        item.set("brought", object.value)
    }
}
