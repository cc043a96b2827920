import CzarGit

/// The prompt in a worktree. A copy in the worktree's own git directory tells what somebody has written into it.
struct PromptFile {
    let worktree: String
    /// The worktree's own git directory.
    let entry: String

    /// Whether it is empty, or as Czar wrote it; without a copy, as far as its beginning tells: early builds kept none.
    func isAsWritten() throws(FileError) -> Bool {
        guard let kind = FileKind(at: worktree + "/" + WorkerFiles.prompt) else { return true }
        guard kind == .file else { return false }
        guard let text = try fileContent(worktree + "/" + WorkerFiles.prompt), !text.isEmpty else { return true }
        guard let written = try fileContent(entry + "/" + WorkerFiles.writtenPrompt) else {
            return Prompt.isOne(String(decoding: text, as: UTF8.self))
        }
        return text == written
    }

    /// Writes the next attempt's prompt; a prompt with somebody's own words stays beside it, as `prompt.md.1` or with the next free number.
    ///
    /// `folder`: Czar's own in the worktree.
    func write(_ prompt: String, in folder: borrowing Folder) throws(FileError) {
        if try !isAsWritten() {
            var number = 1
            while folder.kind(of: "\(Self.name).\(number)") != nil { number += 1 }
            try folder.rename(Self.name, toFree: "\(Self.name).\(number)")
        } else {
            // Before the copy: whoever is killed between the two leaves no prompt that nothing tells from somebody's words.
            try folder.removeFile(Self.name)
        }
        try Folder(opening: entry).write(prompt.utf8, to: WorkerFiles.writtenPrompt, mode: .asParent, durable: false, aside: folder)
        try folder.write(prompt.utf8, to: Self.name, mode: .asParent, durable: false)
    }

    private static let name = "prompt.md"
}
