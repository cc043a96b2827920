import Glibc
import Synchronization
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

    /// Whether a stamp is of this moment or a later one.
    fileprivate func isBefore(_ time: timespec) -> Bool { FileMoment(time).nanoseconds >= nanoseconds }

    /// Whether a stamp is of a time that has not come yet.
    fileprivate static func isAhead(_ time: timespec) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return FileMoment(time).nanoseconds > FileMoment(now).nanoseconds
    }
}

/// What was written into a tree after somebody looked at it for the last time. A removal leaves it where it is.
struct LateWrites {
    private struct File: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// Files of several names, of which a removal of this process has taken one: that changes the stamps of the rest, in other trees too.
    private static let touched = Mutex<Set<File>>([])

    private let since: FileMoment
    /// Where they are below the tree, as they are shown; a folder that was moved there ends with a slash.
    private(set) var files: [String] = []

    init(since: FileMoment) { self.since = since }

    /// Whether the file stays. What changes it, or gives it this name, changes its `ctime`; where a removal of this process has taken
    /// another of its names, that did, and the content's own time counts, which anybody may have set ahead.
    mutating func keeps(_ info: stat, _ path: String) -> Bool {
        let file = File(device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
        let isLate = Self.touched.withLock { touched in
            let isLate =
                touched.contains(file)
                ? since.isBefore(info.st_mtim) && !FileMoment.isAhead(info.st_mtim) : since.isBefore(info.st_ctim)
            // It goes now; with its last name its number may become another file's.
            if !isLate, info.st_nlink > 1 { touched.insert(file) } else if !isLate { touched.remove(file) }
            return isLate
        }
        if isLate { files.append(path) }
        return isLate
    }

    /// Whether a folder stays with all that is in it: moved there, its `ctime` is late, and the times of its files tell nothing. What is
    /// written into a folder, or removed from it, changes its `mtime` too.
    mutating func keepsFolder(_ info: stat, _ path: String) -> Bool {
        guard since.isBefore(info.st_ctim), !since.isBefore(info.st_mtim) else { return false }
        files.append(path + "/")
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
        // The tree's own folder was renamed by whoever removes it.
        if !path.isEmpty, late.keepsFolder(info, path) { return }
        let before = late.files.count
        let child = try openToEmpty(name + [0])
        for entry in try child.entries() {
            let shown = escapedForDisplay(entry)
            try child.removeTree(entry, below: path.isEmpty ? shown : path + "/" + shown, keeping: &late)
        }
        if late.files.count == before { try removeEmptied(name + [0]) }
    }
}
