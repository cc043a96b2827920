import Glibc
import SystemPackage

/// A moment in the time that files are stamped with: what was written before has an earlier stamp, what is written after has not.
package struct FileMoment: Hashable, Sendable {
    /// Since 1970.
    let nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The beginning of the next tick of the clock that the kernel stamps files with: within one tick nobody can tell before from after.
    /// Nothing tells of a tick, so its few milliseconds are slept through.
    package static func next() -> FileMoment {
        let before = now()
        var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
        while now() == before { nanosleep(&pause, nil) }
        return now()
    }

    private static func now() -> FileMoment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return FileMoment(time)
    }

    private init(_ time: timespec) { nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }

    /// Whether a file was written, or got a name, since.
    fileprivate func isBefore(_ time: timespec) -> Bool { FileMoment(time).nanoseconds >= nanoseconds }
}

/// What was written into a tree after somebody looked at it for the last time. A removal leaves it where it is.
struct LateWrites {
    private let since: FileMoment
    /// Files of several names, of which the removal has taken one: that changes the stamp of the rest.
    private var touched: Set<UInt64> = []
    /// Where they are below the tree, as they are shown.
    private(set) var files: [String] = []

    init(since: FileMoment) { self.since = since }

    /// Whether the file stays.
    mutating func keeps(_ info: stat, _ path: String) -> Bool {
        let isRenamed = since.isBefore(info.st_ctim) && !touched.contains(UInt64(info.st_ino))
        guard isRenamed || since.isBefore(info.st_mtim) else {
            if info.st_nlink > 1 { touched.insert(UInt64(info.st_ino)) }
            return false
        }
        files.append(path)
        return true
    }
}

extension Folder {
    /// Removes the tree `name` like ``removeTree(_:)``, but for files that were written late, and the folders of those.
    ///
    /// - Complexity: O(entries), one look and one removal each.
    func removeTree(_ name: String, keeping late: inout LateWrites) throws(FileError) {
        try removeTree(Array(name.utf8), below: "", keeping: &late)
    }

    private func removeTree(_ name: [UInt8], below path: String, keeping late: inout LateWrites) throws(FileError) {
        guard let info = try status(of: name) else { return }
        guard info.st_mode & S_IFMT == S_IFDIR else {
            if late.keeps(info, path) { return }
            return try removeTree(name + [0])
        }
        let before = late.files.count
        let child = try openToEmpty(name + [0])
        for entry in try child.entries() {
            let shown = escapedForDisplay(entry)
            try child.removeTree(entry, below: path.isEmpty ? shown : path + "/" + shown, keeping: &late)
        }
        if late.files.count == before { try removeEmptied(name + [0]) }
    }
}
