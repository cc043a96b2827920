/// The usual shape of branch names and paths, told in one pass over the bytes: a plan of thousands of workers is read at every command,
/// and the rules of git and of file systems matter only for what is not plain.
enum PlainPath {
    /// Whether the text is parts of ASCII letters, digits, `_` and inner `-` with a single `/` between them, at most 240 bytes in all.
    static func isPlain(_ text: some StringProtocol) -> Bool {
        let slash = UInt8(ascii: "/")
        var (previous, count) = (slash, 0)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                break
            case UInt8(ascii: "-"), slash: if previous == slash { return false }
            default: return false
            }
            previous = byte
            count += 1
        }
        return previous != slash && count <= 240
    }
}
