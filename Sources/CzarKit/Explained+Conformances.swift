import CzarGit
import CzarPlanning
import SystemPackage

// What the other areas' errors mean for a person: one place, so that the same fault has the same exit code everywhere.

extension DiscoveryError: Explained {
    package var kind: FailureKind {
        switch self {
        case .noRepository, .noFolder, .brokenLink: .missing
        case .foreignOwner: .refused
        case .notUTF8, .git: .unavailable
        }
    }
    package var remedy: String? {
        if case .git(let error) = self { return error.remedy }
        return wayOut
    }
}

extension GitError: Explained {
    package var kind: FailureKind {
        if code == .noSpace { return .cannotCreate }
        if let isReading { return isReading ? .unavailable : .cannotCreate }
        return switch code {
        case .notFound: .missing
        case .locked: .busy
        case .foreignOwner, .cannotStore: .refused
        case .exists, .invalidName, .conflict: .cannotCreate
        default: .unavailable
        }
    }
    package var remedy: String? {
        switch code {
        case .noSpace: DiskSpace.remedy(for: subject)
        case .denied: ShellText.line(["ls", "-ld", existingPath(nearestTo: subject)])
        case .readOnly: ReadOnlyDisk.remedy(for: subject)
        case .locked where message.hasSuffix(Self.holderUnknown): "czar doctor"
        case .cannotStore: "git status"
        case _ where message.hasSuffix(OpenFiles.reason): OpenFiles.remedy
        case _ where message.hasSuffix(Self.denial): ShellText.line(["ls", "-ld", existingPath(nearestTo: namedPath ?? subject)])
        default: nil
        }
    }

    /// libgit2 keeps it only as words, at the end of its own.
    private static let denial = Errno.permissionDenied.description

    /// The path that libgit2 names before the reason.
    private var namedPath: String? {
        let words = message.split(separator: "'", omittingEmptySubsequences: false)
        return words.count >= 3 ? String(words[words.count - 2]) : nil
    }
}

extension FiguresError: Explained {
    package var kind: FailureKind { .unavailable }
    package var remedy: String? { "git fsck" }
}

extension ReferenceError: Explained {
    package var kind: FailureKind {
        switch self {
        case .invalidName: .usage
        case .exists, .nameCollision: .cannotCreate
        case .moved, .locked, .resurrected: .busy
        case .symbolic: .refused
        case .git(let error): error.kind
        }
    }
    package var remedy: String? {
        if case .git(let error) = self { return error.remedy }
        return nil
    }
}

extension WorktreeError: Explained {
    package var kind: FailureKind {
        switch self {
        case .symlinkInPath, .outsideRoot, .locked: .refused
        case .notFound, .branchMissing: .missing
        case .branchMoved: .busy
        default: .cannotCreate
        }
    }
    package var remedy: String? {
        switch self {
        case .noSpace(_, let path): DiskSpace.remedy(for: path)
        case .failed(_, let error), .leftover(_, let error, _, _): error.remedy
        default: nil
        }
    }
}

extension CommitFilesError: Explained {
    package var kind: FailureKind {
        switch self {
        case .identity: .invalid
        case .noChanges: .negative
        case .reference(let error): error.kind
        case .git(let error): error.kind
        default: .refused
        }
    }
    package var remedy: String? {
        switch self {
        case .identity(let error): error.remedy
        case .signingRequired: "signing: skip in the plan's orchestration, or git commit in the worktree"
        case .reference(let error): error.remedy
        case .git(let error): error.remedy
        case .noChanges: nil
        case .noIndex: "czar doctor --repair"
        default: "git status"
        }
    }
}

extension IdentityError {
    /// Sets what is missing.
    var remedy: String { missing.map { "git config --global \($0) \(ShellText.line([Self.example[$0] ?? ""]))" }.joined(separator: " && ") }

    private static let example = ["user.name": "Your Name", "user.email": "you@example.org"]
}

extension FileError: Explained {
    package var kind: FailureKind {
        if isSymlinkRefused || isNotPlainFile { return .refused }
        return isReading ? .unavailable : .cannotCreate
    }
    package var remedy: String? {
        if isNoSpace { return DiskSpace.remedy(for: path) }
        if errno == .readOnlyFileSystem { return ReadOnlyDisk.remedy(for: path) }
        if errno == .tooManyOpenFiles { return OpenFiles.remedy }
        return ShellText.line(["ls", "-ld", existingPath(nearestTo: path)])
    }
}

extension JournalError: Explained {
    package var kind: FailureKind {
        switch self {
        case .notAvailable: .unavailable
        case .damaged, .newerFormat, .foreign: .invalid
        case .copied, .unsafe: .refused
        case .busy: .busy
        case .denied, .full: .cannotCreate
        case .missing: .missing
        case .io, .unreadable: .unavailable
        }
    }
}

extension LaunchError: Explained {
    package var kind: FailureKind {
        switch self {
        case .file(let error): error.kind
        case .attemptIsRunning: .busy
        case .unknownAgent, .badCommand, .noCommand: .invalid
        case .supervisorNotStarted, .programNotStarted, .system, .processesRemain: .cannotCreate
        case .badProgram: .missing
        case .noTerminal, .outOfSight: .unavailable
        case .unreadable: .internal
        }
    }
    package var remedy: String? {
        switch self {
        case .noTerminal: "command -v tmux"
        case .outOfSight: "czar status"
        case .file(let error): error.remedy
        case .badProgram(let name, _):
            AgentProfile.builtIn.values.contains { $0.variant.command.first == name } ? "czar agents" : "command -v \(ShellText.word(name))"
        default: nil
        }
    }
}

extension EventRefusal: Explained {
    package var kind: FailureKind { .usage }
    package var remedy: String? { nil }
}

extension ForbiddenMove: Explained {
    package var kind: FailureKind { .refused }
    package var remedy: String? { nil }
}
