import CzarGit

/// Which contents Czar wrote into the archives of phases: what else is found in the place of an archive's file is somebody's own.
///
/// A line each in a file of Czar's own folder: the digest, a space, the path below `.czarina`. Noted before the file is written, so that
/// one that was written and one that was not, after a crash, are both known.
struct ArchiveMarks {
    private static let name = "written"
    /// Where the next list is written: whoever holds the archive's lock next replaces what a killed process left there.
    private static let aside = "new"
    /// By path the digests of the last two contents.
    private var digests: [String: [String]] = [:]

    init(in folder: borrowing Folder) throws(FileError) {
        let text = String(decoding: try folder.read(Self.name) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { digests[String(words[1]), default: []].append(String(words[0])) }
        }
    }

    func isOwn(_ bytes: [UInt8], at path: String) -> Bool { digests[path]?.contains(SHA1.hex(of: bytes)) == true }

    mutating func note(_ bytes: [UInt8], at path: String, in folder: borrowing Folder) throws(FileError) {
        let digest = SHA1.hex(of: bytes)
        guard digests[path]?.last != digest else { return }
        digests[path] = (digests[path] ?? []).filter { $0 != digest }.suffix(1) + [digest]
        let lines = digests.sorted { $0.key < $1.key }.flatMap { path, digests in digests.map { "\($0) \(path)\n" } }
        try folder.write(lines.joined().utf8, to: Self.name, durable: false, aside: folder.subfolder(Self.aside, creating: .asParent))
    }
}
