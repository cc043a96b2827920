extension String {
    /// Without what follows; empty where there is none.
    package var firstLine: String { split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }

    /// With a blank for each break and the white space around it.
    var inOneLine: String {
        split(whereSeparator: \.isNewline).map { line in
            String(line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension WorkerDefinition {
    /// What a commit of the worker's is called where nobody has said it better.
    package var commitSubject: String { "\(id): \(description.map(\.firstLine) ?? "work")" }
}
