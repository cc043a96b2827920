import CLibgit2
import Glibc

/// When a file counts as what its index entry says, by its stat data alone: git's `ce_match_stat_basic` and `ie_modified`.
struct StatRules: Sendable {
    enum Verdict: Sendable {
        case unchanged, modified, typeChanged
        /// The content has to be looked at.
        case undecided
    }

    let trustsExecutableBit: Bool
    let hasLinks: Bool
    let trustsChangeTime: Bool
    /// `core.checkStat=minimal`: only whole seconds and sizes.
    let isMinimal: Bool

    init(_ settings: borrowing ConfigurationFile) throws(GitError) {
        trustsExecutableBit = try settings.flag("core.filemode") ?? true
        hasLinks = try settings.flag("core.symlinks") ?? true
        trustsChangeTime = try settings.flag("core.trustctime") ?? true
        isMinimal = try settings.text("core.checkstat")?.lowercased() == "minimal"
    }

    /// What the stat data of something that is no folder say of it.
    func verdict(_ entry: IndexFile.Entry, in index: IndexFile, _ info: stat) -> Verdict {
        let mode = index.mode(entry)
        let isLink = mode & S_IFMT == S_IFLNK
        switch info.st_mode & S_IFMT {
        case S_IFREG:
            if isLink, hasLinks { return .typeChanged }
            if !isLink, trustsExecutableBit, (mode ^ info.st_mode) & 0o100 != 0 { return .modified }
        case S_IFLNK: if !isLink { return .typeChanged }
        // git takes pipes, sockets and devices for plain files that differ.
        default: return isLink ? .typeChanged : .modified
        }
        let recorded = index.word(entry, 36)
        if recorded != Self.size(info) { return recorded == 0 ? .undecided : .modified }
        return hasSameTimes(entry, index, info) && !isRacy(entry, index) ? .unchanged : .undecided
    }

    /// As git keeps sizes: a multiple of 4 GiB must not look empty.
    private static func size(_ info: stat) -> UInt32 {
        let size = UInt32(truncatingIfNeeded: info.st_size)
        return size == 0 && info.st_size != 0 ? 0x8000_0000 : size
    }

    private func hasSameTimes(_ entry: IndexFile.Entry, _ index: IndexFile, _ info: stat) -> Bool {
        guard isSame(index.word(entry, 8), index.word(entry, 12), info.st_mtim) else { return false }
        if isMinimal { return true }
        if trustsChangeTime, !isSame(index.word(entry, 0), index.word(entry, 4), info.st_ctim) { return false }
        return index.word(entry, 20) == UInt32(truncatingIfNeeded: info.st_ino) && index.word(entry, 28) == info.st_uid
            && index.word(entry, 32) == info.st_gid
    }

    /// A tool that keeps whole seconds only writes no nanoseconds.
    private func isSame(_ seconds: UInt32, _ nanoseconds: UInt32, _ time: timespec) -> Bool {
        guard seconds == UInt32(truncatingIfNeeded: time.tv_sec) else { return false }
        return isMinimal || nanoseconds == 0 || nanoseconds == UInt32(time.tv_nsec)
    }

    /// Whether the file could have been changed in the same tick of the clock in which the index was written.
    private func isRacy(_ entry: IndexFile.Entry, _ index: IndexFile) -> Bool {
        let (seconds, nanoseconds) = (Int64(index.word(entry, 8)), Int64(index.word(entry, 12)))
        let billion: Int64 = 1_000_000_000
        if isMinimal || nanoseconds == 0 || index.written % billion == 0 { return seconds >= index.written / billion }
        return seconds * billion + nanoseconds >= index.written
    }
}
