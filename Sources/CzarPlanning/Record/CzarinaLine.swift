/// One line of an old Czarina project's events, in any of its forms.
///
/// Text is that of ``EventLine``. JSON has three shapes in one file: `{"ts","event","project",…}`, `{"ts","event","worker","branch"|"meta":{}}`
/// and `{"ts","source","event","metadata":{}}`; only quotes are escaped in it.
package struct CzarinaLine: Hashable, Sendable {
    package var time: Timestamp
    /// Whom it names, as the old project called it; nil for the whole project.
    package var subject: String?
    package var type: EventType
    package var fields: [String: String]

    /// - Throws: ``EventLineProblem`` that says why the line is no event.
    package init(_ line: String) throws(EventLineProblem) {
        let trimmed = line.drop { $0 == " " || $0 == "\t" }
        self = trimmed.first == "{" ? try Self.json(String(trimmed)) : try Self.text(line)
    }

    private init(time: Timestamp, subject: String?, type: String, fields: [String: String]) throws(EventLineProblem) {
        let name = String(type.uppercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
        guard EventType.isWellFormed(name) else { throw EventLineProblem("'\(type)' is no event type") }
        for key in fields.keys { try EventLine.checkFieldName(key) }
        let given = EventType(rawValue: name)
        // What Czar alone may say stays what another tool said.
        self.type = EventType.reserved.contains(given) ? EventType(rawValue: "CZARINA_" + name) : given
        (self.time, self.subject, self.fields) = (time, subject, fields)
    }

    // MARK: - Text

    private static func text(_ line: String) throws(EventLineProblem) -> CzarinaLine {
        // The worker's name may be one that is no id here, so it is taken out before the rest is read.
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        guard words.count == 3, let time = Timestamp(String(words[0])) else {
            throw EventLineProblem("it does not begin with a time and a worker")
        }
        let rest = try EventLine(text: String(words[2]))
        let subject = words[1] == "-" ? nil : String(words[1])
        return try CzarinaLine(time: time, subject: subject, type: rest.type.rawValue, fields: rest.fields)
    }

    // MARK: - JSON

    private static func json(_ line: String) throws(EventLineProblem) -> CzarinaLine {
        do throws(EventLineProblem) { return try strictJSON(line) } catch {
            let escaped = escapingBackslashes(line)
            guard escaped != line else { throw error }
            do throws(EventLineProblem) { return try strictJSON(escaped) } catch _ { throw error }
        }
    }

    /// A backslash that does not escape a quote is data there.
    private static func escapingBackslashes(_ line: String) -> String {
        var out: [UInt8] = []
        let bytes = Array(line.utf8)
        for (index, byte) in bytes.enumerated() {
            out.append(byte)
            if byte == UInt8(ascii: "\\"), index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "\"") { out.append(byte) }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func strictJSON(_ line: String) throws(EventLineProblem) -> CzarinaLine {
        var members: [String: String] = [:]
        var fields: [String: String] = [:]
        try JSONScanner.whole(line) { (scanner) throws(EventLineProblem) in
            try scanner.object { (scanner, key) throws(EventLineProblem) in
                switch key {
                case "ts", "event", "worker", "source": members[key] = try scanner.text()
                case "meta", "metadata": try scanner.takeMetadata(key, into: &fields)
                default: fields[key] = try scanner.text()
                }
            }
        }
        guard let moment = members["ts"], let time = Timestamp(moment) else { throw EventLineProblem("it has no time ('ts')") }
        guard let type = members["event"] else { throw EventLineProblem("it has no type ('event')") }
        return try CzarinaLine(time: time, subject: members["worker"] ?? members["source"], type: type, fields: fields)
    }
}

extension JSONScanner {
    /// The members of an object as fields; anything else as one field.
    fileprivate mutating func takeMetadata(_ key: String, into fields: inout [String: String]) throws(EventLineProblem) {
        guard isAtObject() else { return fields[key] = try text() }
        var found: [String: String] = [:]
        try object { (scanner, name) throws(EventLineProblem) in found[name] = try scanner.text() }
        fields.merge(found) { _, new in new }
    }
}
