/// Something in a repository that libgit2 1.5.1 cannot do as git would, named before it can matter.
package enum Limitation: Hashable, Sendable {
    case sha256
    /// Reference storage other than files, by name.
    case referenceStorage(String)
    case unknownExtensions([String])
    /// git itself refuses: an extension that needs format version 1 in a repository of version 0.
    case versionZeroWithExtensions([String])
    case unknownFormatVersion(Int64)
    /// Per-worktree configuration sets these.
    case worktreeConfiguration(keys: [String])
    case compatibleObjectFormat
    case splitIndex
    case sparseIndex
    case sparseCheckout
    case partialClone(remote: String)
    case shallow
    case replaceReferences(count: Int)
    case grafts
    /// Filters that attributes use and the configuration defines.
    case externalFilters([String])
    case lfs
    /// Encodings that attributes set and the C library does not know.
    case workingTreeEncodings([String])
    /// `attr.tree` names this tree.
    case attributesOfTree(String)
    case ignoresCase
    case signsCommits
    /// Hooks that git would have run.
    case hooks([String])
    case networkFileSystem(String)
    /// Variables by which git would take settings.
    case settingsOfEnvironment([String])
    /// Settings that count only for some remotes' addresses.
    case includesByRemote
    /// The process's mask takes from others what `core.sharedRepository` gives them.
    case maskOfSharedRepository(String)

    /// Whether work can go on.
    package enum Severity: Hashable, Sendable {
        /// Nothing is done in this repository.
        case refuses
        /// It is said, and work goes on.
        case degrades
    }

    package var severity: Severity {
        switch self {
        case .sha256, .referenceStorage, .unknownExtensions, .versionZeroWithExtensions, .unknownFormatVersion, .compatibleObjectFormat,
            .splitIndex, .sparseIndex, .worktreeConfiguration:
            .refuses
        default: .degrades
        }
    }

    /// The form of an index that libgit2 cannot read; nil for every other.
    init?(ofIndex index: IndexScan?) {
        if index?.extensions.contains("link") == true {
            self = .splitIndex
        } else if index?.extensions.contains("sdir") == true {
            self = .sparseIndex
        } else {
            return nil
        }
    }

    /// What is the matter, in one sentence.
    package var sentence: String {
        switch self {
        case .sha256: "the repository names its objects by SHA-256, which Czar cannot read"
        case .referenceStorage(let name): "the repository keeps its references as '\(name)', which Czar cannot read"
        case .unknownExtensions(let names): "the repository uses format extensions that Czar does not know: \(list(names))"
        case .versionZeroWithExtensions(let names):
            "the repository has format version 0 but extensions of version 1, so git refuses it: \(list(names))"
        case .unknownFormatVersion(let version): "the repository has format version \(version); Czar knows 0 and 1"
        case .worktreeConfiguration(let keys): "per-worktree configuration sets what Czar cannot honour there: \(list(keys))"
        case .compatibleObjectFormat: "the repository keeps object names in two formats, which Czar cannot keep up"
        case .splitIndex: "the index is split into two files, which Czar cannot read"
        case .sparseIndex: "the index is sparse, which Czar cannot read"
        case .sparseCheckout: "the checkout is sparse; workers' worktrees hold all files unless they are 'sparse' themselves"
        case .partialClone(let remote): "this is a partial clone of '\(remote)'; Czar cannot fetch objects that are missing"
        case .shallow: "the history is shallow; merges and comparisons beyond its boundary fail"
        case .replaceReferences(let count):
            "\(count) replace reference\(count == 1 ? " changes" : "s change") history; merge and diff do not follow them, and 'git replace -d' removes one"
        case .grafts: "the file info/grafts changes history; merge and diff do not follow it"
        case .externalFilters(let names):
            "attributes use filters that Czar does not run, so files hold the filters' input, as the repository stores it: \(list(names))"
        case .lfs: "files are kept in Git LFS; checkouts by Czar hold pointers for those that the local store lacks"
        case .workingTreeEncodings(let names):
            "attributes set encodings that are not known here; checkouts by Czar hold UTF-8, as the repository stores it: \(list(names))"
        case .attributesOfTree(let name):
            "attr.tree is set to '\(escapedForDisplay(name.utf8))'; Czar, like git before 2.43, takes attributes from the worktree, so line counts of files that they call binary may differ"
        case .ignoresCase:
            "core.ignorecase is set; a tree with names that differ only in case is not checked out, not even where the file system could hold it"
        case .signsCommits: "commit.gpgsign is set, and Czar cannot sign commits"
        case .hooks(let names): "hooks that git would run are not run: \(list(names))"
        case .networkFileSystem(let name): "the repository lies on a network file system (\(name)), where locks cannot be relied on"
        case .settingsOfEnvironment(let names): "Czar does not read the settings that these variables give to git: \(list(names))"
        case .includesByRemote:
            "'includeIf.hasconfig' is used, whose files Czar does not read: identity and other settings in them do not count"
        case .maskOfSharedRepository(let mask):
            "core.sharedRepository is set, but the mask \(mask) of this shell keeps others from changing what Czar adds to objects and references"
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        // No repository is converted in place, and none can be cloned into the other format.
        case .sha256:
            "work with git here, or in a copy with SHA-1 names and so with other commit ids: 'git fast-export --all' piped into "
                + "'git fast-import' of a repository that 'git init --object-format=sha1' made"
        case .compatibleObjectFormat: "git config --unset extensions.compatObjectFormat"
        case .referenceStorage: "git refs migrate --ref-format=files"
        case .unknownExtensions: "remove the extension with the git version that set it, or work in a fresh clone"
        case .unknownFormatVersion: "git config --file .git/config core.repositoryFormatVersion 1, if no later git has made it"
        case .versionZeroWithExtensions: "git config core.repositoryFormatVersion 1"
        case .worktreeConfiguration: "move the setting to the repository's configuration, or unset extensions.worktreeConfig"
        case .splitIndex: "git update-index --no-split-index && git config core.splitIndex false"
        case .sparseIndex: "git sparse-checkout reapply --no-sparse-index"
        case .sparseCheckout: "git sparse-checkout disable"
        case .partialClone: "git fetch --refetch --no-filter"
        case .shallow: "git fetch --unshallow"
        case .replaceReferences: "git replace --list"
        case .grafts: "git replace --convert-graft-file"
        case .externalFilters(let names): Self.rewriting(names.map { "filter=" + $0 })
        case .lfs: "add 'git lfs pull' to the setup command; commit such files with git"
        case .workingTreeEncodings(let names): Self.rewriting(names.map { "working-tree-encoding=" + $0 })
        case .attributesOfTree: "git config --unset attr.tree"
        case .ignoresCase: "git config core.ignorecase false"
        case .signsCommits: "set 'signing: skip' in the plan, or commit with git"
        case .hooks: "run what they do as checks or in the setup command"
        case .networkFileSystem: "keep the repository on a local disk"
        case .settingsOfEnvironment(let names): "unset \(names.joined(separator: " ")), and set them with 'git config'"
        case .includesByRemote: "set what is in them with 'git config' in the repository, such as user.email"
        case .maskOfSharedRepository: "umask 002"
        }
    }

    private static func rewriting(_ attributes: [String]) -> String {
        "let the setup command have git write such files in the new worktree, or git would filter what is changed there a second time: "
            + attributes.map { commandToRewrite(filesWith: $0) }.joined(separator: "; ")
    }

    /// Whether an attribute, `working-tree-encoding=NAME`, asks for an encoding that is known here.
    package static func isKnownEncoding(_ attribute: String) -> Bool {
        let prefix = "working-tree-encoding="
        return attribute.hasPrefix(prefix) && WorkingTreeEncoding(String(attribute.dropFirst(prefix.count))) != nil
    }

    /// Lets git write a new worktree's files that have an attribute, `name=value`; what was changed in them is lost.
    ///
    /// git leaves a file alone whose stat data are those of the index, so they are removed first. `-d` leaves out what a sparse worktree
    /// does not hold. Other characters than these git takes in no pattern: then it writes all files.
    package static func commandToRewrite(filesWith attribute: String) -> String {
        let isPlain = attribute.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "=-_".contains($0)) }
        let files = isPlain ? " ':(attr:\(attribute))'" : ""
        return "git ls-files -z\(files) | xargs -0 rm -f --; git ls-files -dz\(files) | git checkout-index -zu --stdin"
    }
}

private func list(_ names: [String]) -> String { names.map { escapedForDisplay($0.utf8) }.joined(separator: ", ") }
