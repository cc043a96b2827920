/// A name as people sort it: the numbers in it count as numbers, so that `w2` comes before `w10`.
struct NaturalKey: Comparable {
    private enum Part: Hashable {
        /// Without zeros at its beginning.
        case number(digits: String)
        case text(String)
    }

    private let parts: [Part]
    private let name: String

    init(_ name: String) {
        self.name = name
        var parts: [Part] = []
        var rest = name[...]
        while let first = rest.first {
            let isNumber = first.isASCII && first.isNumber
            let run = rest.prefix { ($0.isASCII && $0.isNumber) == isNumber }
            parts.append(isNumber ? .number(digits: String(run.drop { $0 == "0" })) : .text(String(run)))
            rest = rest[run.endIndex...]
        }
        self.parts = parts
    }

    static func == (left: Self, right: Self) -> Bool { left.name == right.name }

    static func < (left: Self, right: Self) -> Bool {
        for (one, other) in zip(left.parts, right.parts) where one != other {
            switch (one, other) {
            case (.number(let one), .number(let other)): return (one.count, one) < (other.count, other)
            case (.text(let one), .text(let other)): return one < other
            case (.number, .text): return true
            case (.text, .number): return false
            }
        }
        return (left.parts.count, left.name) < (right.parts.count, right.name)
    }
}
