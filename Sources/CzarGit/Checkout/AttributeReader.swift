/// What the attributes of one tree ask for at its files.
///
/// The attributes are those of the tree that is checked out, as with git. One thread at a time.
final class AttributeReader {
    private let rules: AttributeRules
    private let settings: CheckoutSettings
    private var encodings: [String: WorkingTreeEncoding?] = [:]
    /// The scopes of the folder that was asked about last: files come folder by folder.
    private var last: (folder: [UInt8], scopes: [AttributeRules.Scope])?

    init(_ settings: CheckoutSettings, _ rules: AttributeRules) { (self.settings, self.rules) = (settings, rules) }

    convenience init(_ settings: CheckoutSettings, _ sources: AttributeSources) {
        self.init(settings, AttributeRules(sources, names: Self.names, ignoresCase: settings.ignoresCase))
    }

    /// The attributes that decide what a file holds, in the order in which ``AttributeRules`` gives their values here.
    static let names = ["crlf", "ident", "filter", "text", "eol", "working-tree-encoding"]

    /// What a file's attributes ask for.
    struct Wanted: Hashable, Sendable {
        var conversion = TextConversion()
        /// The filter, when the configuration defines it.
        var filter: String?
        /// Another encoding than UTF-8 that is not known here; one that is known is a part of the conversion.
        var unknownEncoding: String?
    }

    /// The path is seen from the tree's root.
    func wanted(for path: [UInt8]) -> Wanted {
        let values = values(of: path)
        var result = Wanted()
        result.conversion.expandsIdent = values[1] == .set
        result.conversion.lineEnds = lineEnds(text: values[3], crlf: values[0], eol: values[4])
        if case .text(let name) = values[2], settings.filters.contains(name) || name == "lfs" { result.filter = name }
        result.conversion.encoding = encoding(values[5])
        if case .text(let name) = values[5], result.conversion.encoding == nil, !WorkingTreeEncoding.isUTF8(name) {
            result.unknownEncoding = name
        }
        result.conversion.streamsIdent =
            result.conversion.expandsIdent && result.filter == nil && result.conversion.encoding == nil && result.unknownEncoding == nil
            && !isDecidedByContent(text: values[3], crlf: values[0], eol: values[4])
        return result
    }

    /// What they ask for on the way into a blob.
    func checkin(of path: [UInt8]) -> CheckinConversion {
        let values = values(of: path)
        var result = CheckinConversion(collapsesIdent: values[1] == .set, encoding: encoding(values[5]))
        switch action(text: values[3], crlf: values[0]) {
        case .binary: break
        case .automatic: result.lineEnds = .automatic
        case .text, .always: result.lineEnds = .text
        case .unspecified:
            if values[4] == .text("crlf") || values[4] == .text("lf") {
                result.lineEnds = .text
            } else if settings.automatic != .off {
                result.lineEnds = .automatic
            }
        }
        return result
    }

    private func encoding(_ value: AttributeValue) -> WorkingTreeEncoding? {
        guard case .text(let name) = value else { return nil }
        if let known = encodings[name] { return known }
        let found = WorkingTreeEncoding(name)
        encodings[name] = .some(found)
        return found
    }

    private func values(of path: [UInt8]) -> [AttributeValue] {
        rules.values(of: path, scopes(of: path[..<(path.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)]))
    }

    private func scopes(of folder: ArraySlice<UInt8>) -> [AttributeRules.Scope] {
        if let last, last.folder[...] == folder { return last.scopes }
        let found = rules.scopes(of: folder)
        last = (Array(folder), found)
        return found
    }

    // MARK: - git's rules for line ends (convert.c, convert_attrs and output_eol)

    private enum Action { case unspecified, binary, text, automatic, always(Bool) }

    private func action(_ value: AttributeValue) -> Action {
        switch value {
        case .set: .text
        case .unset: .binary
        case .text("input"): .always(false)
        case .text("auto"): .automatic
        default: .unspecified
        }
    }

    /// The old name counts where the new one says nothing.
    private func action(text: AttributeValue, crlf: AttributeValue) -> Action {
        let action = action(text)
        if case .unspecified = action { return self.action(crlf) }
        return action
    }

    /// Whether the content has a say in its line ends: git reads it as a whole then (convert.c, classify_conv_attrs).
    private func isDecidedByContent(text: AttributeValue, crlf: AttributeValue, eol: AttributeValue) -> Bool {
        switch action(text: text, crlf: crlf) {
        case .automatic: eol != .text("lf")
        case .unspecified: eol != .text("lf") && eol != .text("crlf") && settings.automatic == .on
        case .binary, .text, .always: false
        }
    }

    private func lineEnds(text: AttributeValue, crlf: AttributeValue, eol: AttributeValue) -> TextConversion.LineEnds {
        let returns: Bool? = eol == .text("crlf") ? true : eol == .text("lf") ? false : nil
        switch action(text: text, crlf: crlf) {
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

    /// Empty for the root, else with a slash at its end.
    var folder: [UInt8] { path.bytes.lastIndex(of: 0x2F).map { Array(path.bytes[...$0]) } ?? [] }
}
