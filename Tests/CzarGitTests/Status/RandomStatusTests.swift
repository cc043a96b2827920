import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Random edits, staged and not, with git as the oracle after each few.
@Suite struct RandomStatusTests {
    /// Many more with CZAR_THOROUGH.
    private static let seeds: [UInt64] = ProcessInfo.processInfo.environment["CZAR_THOROUGH"] == nil ? [1, 2, 3] : Array(1...150)

    @Test(arguments: seeds)
    func afterAnyEditsTheStatusIsGits(seed: UInt64) throws {
        var editor = try WorktreeEditor(seed: seed)
        for round in 0..<40 {
            for _ in 0..<editor.number(1...5) { try editor.edit() }
            let index = FileManager.default.contents(atPath: editor.path + "/.git/index")
            let own = statusLines(try Repository(opening: editor.path).status(threads: editor.number(1...3)))
            #expect(FileManager.default.contents(atPath: editor.path + "/.git/index") == index)
            let expected = try gitStatusLines(editor.path)
            #expect(own == expected, "seed \(seed), round \(round), after: \(editor.log.suffix(12).joined(separator: "; "))")
            if own != expected { return }
        }
    }
}

/// Changes a worktree at random.
private struct WorktreeEditor {
    let repository: GitRepository
    var path: String { repository.path }
    private(set) var log: [String] = []
    private var random: SeededGenerator
    private var counter = 0

    private static let names = [
        "a", "a-b", "a.b", "a/b", "a/b.c", "a/c/d", "a/c/d.o", "b", "b/x y", "b/é", "lib/one.c", "lib/two.c", "lib/deep/er/three.c",
        "lib.c",
        "lib0", "z.txt", "[x]", "dir/.gitignore", ".gitignore", "q/*", "build/out.o",
    ]
    private static let patterns = [
        "*.o", "/lib/", "a/*", "!a/b", "**/d", "deep/**", "x?y", "[a-c]", "/b", "build/", "lib/**/three.c", "!*.c", "# no", "\\#x", "é",
        "z.txt ",
        "*.txt\\ ", "q/\\*", "**", "!/a/", "d.[!c]", "*/", "er",
    ]

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        repository = try GitRepository()
        for name in Self.names where name.utf8.count % 3 != 0 { try write(name) }
        // The rules that were drawn may ignore everything.
        try git("add", "-A", "-f", in: path)
        try git("commit", "-qm", "all", in: path)
        if seed % 2 == 0 { try git("config", "index.version", "4", in: path) }
        try git("branch", "other", in: path)
        try git("update-index", "--force-write-index", in: path)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func name() -> String { Self.names.randomElement(using: &random)! }

    /// Git may refuse what makes no sense just now.
    private mutating func tryGit(_ arguments: String...) throws {
        log.append("git " + arguments.joined(separator: " "))
        _ = try run(["git"] + arguments, in: path)
    }

    private mutating func write(_ name: String) throws {
        counter += 1
        let target = path + "/" + name
        try clear(target)
        let text = (0..<5).map { _ in String(UInt64.random(in: 0 ... .max, using: &random), radix: 36) }.joined(separator: "\n")
        try writeFile(target, name.hasSuffix(".gitignore") ? rules() : text)
        log.append("write \(name)")
    }

    private mutating func rules() -> String {
        (0..<number(0...4)).map { _ in Self.patterns.randomElement(using: &random)! }.joined(separator: "\n")
    }

    /// Takes away what stands in the way of a file: a folder, or files where folders must be.
    private func clear(_ target: String) throws {
        let files = FileManager.default
        if exists(target) { try files.removeItem(atPath: target) }
        var folder = URL(fileURLWithPath: target).deletingLastPathComponent()
        while folder.path.count > path.count {
            var info = stat()
            if lstat(folder.path, &info) == 0, info.st_mode & S_IFMT != S_IFDIR { try files.removeItem(at: folder) }
            folder.deleteLastPathComponent()
        }
    }

    mutating func edit() throws {
        let name = name()
        let target = path + "/" + name
        switch number(0...25) {
        case 0...4: try write(name)
        case 5:
            log.append("remove \(name)")
            if exists(target) { try FileManager.default.removeItem(atPath: target) }
        case 6:
            log.append("chmod \(name)")
            chmod(target, number(0...1) == 0 ? 0o755 : 0o644)
        case 7:
            try clear(target)
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: number(0...1) == 0 ? "b" : "lib")
            log.append("link \(name)")
        case 8:
            log.append("touch \(name)")
            utimes(target, nil)
        case 9:
            // The same size at the same second: only git's racy rule tells.
            log.append("overwrite \(name)")
            if let bytes = FileManager.default.contents(atPath: target), !bytes.isEmpty, let handle = FileHandle(forWritingAtPath: target) {
                handle.write(Data([bytes[0] ^ 1]))
                try handle.close()
            }
        case 10: try write("new\(number(0...3))/" + name)
        case 11:
            try clear(target)
            try FileManager.default.createDirectory(atPath: target + "/empty", withIntermediateDirectories: true)
            log.append("folder \(name)")
        case 12...13: try tryGit("add", "--", name)
        case 14: try tryGit("add", "-f", "-A", "--", String(name.prefix(1)))
        case 15: try tryGit("rm", "-q", "-r", "--cached", "--", name)
        case 16: try tryGit("add", "-N", "-f", "--", name)
        case 17: try tryGit("update-index", number(0...2) == 0 ? "--assume-unchanged" : "--no-assume-unchanged", name)
        case 18: try tryGit("update-index", number(0...2) == 0 ? "--skip-worktree" : "--no-skip-worktree", name)
        case 19: try tryGit("commit", "-q", "-m", "more")
        case 20: try tryGit("mv", "-f", name, "moved\(number(0...2))")
        case 21: try tryGit("reset", "-q", "--hard")
        case 22: try tryGit("checkout", "-q", "-f", number(0...1) == 0 ? "other" : "main")
        case 23: try tryGit("merge", "-q", "-m", "both", number(0...1) == 0 ? "other" : "main")
        case 24: try tryGit("init", "-q", "nested\(number(0...1))")
        default: try tryGit("config", "core.filemode", number(0...3) == 0 ? "false" : "true")
        }
    }
}
