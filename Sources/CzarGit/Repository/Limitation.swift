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
    case workingTreeEncoding
    case ignoresCase
    case signsCommits
    /// Hooks that git would have run.
    case hooks([String])
    case networkFileSystem(String)
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

    /// What is the matter, in one sentence.
    package var sentence: String {
        switch self {
        case .sha256: "The repository names its objects by SHA-256, which Czar cannot read."
        case .referenceStorage(let name): "The repository keeps its references as '\(name)', which Czar cannot read."
        case .unknownExtensions(let names): "The repository uses format extensions that Czar does not know: \(list(names))."
        case .versionZeroWithExtensions(let names):
            "The repository has format version 0 but extensions of version 1, so git refuses it: \(list(names))."
        case .unknownFormatVersion(let version): "The repository has format version \(version); Czar knows 0 and 1."
        case .worktreeConfiguration(let keys): "Per-worktree configuration sets what Czar cannot honour there: \(list(keys))."
        case .compatibleObjectFormat: "The repository keeps object names in two formats, which Czar cannot keep up."
        case .splitIndex: "The index is split into two files, which Czar cannot read."
        case .sparseIndex: "The index is sparse, which Czar cannot read."
        case .sparseCheckout: "The checkout is sparse; workers' worktrees hold all files unless they are 'sparse' themselves."
        case .partialClone(let remote): "This is a partial clone of '\(remote)'; Czar cannot fetch objects that are missing."
        case .shallow: "The history is shallow; merges and comparisons beyond its boundary fail."
        case .replaceReferences(let count):
            "\(count) replace reference\(count == 1 ? "" : "s") change history; merge and diff do not follow them."
        case .grafts: "The file info/grafts changes history; merge and diff do not follow it."
        case .externalFilters(let names): "Attributes use filters that Czar does not run, so files hold the filters' input: \(list(names))."
        case .lfs: "Files are kept in Git LFS; checkouts by Czar hold LFS pointers instead."
        case .workingTreeEncoding: "Attributes set working-tree-encoding; checkouts by Czar hold UTF-8."
        case .ignoresCase: "core.ignorecase is set; of two files whose names differ only in case, one is lost in a checkout."
        case .signsCommits: "commit.gpgsign is set, and Czar cannot sign commits."
        case .hooks(let names): "Hooks that git would run are not run: \(list(names))."
        case .networkFileSystem(let name): "The repository lies on a network file system (\(name)), where locks cannot be relied on."
        case .maskOfSharedRepository(let mask):
            "core.sharedRepository is set, but the mask \(mask) of this shell keeps others from changing what Czar adds to objects and references."
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        case .sha256, .compatibleObjectFormat: "Use a SHA-1 repository: git clone into one made by 'git init --object-format=sha1'."
        case .referenceStorage: "Run 'git refs migrate --ref-format=files'."
        case .unknownExtensions, .unknownFormatVersion: "Remove the extension with the git version that set it, or work in a fresh clone."
        case .versionZeroWithExtensions: "Run 'git config core.repositoryFormatVersion 1', or remove the extensions."
        case .worktreeConfiguration: "Move the setting to the repository's configuration, or unset extensions.worktreeConfig."
        case .splitIndex: "Run 'git update-index --no-split-index' and unset core.splitIndex."
        case .sparseIndex: "Run 'git sparse-checkout reapply --no-sparse-index'."
        case .sparseCheckout: "Run 'git sparse-checkout disable' if that is not wanted."
        case .partialClone: "Run 'git fetch --refetch --no-filter', or work in a full clone."
        case .shallow: "Run 'git fetch --unshallow'."
        case .replaceReferences: "Remove them with 'git replace -d' if that is not wanted."
        case .grafts: "Run 'git replace --convert-graft-file', or remove the file."
        case .externalFilters: "Run the filter in the worktree's setup command; commit such files with git."
        case .lfs: "Add 'git lfs pull' to the setup command; commit such files with git."
        case .workingTreeEncoding: "Commit such files with git."
        case .ignoresCase: "Rename one of such files; on a case-sensitive file system run 'git config core.ignorecase false'."
        case .signsCommits: "Set 'signing: skip' in the plan, or commit with git."
        case .hooks: "Run what they do as checks or in the setup command."
        case .networkFileSystem: "Keep the repository on a local disk."
        case .maskOfSharedRepository: "Run 'umask 002' first."
        }
    }
}

private func list(_ names: [String]) -> String { names.map { escapedForDisplay($0.utf8) }.joined(separator: ", ") }
