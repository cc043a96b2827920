import Glibc
import SystemPackage

/// What a worktree had beyond what git's trees can hold: who may read its untracked files, its empty folders, its own settings, what
/// sparse patterns that are no cone left out, marks in its index, bytes that git's conversions would change, and what an operation in progress
/// kept for itself.
///
/// Kept as a commit with up to five files: `modes`, a piece for each file and folder that ends with NUL (`600 path`; of a folder the path
/// ends with a slash), `config.worktree`, `sparse-checkout`, `left-out`, each path ending with NUL, and `index-marks` (``IndexMarks``); beside
/// them the folders `operation` (``KeptOperation``) and `bytes`, with files by their paths.
struct KeptExtras: Hashable, Sendable {
    static let bytesFolder = "bytes"
    static let modesName = "modes"
    static let leftOutName = "left-out"

    /// Permission bits, by path; folders end with a slash.
    private(set) var modes: [RepositoryPath: mode_t] = [:]
    /// The whole file; nil where it says no more than that the worktree is sparse.
    var settings: [UInt8]?

    var patterns: SparsePatterns?
    var operation = KeptOperation()
    var marks = IndexMarks()
    /// What files hold where their stored form does not give that back, as blobs.
    var bytes: [RepositoryPath: ObjectID] = [:]

    var isEmpty: Bool { modes.isEmpty && settings == nil && patterns == nil && operation.isEmpty && marks.isEmpty && bytes.isEmpty }

    init() {}

    /// Looks at files, at the folders around them that `tracked` does not have, and at empty folders.
    init(
        files: [RepositoryPath], emptyFolders: [RepositoryPath], tracked: Set<[UInt8]>, in repository: borrowing Repository
    ) throws(GitError) {
        var folders = Set(emptyFolders.map { Array($0.bytes.dropLast()) })
        for file in files {
            if let mode = repository.fileFacts(file)?.st_mode, mode & S_IFMT == S_IFREG { modes[file] = mode & 0o7777 }
        }
        for path in files.map(\.folder) + folders.map({ RepositoryPath(bytes: $0).folder }) {
            var folder = path
            while !folder.isEmpty, !tracked.contains(folder), folders.insert(folder).inserted {
                folder = RepositoryPath(bytes: folder).folder
            }
        }
        for folder in folders {
            guard let mode = repository.fileFacts(RepositoryPath(bytes: folder))?.st_mode, mode & S_IFMT == S_IFDIR else { continue }
            modes[RepositoryPath(bytes: folder + [0x2F])] = mode & 0o7777
        }
    }

    var modesFile: [UInt8] {
        modes.sorted { $0.key < $1.key }.flatMap { path, mode in Array("\(String(mode, radix: 8)) ".utf8) + path.bytes + [0] }
    }

    mutating func read(modesFile: [UInt8]) {
        for piece in modesFile.split(separator: 0) {
            let words = piece.split(separator: 0x20, maxSplits: 1)
            guard words.count == 2, let mode = mode_t(String(decoding: words[0], as: UTF8.self), radix: 8) else { continue }
            modes[RepositoryPath(bytes: Array(words[1]))] = mode & 0o7777
        }
    }

    /// Makes the folders that are not there, and gives files and folders their permissions; nothing is reached through a link.
    func restore(in worktree: String) throws(FileError) {
        let root = try Folder(opening: worktree)
        // What is in a folder comes before the folder, which nobody may write into then.
        for (path, _) in modes.sorted(by: { $0.key < $1.key }) where path.bytes.last == 0x2F {
            _ = try root.makingSubfolder(Array(path.bytes.dropLast()))
        }
        for (path, mode) in modes.sorted(by: { $1.key < $0.key }) {
            let isFolder = path.bytes.last == 0x2F
            let bytes = isFolder ? Array(path.bytes.dropLast()) : path.bytes
            let folder = try root.subfolder(RepositoryPath(bytes: bytes).folder)
            try folder.setMode(mode, of: Array(bytes[(bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...]), isFolder: isFolder)
        }
    }
}

extension Folder {
    fileprivate func setMode(_ mode: mode_t, of name: [UInt8], isFolder: Bool) throws(FileError) {
        let opened = withCName(name + [0]) {
            openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (isFolder ? O_DIRECTORY : 0))
        }
        guard opened >= 0 else { throw FileError("set the permissions of", join(escapedForDisplay(name))) }
        defer { close(opened) }
        guard fchmod(opened, mode) == 0 else { throw FileError("set the permissions of", join(escapedForDisplay(name))) }
    }
}

extension Repository {
    /// The settings of this worktree alone, where they are not just those of a sparse checkout by a cone and those that a new worktree has
    /// from the main one; nil also where they do not count. No bytes: it has none, and a new one would.
    package func ownSettings() throws(GitError) -> [UInt8]? {
        guard try ConfigurationFile(onDisk: joinPath(commonDirectory, "config")).flag("extensions.worktreeconfig") == true else {
            return nil
        }
        let shared = try WorktreeConfiguration.shared(joinPath(commonDirectory, WorktreeConfiguration.fileName))
        guard let path = try WorktreeConfiguration.file(of: handle) else { return shared.isEmpty ? nil : [] }
        let sparse = try sparsePatterns() == nil ? ["core.sparsecheckout", "core.sparsecheckoutcone", "index.sparse"] : []
        let own = try ConfigurationFile(onDisk: path).entries(matching: ".")
        if own.filter({ !sparse.contains($0.name) }).map({ [$0.name, $0.value] }) == shared { return nil }
        return try onFiles { () throws(FileError) in try fileContent(path) }
    }

    /// Whether the settings of this worktree alone have a say in what its files hold.
    func ownSettingsConvert() throws(GitError) -> Bool {
        guard let path = try WorktreeConfiguration.file(of: handle) else { return false }
        let names: Set = ["core.autocrlf", "core.eol", "core.attributesfile", "core.symlinks", "core.usereplacerefs"]
        return try ConfigurationFile(onDisk: path).entries(matching: ".").contains { entry in
            // What is included on a condition is not read here.
            names.contains(entry.name) || entry.name.hasPrefix("filter.") || entry.name.hasPrefix("attr.")
                || entry.name.hasPrefix("includeif.")
        }
    }

    func storeExtras(_ extras: KeptExtras, by who: Signature) throws(GitError) -> ObjectID {
        let files = try ScratchIndex.empty()
        if !extras.modes.isEmpty {
            try files.insert(RepositoryPath(KeptExtras.modesName), mode: 0o100644, id: try createBlob(extras.modesFile).raw)
        }
        if let settings = extras.settings {
            try files.insert(RepositoryPath(WorktreeConfiguration.fileName), mode: 0o100644, id: try createBlob(settings).raw)
        }
        if let patterns = extras.patterns {
            let leftOut: [UInt8] = patterns.leftOut.flatMap { $0.bytes + [0] }
            try files.insert(RepositoryPath(SparseCone.fileName), mode: 0o100644, id: try createBlob(patterns.file).raw)
            try files.insert(RepositoryPath(KeptExtras.leftOutName), mode: 0o100644, id: try createBlob(leftOut).raw)
        }
        if !extras.marks.isEmpty {
            try files.insert(RepositoryPath(IndexMarks.fileName), mode: 0o100644, id: try createBlob(extras.marks.file).raw)
        }
        for (path, blob) in extras.bytes {
            try files.insert(RepositoryPath(bytes: Array((KeptExtras.bytesFolder + "/").utf8) + path.bytes), mode: 0o100644, id: blob.raw)
        }
        for (path, blob) in extras.operation.files { try files.insert(path, mode: 0o100644, id: blob.raw) }
        let tree = try files.writeTree(in: self)
        let message =
            "permissions, empty folders, settings, marks and bytes" + (extras.operation.isEmpty ? "" : ", and the operation in progress")
        return try createCommit(tree: tree, parents: [], author: who, committer: who, message: message + "\n")
    }

    /// Puts back the settings of this worktree alone, which this handle does not know then.
    /// - Returns: whether there are any.
    func restoreSettings(_ commit: ObjectID) throws(GitError) -> Bool {
        let place = RepositoryPath(WorktreeConfiguration.fileName)
        guard let file = try entry(at: place, in: try tree(of: commit)) else { return false }
        let settings = try blob(file.id)
        try onFiles { () throws(FileError) in try Folder(opening: gitDirectory).write(settings, to: WorktreeConfiguration.fileName) }
        return true
    }

    /// Puts back what ``storeExtras(_:by:)`` kept, but for the settings.
    func restoreExtras(_ commit: ObjectID) throws(GitError) {
        guard let worktree else { return }
        var extras = KeptExtras()
        var (patterns, leftOut): ([UInt8]?, [RepositoryPath]) = (nil, [])
        for entry in try files(in: try tree(of: commit)) {
            extras.operation.take(entry)
            if entry.path.isInside(RepositoryPath(KeptExtras.bytesFolder)) {
                extras.bytes[RepositoryPath(bytes: entry.path.bytes.dropFirst(KeptExtras.bytesFolder.utf8.count + 1))] = entry.id
            }
            if entry.path == RepositoryPath(IndexMarks.fileName) { extras.marks = IndexMarks(file: try blob(entry.id)) }
            if entry.path == RepositoryPath(KeptExtras.modesName) { extras.read(modesFile: try blob(entry.id)) }
            if entry.path == RepositoryPath(SparseCone.fileName) { patterns = try blob(entry.id) }
            if entry.path == RepositoryPath(KeptExtras.leftOutName) {
                leftOut = try blob(entry.id).split(separator: 0).map { RepositoryPath(bytes: Array($0)) }
            }
        }
        // Before the permissions, which may forbid it.
        try restoreBytes(extras.bytes)
        try restore(extras.marks)
        try onFiles { () throws(FileError) in try extras.restore(in: worktree) }
        if let patterns { try restore(SparsePatterns(file: patterns, leftOut: leftOut)) }
        // Last, when all that it goes on with is there.
        try restoreMailbox(extras.operation)
    }
}
