import Foundation
import TestSupport
import Testing

/// In a copied repository no command leads into the original's worktree.
@Suite struct CopiedRepositoryTests {
    @Test func nobodyIsLedIntoTheOriginalsWorktree() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        let folder = project.path + "-worktrees"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try project.expect(0, "create", "a", "--worktrees", folder)
        let tree = try project.expect(0, "path", "a").output.trimmingCharacters(in: .newlines)
        let copy = project.path + "-copy"
        try FileManager.default.copyItem(atPath: project.path, toPath: copy)
        try writeFile(tree + "/mine", "mine\n")
        try project.expect(1, "doctor", "--adopt", at: copy)
        let sentence = """
            czar: '\(tree)', where worker 'a' is to be, is a worktree of another repository
            try: czar remove a && czar create a

            """
        for command in [
            ["path", "a"], ["exec", "a", "--", "touch", "seen"], ["shell", "a"], ["attach", "a"], ["attach", "a", "--take-over"],
            ["complete", "a"],
        ] {
            let refused = try run([CzarProgram.path] + command, in: copy)
            #expect(refused.status == 77 && refused.errors == sentence, "\(command): \(refused.status) \(refused.errors)")
        }
        #expect(!exists(tree + "/seen"))
        // What is committed is here too.
        #expect(try project.expect(0, "diff", "a", at: copy).errors == "czar: a has committed no change yet\n")
        try project.expect(0, "remove", "a", at: copy)
        try project.expect(0, "create", "a", at: copy)
        #expect(try project.expect(0, "path", "a", at: copy).output == copy + "/.czarina/worktrees/a\n")
        #expect(try project.expect(0, "path", "a").output == tree + "\n")
    }
}
