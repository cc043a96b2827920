import CzarGit
import CzarKit
import CzarPlanning

/// What a person sees of worktrees while they are made: a bar on the terminal, and what takes more memory than usual.
struct CreationDisplay: Sendable {
    private let common: CommonOptions
    private let bar: ProgressBar?

    init(_ common: CommonOptions) {
        self.common = common
        bar = common.quiet || common.wantsJSON ? nil : ProgressBar(style: common.style, environment: processEnvironment())
    }

    var watch: WorkspaceWatch {
        var watch = WorkspaceWatch()
        if let bar { watch.progress = { bar.show($0) } }
        watch.largeFile = { [common, bar] file in
            bar?.clear()
            common.note("czar: note: \(WorkspaceText.sentence(file))")
        }
        watch.finished = { [common, bar] workspace in
            bar?.clear()
            if let workspace, workspace.isNew { WorkspaceText.notes([workspace]).forEach { common.note($0) } }
        }
        return watch
    }

    /// Takes the bar away; what is said next begins on a clean line.
    func clear() { bar?.clear() }
}
