/// How this process was called.
enum Invocation {
    static let arguments = Array(CommandLine.arguments.dropFirst())

    /// Whether the answer, and so the error, is to be JSON: known before the arguments are parsed, and also when they cannot be.
    static let wantsJSON: Bool = {
        // What stands behind `--` is another program's business.
        let own = arguments.prefix { $0 != "--" }
        return own.contains("--json") || zip(own, own.dropFirst()).contains { $0 == "--format" && $1 == "json" }
            || own.contains("--format=json")
    }()
}
