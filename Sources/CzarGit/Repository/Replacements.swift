import CLibgit2
import Glibc

/// Objects that are read in the place of others: the references below `refs/replace`, which libgit2 1.5.1 does not follow.
struct Replacements: Equatable, Sendable {
    private var replacements: [ObjectID: ObjectID] = [:]

    static let none = Replacements()

    var isEmpty: Bool { replacements.isEmpty }

    /// Each original with what stands for it, by original.
    var sorted: [(original: ObjectID, replacement: ObjectID)] {
        replacements.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private init() {}

    /// Those that git would follow now.
    ///
    /// - Complexity: where there are none, one look at a folder and O(log references) in `packed-refs`.
    init(of repository: borrowing Repository) throws(GitError) {
        if try Self.mayExist(repository.commonDirectory), try Self.count(in: repository) { try read(repository) }
    }

    func replaces(_ id: ObjectID) -> Bool { replacements[id] != nil }

    /// The object whose content counts for `id`.
    ///
    /// - Throws: ``GitError`` for a chain of more than five replacements, as git does.
    func resolve(_ id: ObjectID) throws(GitError) -> ObjectID {
        guard !replacements.isEmpty else { return id }
        var current = id
        for _ in 0..<5 {
            guard let next = replacements[current] else { return current }
            current = next
        }
        throw GitError(
            code: .generic, operation: "follow the replace refs of", subject: id.hex, message: "the replacement chain is too long")
    }

    /// Folders that replace one another can lie in themselves; no file system has a path of that length.
    func checkDepth(of folder: some Collection<UInt8>) throws(GitError) {
        guard !isEmpty, folder.count > PATH_MAX else { return }
        throw GitError(
            code: .generic, operation: "follow the replace refs of", subject: escapedForDisplay(folder.prefix(80)) + "...",
            message: "its path is too long: a replaced folder may lie in itself")
    }

    /// Whether the ref files can hold a replace ref: two cheap looks instead of listing all refs.
    private static func mayExist(_ folder: String) throws(GitError) -> Bool {
        if FileIdentity(path: joinPath(folder, "refs/replace")) != nil { return true }
        guard let packed = try MappedFile.open(joinPath(folder, "packed-refs")) else { return false }
        return PackedNames(packed.bytes).contain("refs/replace/")
    }

    /// git's two switches: the variable counts as soon as it is set, whatever its value.
    private static func count(in repository: borrowing Repository) throws(GitError) -> Bool {
        guard getenv("GIT_NO_REPLACE_OBJECTS") == nil else { return false }
        return try repository.configuration().flag("core.usereplacerefs") != false
    }

    private mutating func read(_ repository: borrowing Repository) throws(GitError) {
        let handle = repository.handle
        let iterator = try make("list the references", "refs/replace/*") {
            git_reference_iterator_glob_new(&$0, handle, "refs/replace/*")
        }
        defer { git_reference_iterator_free(iterator) }
        while true {
            var reference: OpaquePointer?
            do throws(GitError) {
                try check("list the references", "refs/replace/*") { git_reference_next(&reference, iterator) }
            } catch {
                if error.code == .iterationOver { return }
                throw error
            }
            defer { git_reference_free(reference) }
            let name = String(cString: git_reference_name(reference))
            // As git, which takes what follows the last slash. What is no object id there replaces nothing: git warns and goes on.
            guard let id = name.split(separator: "/").last, let original = ObjectID(hex: id) else { continue }
            var target: OpaquePointer?
            // A symbolic one that leads nowhere replaces nothing.
            guard git_reference_resolve(&target, reference) == 0 else { continue }
            defer { git_reference_free(target) }
            if let replacement = git_reference_target(target) { replacements[original] = ObjectID(replacement.pointee) }
        }
    }
}

/// The names in a file of packed references.
///
/// Format: git's refs/packed-backend.c; where its first line says `sorted`, the lines are in the order of their names.
private struct PackedNames {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Whether any name begins with `start`.
    /// - Complexity: O(log names) where they are sorted, else O(names).
    func contain(_ start: StaticString) -> Bool {
        var (lower, upper) = (0, bytes.count)
        if isSorted {
            while lower < upper {
                let middle = line(around: lower + (upper - lower) / 2)
                if order(at: middle, start) < 0 { lower = end(of: middle) } else { upper = middle }
            }
            return lower < bytes.count && order(at: lower, start) == 0
        }
        while lower < upper {
            if order(at: lower, start) == 0 { return true }
            lower = end(of: lower)
        }
        return false
    }

    private var isSorted: Bool {
        let first = bytes[..<end(of: 0)]
        return first.first == 0x23 && first.split(separator: 0x20).contains { $0.elementsEqual("sorted".utf8) }
    }

    /// Where the line begins that a byte belongs to; what is told of a tag belongs to its reference.
    private func line(around position: Int) -> Int {
        var start = position
        while start > 0, bytes[start - 1] != 0x0A || bytes[start] == 0x5E { start -= 1 }
        return start
    }

    /// Where the next reference begins.
    private func end(of line: Int) -> Int {
        var position = line
        repeat {
            while position < bytes.count, bytes[position] != 0x0A { position += 1 }
            position += 1
        } while position < bytes.count && bytes[position] == 0x5E
        return min(position, bytes.count)
    }

    /// Zero where a line's name begins with `start`, else how they compare; the first line comes before all names.
    private func order(at line: Int, _ start: StaticString) -> Int32 {
        if bytes[line] == 0x23 { return -1 }
        let name = bytes[min(line + 41, bytes.count)...].prefix(start.utf8CodeUnitCount).prefix { $0 != 0x0A }
        let wanted = UnsafeBufferPointer(start: start.utf8Start, count: start.utf8CodeUnitCount)
        if name.elementsEqual(wanted) { return 0 }
        return name.lexicographicallyPrecedes(wanted) ? -1 : 1
    }
}
