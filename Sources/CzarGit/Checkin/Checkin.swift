import CLibgit2
import Glibc
import SystemPackage

/// The files of one worktree as git would store them: encoding, line ends and `ident` as their attributes ask for, links as their targets.
///
/// The attributes are those that count for `git add`: of a folder's own file, else of the index. Filters with a command and encodings that
/// are not known are not run: such a file is stored as it is (``CommitFilters`` names them). One thread at a time.
struct Checkin {
    private let root: FolderReader
    private let attributes: AttributeReader
    private let refusesLoss: Bool
    private let roundTrips: RoundTrips
    private let countsModes: Bool
    private let makesLinks: Bool
    /// Whether any attribute asks for another encoding of some file.
    let knowsEncodings: Bool

    /// For files at these paths; `index` answers the blob that the index has at a path.
    /// - Complexity: O(folders on the way to the paths).
    init(
        of repository: borrowing Repository, concerning paths: [RepositoryPath], index: (RepositoryPath) throws(GitError) -> ObjectID?
    ) throws(GitError) {
        let worktree = repository.worktree ?? repository.gitDirectory
        root = try onFiles { () throws(FileError) in try FolderReader(opening: worktree) }
        let settings = try CheckoutSettings(repository)
        let sources = try AttributeSources(of: repository, concerning: paths, settings, index: index)
        attributes = AttributeReader(settings, sources)
        knowsEncodings = sources.name("working-tree-encoding")
        makesLinks = settings.makesLinks
        countsModes = try repository.configFlag("core.filemode") ?? true
        roundTrips = RoundTrips(try repository.configValue("core.checkroundtripencoding"))
        // What only warns is written all the same.
        let warns = try repository.configValue("core.safecrlf")?.lowercased() == "warn"
        refusesLoss = try warns ? false : repository.configFlag("core.safecrlf") ?? false
    }

    /// Whether the file is stored in another encoding than it is written in.
    func decodes(_ path: RepositoryPath) -> Bool { attributes.checkin(of: path.bytes).encoding != nil }

    /// The mode that an index entry of a file or link gets; `known` is the one that it has.
    func mode(of facts: stat, known: UInt32?) -> UInt32 {
        guard facts.st_mode & S_IFMT == S_IFREG else { return 0o120000 }
        if !makesLinks, known == 0o120000 { return 0o120000 }
        if !countsModes { return known == 0o100755 ? 0o100755 : 0o100644 }
        return facts.st_mode & 0o100 != 0 ? 0o100755 : 0o100644
    }

    /// The id of the blob that git would make of a file; `known` is the one that the index has for it.
    /// - Complexity: O(bytes), in memory up to ``largest`` or where they are converted.
    func id(of path: RepositoryPath, known: ObjectID?, in repository: borrowing Repository) throws(GitError) -> ObjectID {
        try withContent(of: path, known: known, in: repository) { (content) throws(GitError) in
            var id = git_oid()
            switch content {
            case .bytes(let bytes):
                try check("hash", path.description) {
                    bytes.withUnsafeBytes { git_odb_hash(&id, $0.baseAddress, $0.count, GIT_OBJECT_BLOB) }
                }
            case .large(let file, _):
                // Through the open file: its name could be another one's by now.
                try check("hash", path.description) { git_odb_hashfile(&id, "/proc/self/fd/\(file)", GIT_OBJECT_BLOB) }
            }
            return ObjectID(id)
        }
    }

    /// Stores the blob that git would make of a file.
    ///
    /// `anyway`: as it is, where `core.safecrlf` refuses its line ends, or git its encoding; else that is an error.
    func store(
        _ path: RepositoryPath, known: ObjectID?, in repository: borrowing Repository, anyway: Bool = false
    ) throws(GitError) -> ObjectID {
        try withContent(of: path, known: known, in: repository, checking: anyway ? .keepingAsIs : .refusing) { (content) throws(GitError) in
            switch content {
            case .bytes(let bytes): return try repository.createBlob(bytes)
            case .large(let file, let size): return try repository.createBlob(from: file, size, of: path)
            }
        }
    }

    /// What a file holds, where a checkout of the blob that was made of it does not give that back; nil where it does.
    ///
    /// `replacement`: what is read in the blob's place, itself where nothing is; `written`: what its attributes ask for at a checkout.
    /// - Complexity: O(bytes), in memory, which a large file that is not converted takes once; nothing where no conversion is asked for.
    func bytes(
        of path: RepositoryPath, lostIn stored: ObjectID, replacedBy replacement: ObjectID, writtenBy written: TextConversion,
        isFiltered: Bool, in repository: borrowing Repository
    ) throws(GitError) -> [UInt8]? {
        if !isFiltered, stored == replacement, attributes.checkin(of: path.bytes).isEmpty, written == TextConversion() { return nil }
        guard let bytes = try root.content(of: path.bytes) else { return nil }
        var id = git_oid()
        try check("hash", path.description) {
            bytes.withUnsafeBytes { git_odb_hash(&id, $0.baseAddress, $0.count, GIT_OBJECT_BLOB) }
        }
        let blob = try ObjectID(id) == replacement ? bytes : repository.blob(replacement)
        return (blob.withUnsafeBytes { written.apply(to: $0, of: stored).bytes } ?? blob) == bytes ? nil : bytes
    }

    /// Larger files that are not converted are not held in memory.
    private static let largest = 32 << 20

    // MARK: - Content

    private enum Content {
        case bytes([UInt8])
        /// An open file, at its start, and its size.
        case large(Int32, Int)
    }

    private enum Loss { case allowed, refusing, keepingAsIs }

    private func withContent(
        of path: RepositoryPath, known: ObjectID?, in repository: borrowing Repository, checking loss: Loss = .allowed,
        _ body: (Content) throws(GitError) -> ObjectID
    ) throws(GitError) -> ObjectID {
        guard let file = try root.open(path.bytes) else {
            guard let target = root.linkTarget(path) else {
                throw GitError(code: .modified, operation: "read", subject: path.description, message: "it changed meanwhile")
            }
            return try body(.bytes(target))
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw GitError(code: .generic, operation: "read", subject: path.description, message: "it is no plain file")
        }
        let conversion = attributes.checkin(of: path.bytes)
        if conversion.isEmpty, info.st_size > Self.largest { return try body(.large(file, Int(info.st_size))) }
        let content = try onFiles { () throws(FileError) in try readAll(file, joinPath(root.path, path.description)) }
        guard !conversion.isEmpty else { return try body(.bytes(content)) }
        let decoded = conversion.encoding.map { decode(content, $0, checksRoundTrip: loss != .allowed) } ?? content
        if decoded == nil, loss == .keepingAsIs { return try body(.bytes(content)) }
        if decoded == nil, loss == .refusing {
            let name = conversion.encoding?.name ?? ""
            throw GitError(
                code: .cannotStore, operation: "store", subject: path.description,
                message: "it is not in \(name), which its attribute working-tree-encoding asks for; write it in that encoding")
        }
        // As git, which compares what it cannot decode as it is.
        let bytes = decoded ?? content
        var answer: Bool?
        func hasReturnsInIndex() throws(GitError) -> Bool {
            if let answer { return answer }
            let found = try known.map { (id) throws(GitError) in try repository.hasTextWithReturns(id) } ?? false
            answer = found
            return found
        }
        if refusesLoss, loss != .allowed {
            let written = attributes.wanted(for: path.bytes).conversion.lineEnds
            if try conversion.losesLineEnds(of: bytes, writtenAs: written, hasReturnsInIndex: hasReturnsInIndex) {
                if loss == .keepingAsIs { return try body(.bytes(content)) }
                throw GitError(
                    code: .cannotStore, operation: "store", subject: path.description,
                    message: "its line ends would be replaced, which core.safecrlf forbids")
            }
        }
        return try body(.bytes(try conversion.apply(to: bytes, hasReturnsInIndex: hasReturnsInIndex) ?? bytes))
    }

    /// In UTF-8; nil where git refuses to store it.
    private func decode(_ bytes: [UInt8], _ encoding: WorkingTreeEncoding, checksRoundTrip: Bool) -> [UInt8]? {
        guard let decoded = bytes.withUnsafeBytes({ encoding.decode($0) }) else { return nil }
        guard checksRoundTrip, roundTrips.areChecked(of: encoding.name) else { return decoded }
        return decoded.withUnsafeBytes { encoding.encode($0) } == bytes ? decoded : nil
    }
}

extension Repository {
    /// Whether a blob is text whose lines end with carriage returns.
    fileprivate func hasTextWithReturns(_ id: ObjectID) throws(GitError) -> Bool {
        let bytes: [UInt8]
        // As git: a blob that is not there says nothing.
        do throws(GitError) { bytes = try blob(id) } catch { return false }
        guard bytes.contains(0x0D) else { return false }
        let statistics = TextStatistics(bytes)
        return statistics.pairs > 0 && !statistics.isBinary
    }

    /// Stores what is left of an open file, piece by piece.
    fileprivate func createBlob(from file: Int32, _ size: Int, of path: RepositoryPath) throws(GitError) -> ObjectID {
        let database = try make("open the objects of", commonDirectory) { git_repository_odb(&$0, handle) }
        defer { git_odb_free(database) }
        var opened: UnsafeMutablePointer<git_odb_stream>?
        try check("store a blob in", commonDirectory) { git_odb_open_wstream(&opened, database, git_object_size_t(size), GIT_OBJECT_BLOB) }
        defer { git_odb_stream_free(opened) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in retryingInterrupts { read(file, bytes.baseAddress!, bytes.count) } }
            guard count >= 0 else { throw GitError(FileError("read", path.description)) }
            if count == 0 { break }
            try check("store a blob in", commonDirectory) {
                buffer.withUnsafeBytes { git_odb_stream_write(opened, $0.baseAddress!.assumingMemoryBound(to: CChar.self), count) }
            }
        }
        var id = git_oid()
        // Fails where the file grew or shrank meanwhile.
        try check("store", path.description) { git_odb_stream_finalize_write(&id, opened) }
        return ObjectID(id)
    }
}
