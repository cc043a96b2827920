import CzarGit
import SystemPackage
import Testing

@testable import CzarKit

/// What stands behind `try:` for what the system says.
@Suite struct RemedyTests {
    @Test func tooManyOpenFilesAreRaised() {
        let file = FileError("open", "/tmp/a", .tooManyOpenFiles)
        let errors: [any Explained] = [
            file, GitError(file), LaunchError(file), WorktreeErrorOf.failed(file),
            GitError(code: .generic, operation: "read the index", subject: "/r", message: "failed to open '/r/index': Too many open files"),
        ]
        for error in errors {
            let remedy = error.remedy ?? ""
            #expect(remedy.hasPrefix("ulimit -S -n ") || remedy.hasPrefix("sudo prlimit "), "\(error): \(remedy)")
        }
        #expect(JournalError(file).remedy == file.remedy)
    }

    private enum WorktreeErrorOf {
        static func failed(_ error: FileError) -> WorktreeError { .failed(step: "add", GitError(error)) }
    }

    @Test func whatIsForbiddenIsShown() {
        let file = FileError("open", "/tmp", .permissionDenied)
        let said = GitError(
            code: .generic, operation: "write a blob", subject: "/r", message: "failed to create '/tmp': Permission denied")
        for error in [file, GitError(file), LaunchError(file), WorktreeErrorOf.failed(file), said] as [any Explained] {
            #expect(error.remedy == "ls -ld /tmp", "\(error)")
        }
    }
}
