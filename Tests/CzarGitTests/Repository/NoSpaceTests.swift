import Glibc
import TestSupport
import Testing

@testable import CzarGit

@Suite struct NoSpaceTests {
    @Test func whatLibgit2HasNoRoomForIsSaidAsThat() throws {
        let folder = try TemporaryFolder("czar-full")
        let mounted = try getuid() == 0 && run(["mount", "-t", "tmpfs", "-o", "size=1m", "czar-test", folder.path], in: "/").status == 0
        guard mounted else { return CzarProgram.skip("may not mount") }
        defer { _ = try? run(["umount", "-l", folder.path], in: "/") }
        try git("init", "-q", folder.path + "/r", in: folder.path)
        let repository = try Repository(opening: folder.path + "/r")
        _ = try run(["dd", "if=/dev/zero", "of=\(folder.path)/fill", "bs=1k"], in: "/")
        let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
        let error = #expect(throws: GitError.self) { try repository.createBlob(bytes) }
        #expect(error?.code == .noSpace)
    }
}
