/// A command as one would type it.
package enum ShellText {
    /// The words with quotation marks where a shell needs them.
    package static func line(_ arguments: [String]) -> String { arguments.map(word).joined(separator: " ") }

    /// One word, with quotation marks where a shell needs them.
    package static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || "0123456789_-./=:,@%+#".unicodeScalars.contains($0) }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
