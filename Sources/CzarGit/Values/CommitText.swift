import CLibgit2

/// What people wrote into a commit, as git shows it: names with the marks that libgit2 takes off, and text in the encoding that the commit
/// names.
struct CommitText {
    let author: Signature
    let committer: Signature
    /// When the committer says that it was committed, since 1970; nil where that cannot be read. The signature has 0 then, as git shows it.
    let seconds: Int64?
    /// The whole message. Bytes that are no text in its encoding are replaced.
    let message: String

    /// Reads a commit object. What is not as git writes it is empty.
    init(_ bytes: UnsafeRawBufferPointer) {
        var (author, committer, encoding): (ArraySlice<UInt8>, ArraySlice<UInt8>, String?) = ([], [], nil)
        var rest = Array(bytes)[...]
        while let line = Self.line(&rest), !line.isEmpty {
            if let value = Self.value(of: "author ", line) { author = value }
            if let value = Self.value(of: "committer ", line) { committer = value }
            if let value = Self.value(of: "encoding ", line) { encoding = String(decoding: value, as: UTF8.self) }
        }
        // As git, which shows all of a commit as it is where any of it is not in the encoding.
        if let name = encoding, Self.converted(Array(bytes), from: name) == nil { encoding = nil }
        func decoded(_ bytes: ArraySlice<UInt8>) -> String {
            String(decoding: encoding.flatMap { Self.converted(Array(bytes), from: $0) } ?? Array(bytes), as: UTF8.self)
        }
        self.author = Signature(line: author, decoded)
        self.committer = Signature(line: committer, decoded)
        seconds = Self.seconds(committer)
        // Git's own strings end at the first NUL.
        message = decoded(rest.prefix { $0 != 0 })
    }

    /// The first paragraph on one line, as `git log --format=%s` gives it.
    static func subject(of message: String) -> String {
        var rest = Array(message.utf8)[...]
        var result: [UInt8] = []
        while let line = Self.line(&rest) {
            let visible = line.trimmingEnd()
            if visible.isEmpty, result.isEmpty { continue }
            if visible.isEmpty { break }
            if !result.isEmpty { result.append(UInt8(ascii: " ")) }
            result += visible
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Takes the next line off, without its end; nil where nothing is left.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        defer { rest = rest[min(end + 1, rest.endIndex)...] }
        return rest[..<end]
    }

    /// The time in an `author` or `committer` line: digits behind the last `>`, as git reads them. Nil for none, and for a time after the
    /// year 9999, which cannot be written as a date.
    fileprivate static func seconds(_ line: ArraySlice<UInt8>) -> Int64? {
        guard let close = line.lastIndex(of: UInt8(ascii: ">")) else { return nil }
        let digits = line[(close + 1)...].drop(while: isGitSpace).prefix { (0x30...0x39).contains($0) }
        guard let seconds = Int64(String(decoding: digits, as: UTF8.self)), seconds <= lastSecond else { return nil }
        return seconds
    }

    private static let lastSecond: Int64 = 253_402_300_799

    private static func value(of key: StaticString, _ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let length = key.utf8CodeUnitCount
        guard line.count >= length, line.prefix(length).elementsEqual(UnsafeBufferPointer(start: key.utf8Start, count: length)) else {
            return nil
        }
        return line.dropFirst(length)
    }

    /// In UTF-8; nil where the C library does not know the encoding, or the bytes are not in it: git shows them as they are then.
    private static func converted(_ bytes: [UInt8], from encoding: String) -> [UInt8]? {
        let converter = iconv_open("UTF-8", encoding)
        guard converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }
        // No encoding has characters that take more than four bytes of UTF-8 for one of their own.
        var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        let capacity = output.count
        var left = input.count
        var room = capacity
        let isDone = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (source, target) = (input.baseAddress, output.baseAddress)
                return iconv(converter, &source, &left, &target, &room) != -1
            }
        }
        return isDone ? output.prefix(capacity - room).map { UInt8(bitPattern: $0) } : nil
    }
}

extension Signature {
    /// Reads `Name <address> seconds +hhmm` as git does: what stands before the first `<` is the name, whatever it looks like.
    fileprivate init(line: ArraySlice<UInt8>, _ decoded: (ArraySlice<UInt8>) -> String) {
        let open = line.firstIndex(of: UInt8(ascii: "<")) ?? line.endIndex
        let close = line.lastIndex(of: UInt8(ascii: ">")) ?? line.endIndex
        let address: ArraySlice<UInt8> = open < close ? line[open...].dropFirst().prefix { $0 != UInt8(ascii: ">") } : []
        let numbers = line[min(close + 1, line.endIndex)...].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        let zone = numbers.count > 1 ? Int32(numbers[1]) ?? 0 : 0
        self.init(
            name: decoded(line[..<open].drop(while: isGitSpace).trimmingEnd()), email: decoded(address),
            seconds: CommitText.seconds(line) ?? 0,
            offsetMinutes: zone / 100 * 60 + zone % 100)
    }
}

extension ArraySlice<UInt8> {
    /// Without the white space at its end, by git's own notion of it.
    fileprivate func trimmingEnd() -> ArraySlice<UInt8> { prefix((lastIndex { !isGitSpace($0) } ?? startIndex - 1) - startIndex + 1) }
}

private func isGitSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
