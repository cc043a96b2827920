import CLibgit2

/// The lines in which two states of a file differ, without their place and the lines around them: equal for the same change wherever in
/// a file, and under whatever name, it is made.
struct ChangedLines: Equatable {
    private struct Line: Equatable {
        let sign: Int8
        let text: [UInt8]
    }

    private let modes: [UInt32?]
    /// Of what has no lines: both contents' names.
    private let contents: [ObjectID?]
    private let lines: [Line]

    /// A side is nil where there is no file.
    ///
    /// - Throws: ``GitError`` when a blob cannot be read.
    init(from old: DiffSide?, to new: DiffSide?, in repository: borrowing Repository) throws(GitError) {
        modes = [old?.mode, new?.mode]
        let areTexts = (old?.isRegular ?? true) && (new?.isRegular ?? true)
        let before = areTexts ? try old.map { side throws(GitError) in try repository.blob(side.id) } ?? [] : []
        let after = areTexts ? try new.map { side throws(GitError) in try repository.blob(side.id) } ?? [] : []
        guard areTexts, !looksBinary(before), !looksBinary(after) else {
            (contents, lines) = ([old?.id, new?.id], [])
            return
        }
        var options = try git_diff_options.plain()
        options.flags = GIT_DIFF_FORCE_TEXT.rawValue
        options.context_lines = 0
        contents = []
        lines = try withPatch(from: before, to: after, of: (new ?? old)?.path, options) { (patch) throws(GitError) in
            try Self.lines(of: patch)
        }
    }

    private static func lines(of patch: OpaquePointer?) throws(GitError) -> [Line] {
        // libgit2 gives no patch for what does not differ.
        guard let patch else { return [] }
        var result: [Line] = []
        for hunk in 0..<git_patch_num_hunks(patch) {
            for number in 0..<max(0, git_patch_num_lines_in_hunk(patch, hunk)) {
                var line: UnsafePointer<git_diff_line>?
                try check("read the lines of", "a patch") { git_patch_get_line_in_hunk(&line, patch, hunk, Int(number)) }
                guard let line = line?.pointee else { continue }
                let text = [UInt8](UnsafeRawBufferPointer(start: line.content, count: line.content_len))
                result.append(Line(sign: line.origin, text: text))
            }
        }
        return result
    }

    /// The lines that say something, without the white space around them.
    var added: Set<[UInt8]> { telling(sign: UInt8(ascii: "+")) }
    var removed: Set<[UInt8]> { telling(sign: UInt8(ascii: "-")) }

    private func telling(sign: UInt8) -> Set<[UInt8]> {
        var result: Set<[UInt8]> = []
        for line in lines where line.sign == Int8(bitPattern: sign) {
            // A bracket or a rule stands anywhere.
            if line.text.contains(where: isTelling) { result.insert(line.text.split(whereSeparator: isBlank).reduce([]) { $0 + $1 }) }
        }
        return result
    }
}

private func isTelling(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: true
    default: false
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// The merge of two texts over a third one; nil where they conflict.
func mergedText(over base: [UInt8], _ ours: [UInt8], _ theirs: [UInt8]) throws(GitError) -> [UInt8]? {
    var result = git_merge_file_result()
    defer { git_merge_file_result_free(&result) }
    let merged: Result<Void, GitError> = base.withUnsafeBytes { base in
        ours.withUnsafeBytes { ours in
            theirs.withUnsafeBytes { theirs in
                Result { () throws(GitError) in
                    var sides = try [base, ours, theirs].map { (bytes) throws(GitError) in try mergeInput(bytes) }
                    try check("merge", "a file") { git_merge_file(&result, &sides[0], &sides[1], &sides[2], nil) }
                }
            }
        }
    }
    try merged.get()
    guard result.automergeable != 0 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: result.ptr, count: result.len))
}

private func mergeInput(_ bytes: UnsafeRawBufferPointer) throws(GitError) -> git_merge_file_input {
    var input = git_merge_file_input()
    try check("prepare a merge of", "a file") { git_merge_file_input_init(&input, UInt32(GIT_MERGE_FILE_INPUT_VERSION)) }
    input.ptr = bytes.bindMemory(to: CChar.self).baseAddress
    input.size = bytes.count
    return input
}
