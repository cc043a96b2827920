extension EventLine {
    /// What the JSON form calls itself.
    package static let schema = "czar.event/1"

    /// The JSON form, one line without a newline, its members always in this order: schema, seq, time, phase, worker, type, fields, actor.
    /// What the line does not know is absent, and so is `worker` for the whole project.
    package var json: String {
        var bytes: [UInt8] = []
        appendJSON(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the JSON form as bytes, without a newline.
    package func appendJSON(to bytes: inout [UInt8]) {
        bytes += "{\"schema\":\"\(Self.schema)\"".utf8
        if let sequence { bytes += ",\"seq\":\(sequence)".utf8 }
        if let time { bytes += ",\"time\":\"\(time)\"".utf8 }
        if let phase { Self.append("phase", phase.rawValue, to: &bytes) }
        if case .worker(let id) = subject { Self.append("worker", id.rawValue, to: &bytes) }
        Self.append("type", type.rawValue, to: &bytes)
        bytes += ",\"fields\":".utf8
        JSONText.append(fields, to: &bytes)
        if let actor { Self.append("actor", actor, to: &bytes) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Reads the JSON form. Unknown members are skipped, numbers and booleans among the fields become text.
    package init(json line: String) throws(EventLineProblem) {
        var members: [String: String] = [:]
        var fields: [String: String] = [:]
        try JSONScanner.whole(line) { (scanner) throws(EventLineProblem) in
            try scanner.object { (scanner, key) throws(EventLineProblem) in
                switch key {
                case "schema", "seq", "time", "phase", "worker", "type", "actor": members[key] = try scanner.optionalScalar()
                case "fields": fields = try scanner.fields()
                default: try scanner.skipValue()
                }
            }
        }
        try self.init(members: members, fields: fields)
    }

    private init(members: [String: String], fields: [String: String]) throws(EventLineProblem) {
        if let schema = members["schema"], schema != Self.schema { throw EventLineProblem("its schema is not \(Self.schema)") }
        guard let type = members["type"] else { throw EventLineProblem("it has no type") }
        for key in fields.keys { try Self.checkFieldName(key) }
        var subject = members["seq"] == nil ? Subject.unstated : .project
        if let worker = members["worker"] { subject = worker == "-" ? .project : .worker(try Self.worker(named: worker)) }
        self.init(
            sequence: try Self.sequence(members["seq"]), time: try Self.time(members["time"]),
            phase: members["phase"].map(PhaseID.init(rawValue:)), subject: subject, type: try Self.type(named: type), fields: fields,
            actor: members["actor"])
    }

    private static func sequence(_ text: String?) throws(EventLineProblem) -> Int64? {
        guard let text else { return nil }
        guard let value = Int64(text), value > 0 else { throw EventLineProblem("its sequence number is no positive number") }
        return value
    }

    private static func time(_ text: String?) throws(EventLineProblem) -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(text) else { throw EventLineProblem("its time is not RFC 3339") }
        return time
    }

    private static func append(_ key: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += ",\"\(key)\":".utf8
        JSONText.append(value, to: &bytes)
    }
}
