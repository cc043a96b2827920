import CLibgit2

/// A whitespace-exact patch id: equal for two changes with the same paths, modes and changed lines, wherever in the files they stand.
///
/// Not `git_diff_patchid`, which drops all white space: two changes that differ only in indentation would count as one. Digests are
/// compared only with digests made here.
struct PatchDigest: Hashable, Sendable {
    let value: ObjectID

    /// The digest of a change; three lines of context as in `git patch-id`, none to recognise a change whose surroundings have changed.
    static func of(
        from before: ObjectID?, to after: ObjectID?, contextLines: UInt32 = 3, in repository: borrowing Repository
    ) throws(GitError) -> PatchDigest {
        try withChange(from: before, to: after, contextLines: contextLines, in: repository) { diff throws(GitError) in
            let text = PatchText()
            let context = Unmanaged.passUnretained(text).toOpaque()
            try check("read the change to", after?.hex ?? "nothing") {
                git_diff_foreach(diff, appendFile, appendBinary, nil, appendLine, context)
            }
            withExtendedLifetime(text) {}
            return PatchDigest(value: text.bytes.withUnsafeBytes { SHA1.digest(of: $0) })
        }
    }
}

/// What is hashed: a record for each file, then its lines with their sign. Records start with a byte that no line starts with.
private final class PatchText {
    var bytes: [UInt8] = []

    func append(_ path: UnsafePointer<CChar>?, mode: UInt16) {
        if let path { bytes.append(contentsOf: String(cString: path).utf8) }
        withUnsafeBytes(of: mode.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(0)
    }

    func append(_ id: git_oid) { withUnsafeBytes(of: id) { bytes.append(contentsOf: $0) } }
}

private func text(_ context: UnsafeMutableRawPointer?) -> PatchText? {
    context.map { Unmanaged<PatchText>.fromOpaque($0).takeUnretainedValue() }
}

private let appendFile: git_diff_file_cb = { delta, _, context in
    guard let delta = delta?.pointee, let text = text(context) else { return GIT_EUSER.rawValue }
    text.bytes.append(0)
    text.append(delta.old_file.path, mode: delta.old_file.mode)
    text.append(delta.new_file.path, mode: delta.new_file.mode)
    return 0
}

private let appendBinary: git_diff_binary_cb = { delta, _, context in
    guard let delta = delta?.pointee, let text = text(context) else { return GIT_EUSER.rawValue }
    text.append(delta.old_file.id)
    text.append(delta.new_file.id)
    return 0
}

private let appendLine: git_diff_line_cb = { _, _, line, context in
    guard let line = line?.pointee, let text = text(context) else { return GIT_EUSER.rawValue }
    text.bytes.append(UInt8(bitPattern: line.origin))
    text.bytes.append(contentsOf: UnsafeRawBufferPointer(start: line.content, count: line.content_len))
    return 0
}
