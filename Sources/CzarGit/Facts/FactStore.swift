import Glibc

/// Facts about a repository's objects, kept from one process to the next.
///
/// Every fact is named by all that it depends on, so none is ever stale. Reads come from one mapped file; what is new stays in memory
/// until ``save()`` merges it with whatever another process has written meanwhile. Two processes that save at the same moment may lose
/// facts of one of them, which costs time, never truth. The file is at most 32 MB: those used longest ago go first.
struct FactStore: Sendable {
    private static let limit = 32 << 20

    private let folder: CacheFolder?
    private let path: String
    private var file: FactFile?
    private var fresh: [FactKey: [UInt8]] = [:]
    private var used: Set<FactKey> = []
    /// Why the file could not be used or written, for a debug log.
    private(set) var diagnostics: [String] = []

    /// The facts of a repository; without a folder nothing outlives this value.
    init(_ folder: CacheFolder?, commonDirectory: String) {
        self.folder = folder
        path = folder?.file("facts", commonDirectory: commonDirectory) ?? ""
        file = read()
    }

    private mutating func read() -> FactFile? {
        guard folder != nil else { return nil }
        do {
            guard let mapped = try MappedFile.open(path) else { return nil }
            if let file = FactFile(mapped) { return file }
            note("the cache '\(path)' is damaged and not used")
        } catch {
            note(error.description)
        }
        return nil
    }

    private mutating func note(_ line: String) {
        // A daemon that can never write says so once, not every time.
        if diagnostics.last != line { diagnostics.append(line) }
    }

    /// The facts on disk, when last looked.
    var onDisk: FactFile? { file }

    mutating func value(_ key: FactKey) -> [UInt8]? {
        if let value = fresh[key] { return value }
        guard let value = file?[key] else { return nil }
        used.insert(key)
        return value
    }

    /// Values of 64 KB and more are not worth keeping.
    mutating func keep(_ value: [UInt8], for key: FactKey) {
        guard value.count <= UInt16.max else { return }
        fresh[key] = value
    }

    /// Writes what is new. A cache that cannot be written is no error: what is new then stays in memory.
    mutating func save() {
        guard let folder, !fresh.isEmpty else { return }
        file = read()
        do {
            try folder.store(FactRow.file(merged()), at: path)
            (fresh, used) = ([:], [])
            file = read()
        } catch {
            note(error.description)
        }
    }

    /// What is on disk and what is new, by key, within the limit.
    private func merged() -> [FactRow] {
        let today = UInt16(truncatingIfNeeded: time(nil) / 86400)
        var rows = fresh.map { FactRow(key: $0.key, day: today, value: $0.value) }
        if let file {
            for number in 0..<file.count {
                let key = file.key(number)
                guard fresh[key] == nil else { continue }
                rows.append(FactRow(key: key, day: used.contains(key) ? today : file.day(number), value: file.value(number)))
            }
        }
        if rows.reduce(0, { $0 + $1.size }) > Self.limit { rows = Self.newest(rows, within: Self.limit / 4 * 3) }
        return rows.sorted { $0.key < $1.key }
    }

    private static func newest(_ rows: [FactRow], within limit: Int) -> [FactRow] {
        var size = 0
        return Array(
            rows.sorted { $0.day > $1.day }.prefix {
                size += $0.size; return size <= limit
            })
    }
}
