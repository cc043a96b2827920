import CzarGit
import CzarPlanning

/// The files of `czar add` while they go or come: held below `.git/czar/withdrawn/<phase>/<worker>/`, so that a process that dies between the
/// journal and the files loses neither.
///
/// The journal decides: of a worker that is not withdrawn, what is missing is put back. Who holds and settles one worker has the lock `add`.
struct WithdrawnFiles {
    private let project: ProjectLayout
    private static let place = "czar/withdrawn"

    init(_ project: ProjectLayout) { self.project = project }

    func hold(_ texts: [(name: String, text: String)], of key: WorkerKey) throws {
        let folder = try Folder(opening: project.location.commonDirectory).subfolder(
            "\(Self.place)/\(key.phase)/\(key.id)", creating: project.location.ownFiles.folder, durable: true)
        for (name, text) in texts { try folder.write(text.utf8, to: name) }
    }

    private func release(_ key: WorkerKey) throws {
        let common = try Folder(opening: project.location.commonDirectory)
        let phase = try common.subfolder("\(Self.place)/\(key.phase)")
        try phase.removeTree(key.id.rawValue)
        try common.subfolder(Self.place).removeEmptyFolder(key.phase.rawValue)
        try common.subfolder("czar").removeEmptyFolder("withdrawn")
    }

    /// Finishes what a process that died has left: to be asked before the plan is read.
    /// - Complexity: O(1) where there is nothing, else that of reading the journal.
    func settle() throws {
        let path = project.location.commonDirectory + "/" + Self.place
        guard FileKind(at: path) == .folder else { return }
        try project.withLock("add") {
            guard FileKind(at: path) == .folder else { return }
            let all = try Folder(opening: path)
            let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
            let state = ProjectState(try Journal.open(place, mode: .readOnly)?.entries() ?? [])
            for phase in try all.names() {
                for name in try all.subfolder(phase).names() {
                    guard let id = WorkerID(rawValue: name) else { continue }
                    try settle(WorkerKey(phase: PhaseID(rawValue: phase), id: id), state)
                }
            }
        }
    }

    /// The same of one worker: its files are there or gone as the journal has it, and nothing is held any more.
    func settle(_ key: WorkerKey, _ state: ProjectState) throws {
        let held = try Folder(opening: project.location.commonDirectory).subfolder("\(Self.place)/\(key.phase)/\(key.id)")
        let workers = try project.openWorkersFolder()
        // A piece of a file whose writer died is none of them.
        for name in try held.names() where !name.hasPrefix(".") {
            guard let bytes = try held.read(name) else { continue }
            let found = try workers.read(name)
            if !state[key].isWithdrawn, found == nil { try workers.write(bytes, to: name) }
            if state[key].isWithdrawn, found == bytes { try workers.removeFile(name) }
        }
        try release(key)
    }
}
