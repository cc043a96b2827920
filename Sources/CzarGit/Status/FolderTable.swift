import Glibc

/// The folders that an index's entries lie in, with what each holds directly.
///
/// Entries are sorted by their whole paths, so that a folder's entries, those of its subfolders among them, stand together.
struct FolderTable: Sendable {
    /// One folder. Its path is the start of its first entry's.
    struct Folder: Sendable {
        let firstEntry: Int32
        /// With the slash at its end; 0 for the root.
        let pathLength: Int32
        /// Where the name starts in the path.
        let nameStart: Int32
        fileprivate(set) var files: Range<Int> = 0..<0
        fileprivate(set) var subfolders: Range<Int> = 0..<0
    }

    let index: IndexFile
    /// The root is the first; a folder comes before those in it.
    let folders: [Folder]
    /// Numbers of entries, by folder and then by name.
    let files: [Int32]
    /// Numbers of folders, by the folder around them and then by name as if it ended with a slash.
    let subfolders: [Int32]

    /// - Complexity: O(entries).
    init(_ index: IndexFile) {
        self.index = index
        var folders = [Folder(firstEntry: 0, pathLength: 0, nameStart: 0)]
        var parents: [Int32] = [-1]
        var folderOf = [Int32](repeating: 0, count: index.entries.count)
        var open: [Int32] = [0]
        var previous = UnsafeRawBufferPointer(start: nil, count: 0)
        for (number, entry) in index.entries.enumerated() {
            let path = index.pathBytes(entry)
            while let length = open.last.map({ Int(folders[Int($0)].pathLength) }), length > 0 {
                if path.count > length, memcmp(path.baseAddress!, previous.baseAddress!, length) == 0 { break }
                open.removeLast()
            }
            var start = Int(folders[Int(open.last!)].pathLength)
            while let slash = memchr(path.baseAddress! + start, 0x2F, path.count - start) {
                let length = UnsafeRawPointer(slash) - path.baseAddress! + 1
                parents.append(open.last!)
                open.append(Int32(folders.count))
                folders.append(Folder(firstEntry: Int32(number), pathLength: Int32(length), nameStart: Int32(start)))
                start = length
            }
            folderOf[number] = open.last!
            previous = path
        }
        files = Self.group(folderOf, into: folders.count) { (folder, range) in folders[folder].files = range }
        var subfolders = Self.group(Array(parents.dropFirst()), into: folders.count) { (folder, range) in folders[folder].subfolders = range
        }
        // The root is in no folder, so the numbers of the others start at one.
        for number in subfolders.indices { subfolders[number] += 1 }
        (self.folders, self.subfolders) = (folders, subfolders)
    }

    /// The numbers 0… ordered by their group, each group's range told.
    private static func group(_ groups: [Int32], into count: Int, _ tell: (Int, Range<Int>) -> Void) -> [Int32] {
        var starts = [Int32](repeating: 0, count: count + 1)
        for group in groups { starts[Int(group) + 1] += 1 }
        for group in 0..<count { starts[group + 1] += starts[group] }
        for group in 0..<count { tell(group, Int(starts[group])..<Int(starts[group + 1])) }
        var result = [Int32](repeating: 0, count: groups.count)
        for (number, group) in groups.enumerated() {
            result[Int(starts[Int(group)])] = Int32(number)
            starts[Int(group)] += 1
        }
        return result
    }

    func entry(_ number: Int32) -> IndexFile.Entry { index.entries[Int(number)] }

    /// The folder's path with the slash at its end.
    func path(_ folder: Folder) -> UnsafeRawBufferPointer {
        guard folder.pathLength > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: index.pathBytes(entry(folder.firstEntry))[..<Int(folder.pathLength)])
    }

    /// The folder's name, without a slash.
    func name(_ folder: Folder) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: path(folder)[Int(folder.nameStart)..<(Int(folder.pathLength) - 1)])
    }

    /// The first of the entries of this name directly in a folder: a conflict has several.
    /// - Complexity: O(log n) comparisons.
    func file(_ name: UnsafeRawBufferPointer, in folder: Folder) -> Int32? {
        let skipped = Int(folder.pathLength)
        var range = folder.files
        while let low = range.first {
            let middle = low + range.count / 2
            let bytes = index.pathBytes(entry(files[middle]))
            let order = compare(UnsafeRawBufferPointer(rebasing: bytes[skipped...]), name, end: 0)
            if order < 0 { range = (middle + 1)..<range.upperBound } else { range = low..<middle }
        }
        let found = range.lowerBound
        guard found < folder.files.upperBound else { return nil }
        let bytes = index.pathBytes(entry(files[found]))
        return bytes.count == skipped + name.count && memcmp(bytes.baseAddress! + skipped, name.baseAddress!, name.count) == 0
            ? files[found] : nil
    }

    /// The first of the entries at a path.
    /// - Complexity: O(depth × log n) comparisons.
    func file(at path: RepositoryPath) -> Int32? {
        path.bytes.withUnsafeBytes { bytes in
            var folder = folders[0]
            var start = 0
            while let slash = bytes[start...].firstIndex(of: 0x2F) {
                guard let next = subfolder(UnsafeRawBufferPointer(rebasing: bytes[start..<slash]), in: folder) else { return nil }
                (folder, start) = (folders[Int(next)], slash + 1)
            }
            return file(UnsafeRawBufferPointer(rebasing: bytes[start...]), in: folder)
        }
    }

    /// The subfolder of this name.
    /// - Complexity: O(log n) comparisons.
    func subfolder(_ wanted: UnsafeRawBufferPointer, in folder: Folder) -> Int32? {
        var range = folder.subfolders
        while let low = range.first {
            let middle = low + range.count / 2
            let order = compare(name(folders[Int(subfolders[middle])]), wanted, end: 0x2F)
            if order == 0 { return subfolders[middle] }
            if order < 0 { range = (middle + 1)..<range.upperBound } else { range = low..<middle }
        }
        return nil
    }

    /// The order of two names, as if `end` stood behind each.
    private func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, end: Int) -> Int {
        let common = min(left.count, right.count)
        let order = Int(memcmp(left.baseAddress!, right.baseAddress!, common))
        if order != 0 || left.count == right.count { return order }
        return (left.count > common ? Int(left[common]) : end) - (right.count > common ? Int(right[common]) : end)
    }
}
