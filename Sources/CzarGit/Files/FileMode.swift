import Glibc

/// The permissions of a file or folder that is about to be made.
package enum FileMode: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// What the process's mask leaves of these bits, as for any file of the user's.
    case masked(mode_t)
    /// These bits, whatever the mask takes away: others who share the repository count on them.
    case exactly(mode_t)
    /// As open as the folder that it is made in: to the owner alone, unless that folder is shared.
    case asParent

    package init(integerLiteral bits: mode_t) { self = .masked(bits) }

    /// The bits to ask the system for; ``asParent`` is resolved first.
    var bits: mode_t {
        switch self {
        case .masked(let bits), .exactly(let bits): bits
        case .asParent: 0o600
        }
    }

    /// The same mode without ``asParent``. A shared folder passes its group on (`S_ISGID`), which is how one is told.
    func resolved(in parent: mode_t, isFolder: Bool) -> FileMode {
        guard self == .asParent else { return self }
        guard parent & S_ISGID != 0 else { return .masked(isFolder ? 0o700 : 0o600) }
        return .exactly(isFolder ? parent & 0o7777 : parent & 0o666)
    }
}

/// Who may read and write what Czar makes for itself: its owner, or whom `core.sharedRepository` lets in.
package struct OwnFiles: Hashable, Sendable {
    package let file: FileMode
    package let folder: FileMode
    /// Whether the setting is a mode, and no word for whom to add.
    private let isMode: Bool

    /// The owner alone.
    package static let unshared = OwnFiles(file: 0o600, folder: 0o700, isMode: false)

    private init(file: FileMode, folder: FileMode, isMode: Bool) { (self.file, self.folder, self.isMode) = (file, folder, isMode) }

    /// Reads the setting as git does (git-config(1)): a boolean, `group`, `all` or an octal mode; any other value is git's to refuse.
    package init(sharedRepository value: String?) {
        let file: mode_t
        var isMode = false
        switch value?.lowercased() {
        case "group", "true", "yes", "on", "1": file = 0o660
        case "all", "world", "everybody", "2": file = 0o664
        case let text?: (file, isMode) = ((mode_t(text, radix: 8) ?? 0) & 0o666, true)
        case nil: file = 0
        }
        // As in git, a mode that locks the owner out, or lets nobody else in, shares nothing.
        guard file & 0o600 == 0o600, file & 0o066 != 0 else {
            self = .unshared
            return
        }
        self.init(file: .exactly(file), folder: .exactly(file | (file & 0o444) >> 2 | S_ISGID), isMode: isMode)
    }

    /// What git makes of the mode of a file or folder of its own (`calc_shared_perm` in its path.c); nil where nothing is shared.
    fileprivate func shared(_ mode: mode_t) -> mode_t? {
        guard case .exactly(var bits) = file else { return nil }
        if mode & 0o200 == 0 { bits &= ~0o222 }
        if mode & 0o100 != 0 { bits |= (bits & 0o444) >> 2 }
        return (isMode ? mode & ~0o777 : mode) | bits | (mode & S_IFMT == S_IFDIR ? S_ISGID : 0)
    }
}

extension Folder {
    /// Opens a file or folder of git's, which was made just now, to those with whom git shares the repository.
    func share(_ name: String, with others: OwnFiles) throws(FileError) {
        guard let mode = try status(of: Array(name.utf8))?.st_mode, let wanted = others.shared(mode), wanted != mode else { return }
        guard fchmodat(descriptor, name, wanted & 0o7777, 0) == 0 else { throw FileError("share", join(name)) }
    }
}
