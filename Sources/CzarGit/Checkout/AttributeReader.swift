import CLibgit2

/// What the attributes of one tree say about its files.
///
/// The attributes are those of the tree that is checked out, as with git: a handle of its own takes the repository as bare (so that no
/// worktree's files count) and gets an index in memory that holds nothing but the tree's `.gitattributes`. One thread at a time.
final class AttributeReader {
    private let repository: OpaquePointer
    private let index: OpaquePointer
    private let settings: CheckoutSettings

    /// Takes the tree's attribute files.
    init(_ settings: CheckoutSettings, files: [AttributeFile]) throws(GitError) {
        let folder = settings.commonDirectory
        self.settings = settings
        let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_BARE.rawValue
        repository = try make("open the repository", folder) { git_repository_open_ext(&$0, folder, flags, nil) }
        do throws(GitError) {
            index = try make("make an index for attributes in", folder) { git_index_new(&$0) }
        } catch {
            git_repository_free(repository)
            throw error
        }
        for file in files {
            var entry = git_index_entry()
            entry.mode = 0o100644
            entry.id = file.id.raw
            _ = try check("read the attributes", file.path.description) {
                file.path.withCString {
                    entry.path = $0
                    return git_index_add(index, &entry)
                }
            }
        }
        try check("read the attributes in", folder) { git_repository_set_index(repository, index) }
    }

    deinit {
        git_index_free(index)
        git_repository_free(repository)
    }

    /// What a file's attributes ask for.
    struct Wanted: Hashable, Sendable {
        var conversion = TextConversion()
        /// The filter, when the configuration defines it.
        var filter: String?
        /// Another encoding than UTF-8.
        var encoding: String?
    }

    /// The path is seen from the tree's root and ends with NUL.
    func wanted(for path: UnsafePointer<CChar>) throws(GitError) -> Wanted {
        var values = [UnsafePointer<CChar>?](repeating: nil, count: attributeNames.count)
        try check("read the attributes of", String(cString: path)) {
            withAttributeNames { names in git_attr_get_many(&values, repository, 0, path, attributeNames.count, names) }
        }
        let kinds = values.map { Value($0) }
        var result = Wanted()
        result.conversion.expandsIdent = kinds[1] == .set
        result.conversion.lineEnds = lineEnds(text: kinds[3], crlf: kinds[0], eol: kinds[4])
        if case .text(let name) = kinds[2], settings.filters.contains(name) || name == "lfs" { result.filter = name }
        if case .text(let name) = kinds[5], !["UTF-8", "UTF8"].contains(name.uppercased()) { result.encoding = name }
        return result
    }

    // MARK: - git's rules for line ends (convert.c, convert_attrs and output_eol)

    private enum Value: Hashable {
        case unspecified, set, unset
        case text(String)

        init(_ raw: UnsafePointer<CChar>?) {
            switch git_attr_value(raw) {
            case GIT_ATTR_VALUE_TRUE: self = .set
            case GIT_ATTR_VALUE_FALSE: self = .unset
            case GIT_ATTR_VALUE_STRING: self = raw.map { .text(String(cString: $0)) } ?? .unspecified
            default: self = .unspecified
            }
        }
    }

    private enum Action { case unspecified, binary, text, automatic, always(Bool) }

    private func action(_ value: Value) -> Action {
        switch value {
        case .set: .text
        case .unset: .binary
        case .text("input"): .always(false)
        case .text("auto"): .automatic
        default: .unspecified
        }
    }

    private func lineEnds(text: Value, crlf: Value, eol: Value) -> TextConversion.LineEnds {
        var action = action(text)
        if case .unspecified = action { action = self.action(crlf) }
        let returns: Bool? = eol == .text("crlf") ? true : eol == .text("lf") ? false : nil
        switch action {
        case .binary: return .asStored
        case .automatic: return returns ?? settings.textHasReturns ? .carriageReturnsInText : .asStored
        case .always(let value): return returns ?? value ? .carriageReturns : .asStored
        case .text: return returns ?? settings.textHasReturns ? .carriageReturns : .asStored
        case .unspecified:
            if let returns { return returns ? .carriageReturns : .asStored }
            return settings.automatic == .on ? .carriageReturnsInText : .asStored
        }
    }
}

/// One `.gitattributes` of a tree.
struct AttributeFile: Hashable, Sendable {
    let path: RepositoryPath
    let id: ObjectID
}

private let attributeNames: [StaticString] = ["crlf", "ident", "filter", "text", "eol", "working-tree-encoding"]

private func withAttributeNames<Result>(_ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    // Literals without interpolation live as long as the process.
    var names = attributeNames.map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer<CChar>? }
    return names.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
}
