import CzarGit
import CzarPlanning

/// Brings ignored files of the main worktree into workers' worktrees: those that `.worktreeinclude` at its root and a worker's `copy` select.
struct WorkspaceBringing {
    let project: ProjectLayout

    /// A worktree that is to get its files.
    struct Place {
        let worker: WorkerDefinition
        let path: String
        let gitDirectory: String
    }

    /// What was brought into each place, in their order; nil where nothing is asked for, or where there is no main worktree.
    func bring(into places: [Place], watch: WorkspaceWatch = WorkspaceWatch()) -> [Swift.Result<BringReport?, any Error>] {
        let wanted: [Swift.Result<BringRequest?, any Error>] = places.map { place in Swift.Result { try request(place) } }
        let requests = wanted.compactMap { result in if case .success(let request) = result { request } else { nil } }
        var brought = requests.isEmpty ? [] : project.location.bring(requests, options: options(watch))[...]
        return zip(places, wanted).map { place, request in
            request.flatMap { request in
                guard request != nil, let result = brought.popFirst() else { return .success(nil) }
                return result.map { $0 }.mapError { WorkspaceError(place.worker, path: place.path, $0) }
            }
        }
    }

    private func options(_ watch: WorkspaceWatch) -> BringOptions {
        var options = BringOptions()
        options.isCancelled = watch.isCancelled
        if let report = watch.progress {
            options.progress = { report(WorkspaceProgress(step: .bringing, files: $0.files, totalFiles: $0.totalFiles, bytes: $0.bytes)) }
        }
        return options
    }

    private func request(_ place: Place) throws -> BringRequest? {
        guard let root = project.location.mainWorktree else { return nil }
        var patterns = IgnorePatterns()
        do throws(FileError) {
            patterns.add(file: try Folder(opening: root).read(Self.fileName) ?? [])
        } catch {
            guard error.isSymlinkRefused else { throw WorkspaceError.failed(worker: place.worker.id, why: error.description) }
            throw WorkspaceError.symlinkInTheWay(worker: place.worker.id, FollowedLink(at: error.path))
        }
        for pattern in place.worker.copy { patterns.add(line: pattern) }
        guard !patterns.isEmpty else { return nil }
        return BringRequest(
            patterns: patterns, worktree: place.path, gitDirectory: place.gitDirectory, ownFiles: project.location.ownFiles)
    }

    private static let fileName = ".worktreeinclude"
}
