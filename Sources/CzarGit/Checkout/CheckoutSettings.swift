import CLibgit2
import Glibc

/// The configuration that decides what a checkout writes.
struct CheckoutSettings: Equatable, Sendable {
    /// git's `core.autocrlf`.
    enum AutomaticLineEnds: Sendable { case off, on, input }

    let commonDirectory: String
    let makesLinks: Bool
    let ignoresCase: Bool
    let rules: PathRules
    let automatic: AutomaticLineEnds
    /// What `text` alone means.
    let textHasReturns: Bool
    /// The system's and the user's file of attributes, the weaker first.
    let generalAttributes: [String]
    /// The repository's own, stronger than those of its trees.
    let repositoryAttributes: String
    /// Names of the filters that have a command for checkouts.
    let filters: Set<String>
    /// Where Git LFS keeps its objects.
    let largeObjectFolder: String

    init(_ repository: borrowing Repository) throws(GitError) {
        let settings = try repository.configuration()
        commonDirectory = repository.commonDirectory
        makesLinks = try settings.flag("core.symlinks") ?? true
        ignoresCase = try settings.flag("core.ignorecase") ?? false
        rules = PathRules(
            protectsHFS: try settings.flag("core.protecthfs") ?? false, protectsNTFS: try settings.flag("core.protectntfs") ?? true)
        automatic = try Self.automatic(settings)
        let ends = try settings.text("core.eol")?.lowercased()
        textHasReturns = automatic == .on || (automatic == .off && ends == "crlf")
        generalAttributes = ["/etc/gitattributes", try Self.userAttributes(settings)].compactMap { $0 }
        repositoryAttributes = commonDirectory + "/info/attributes"
        filters = try Self.filters(settings)
        largeObjectFolder = joinPath(commonDirectory, try settings.text("lfs.storage") ?? "lfs") + "/objects"
    }

    private static func automatic(_ settings: borrowing ConfigurationFile) throws(GitError) -> AutomaticLineEnds {
        if try settings.text("core.autocrlf")?.lowercased() == "input" { return .input }
        return try settings.flag("core.autocrlf") == true ? .on : .off
    }

    private static func userAttributes(_ settings: borrowing ConfigurationFile) throws(GitError) -> String? {
        let environment = processEnvironment()
        let home = environment["HOME"] ?? ""
        if let path = try settings.text("core.attributesfile") {
            if path.hasPrefix("~/") { return home + path.dropFirst(1) }
            // git looks for another one in the worktree, which is still empty.
            return path.hasPrefix("/") ? path : nil
        }
        if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty { return folder + "/git/attributes" }
        return home.isEmpty ? nil : home + "/.config/git/attributes"
    }

    private static func filters(_ settings: borrowing ConfigurationFile) throws(GitError) -> Set<String> {
        var names: Set<String> = []
        for (name, value) in try settings.entries(matching: "^filter\\..*\\.(smudge|process)$") where !value.isEmpty {
            let middle = name.dropFirst("filter.".count)
            if let end = middle.lastIndex(of: ".") { names.insert(String(middle[..<end])) }
        }
        return names
    }
}
