/// Which names git refuses to put into an index, because writing them could reach into a repository's own folder.
///
/// The rules of git's `verify_path` (read-cache.c, path.c, utf8.c) for one component at a time.
struct PathRules: Equatable, Sendable {
    let protectsHFS: Bool
    let protectsNTFS: Bool

    /// Whether git would check out an entry of this name.
    func allows(_ name: UnsafeBufferPointer<UInt8>, isLink: Bool) -> Bool {
        guard let first = name.first, !name.contains(0x2F) else { return false }
        // Nearly every name ends here: a dangerous one starts with a dot or `g`, or holds a backslash or a byte beyond ASCII.
        let isPlain = first != 0x2E && first | 0x20 != 0x67
        if isPlain && !(protectsNTFS && name.contains(0x5C)) && !(protectsHFS && first >= 0x80) { return true }
        return isSafe(Array(name), isLink: isLink)
    }

    /// A path up to its first name that no index may hold; nil where git takes all of them.
    ///
    /// No checkout makes a link that is called as `.gitmodules` is on any system, whatever the settings.
    func refusedPart(of path: RepositoryPath, isLink: Bool) -> RepositoryPath? {
        var start = 0
        for part in path.bytes.split(separator: 0x2F, omittingEmptySubsequences: false) {
            let end = start + part.count
            let isLast = end == path.bytes.count
            let isAllowed = Array(part).withUnsafeBufferPointer { name in
                allows(name, isLink: false)
                    && (!isLink || !isLast || PathRules(protectsHFS: true, protectsNTFS: true).allows(name, isLink: true))
            }
            if !isAllowed { return RepositoryPath(bytes: path.bytes[..<end]) }
            start = end + 1
        }
        return nil
    }

    private func isSafe(_ name: [UInt8], isLink: Bool) -> Bool {
        let lower = name.map(lowercased)
        if lower == dot || lower == dot + dot || lower == dotGit || (isLink && lower == dotGitModules) { return false }
        if protectsHFS {
            let folded = foldedAsOnHFS(name)
            if folded == dotGit || (isLink && folded == dotGitModules) { return false }
        }
        guard protectsNTFS else { return true }
        // A backslash separates folders on Windows; git looks at what follows each one on every system.
        for part in name.split(separator: 0x5C, omittingEmptySubsequences: false)
        where isDotGitOnNTFS(Array(part)) || (isLink && isDotGitModulesOnNTFS(Array(part))) {
            return false
        }
        return true
    }
}

private let dot: [UInt8] = [0x2E]
private let dotGit = Array(".git".utf8)
private let dotGitModules = Array(".gitmodules".utf8)

private func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

/// Code points that HFS+ leaves out when it compares names.
private let ignoredOnHFS: Set<UInt32> = [
    0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x206A, 0x206B, 0x206C, 0x206D, 0x206E, 0x206F, 0xFEFF,
]

private func foldedAsOnHFS(_ name: [UInt8]) -> [UInt8]? {
    guard let text = String(validating: name, as: UTF8.self) else { return nil }
    var result: [UInt8] = []
    for scalar in text.unicodeScalars where !ignoredOnHFS.contains(scalar.value) {
        // All that is compared with is ASCII.
        guard scalar.isASCII else { return nil }
        result.append(lowercased(UInt8(scalar.value)))
    }
    return result
}

/// `.git` or `git~1`, followed by nothing but spaces and dots up to the end or a stream's colon.
private func isDotGitOnNTFS(_ name: [UInt8]) -> Bool {
    let lower = name.map(lowercased)
    for start in [dotGit, Array("git~1".utf8)] where lower.starts(with: start) { return endsQuietly(lower, from: start.count) }
    return false
}

private func isDotGitModulesOnNTFS(_ name: [UInt8]) -> Bool {
    let lower = name.map(lowercased)
    if lower.starts(with: dotGitModules) { return endsQuietly(lower, from: dotGitModules.count) }
    if lower.count >= 8, lower.starts(with: Array("gitmod~".utf8)), (0x31...0x34).contains(lower[7]) { return endsQuietly(lower, from: 8) }
    // Short names beyond ~4 are made of a hash that starts with gi7eba.
    let short = Array("gi7eba".utf8)
    guard lower.count >= 8 else { return false }
    var index = 0
    while index < 8, lower[index] != 0x7E {
        guard index < 6, lower[index] == short[index] else { return false }
        index += 1
    }
    guard index < 7, (0x31...0x39).contains(lower[index + 1]) else { return false }
    guard lower[(index + 2)..<8].allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
    return endsQuietly(lower, from: 8)
}

private func endsQuietly(_ name: [UInt8], from start: Int) -> Bool {
    for byte in name[start...] {
        if byte == 0x3A { return true }
        if byte != 0x20 && byte != 0x2E { return false }
    }
    return true
}
