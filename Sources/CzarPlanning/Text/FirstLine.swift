extension String {
    /// Without what follows; empty where there is none.
    package var firstLine: String { split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }
}

extension WorkerDefinition {
    /// What a commit of the worker's is called where nobody has said it better.
    package var commitSubject: String { "\(id): \(description.map(\.firstLine) ?? "work")" }
}
