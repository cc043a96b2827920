/// A name in quotation marks at the start of some bytes, written as in C.
///
/// Source: git's quote.c, `unquote_c_style`.
struct CQuoted {
    /// What the quotation marks hold, up to a NUL.
    let content: [UInt8]
    let rest: ArraySlice<UInt8>

    /// Nil when nothing quoted starts here: then git takes the bytes as they are.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.first == 0x22 else { return nil }
        var content: [UInt8] = []
        var rest = bytes.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case 0x22:
                self.content = Array(content.prefix { $0 != 0 })
                self.rest = rest
                return
            case 0x5C:
                guard let escaped = Self.escaped(&rest) else { return nil }
                content.append(escaped)
            default: content.append(byte)
            }
        }
        return nil
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard let letter = rest.popFirst() else { return nil }
        switch letter {
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "v"): return 0x0B
        case 0x5C, 0x22: return letter
        case 0x30...0x33:
            guard let second = rest.popFirst(), let third = rest.popFirst(), isOctal(second), isOctal(third) else { return nil }
            return (letter - 0x30) << 6 | (second - 0x30) << 3 | (third - 0x30)
        default: return nil
        }
    }

    private static func isOctal(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x37 }
}
