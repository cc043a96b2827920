import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// All ways to hash, held against each other and against git's files and sha1sum.
@Suite struct SHA1Tests {
    private func digests(_ bytes: [UInt8]) -> [String] {
        bytes.withUnsafeBytes { [SHA1.digest(of: $0).hex, SHA1.portableDigest(of: $0).hex, pieces($0, of: 63), pieces($0, of: 150)] }
    }

    private func pieces(_ bytes: UnsafeRawBufferPointer, of size: Int) -> String {
        var stream = SHA1.Stream()
        for start in stride(from: 0, to: bytes.count, by: size) {
            stream.add(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)]))
        }
        return stream.digest().hex
    }

    @Test func everyLengthAroundABlockHashesAsSha1sumDoes() throws {
        let folder = try TemporaryFolder()
        let lengths = Array(0...130) + [4095, 4096, 100_003]
        var expected: [String] = []
        for length in lengths {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ length) }
            try Data(bytes).write(to: URL(filePath: folder.path + "/\(length)"))
            #expect(Set(digests(bytes)).count == 1)
            expected.append("\(digests(bytes)[0])  \(length)")
        }
        let names = lengths.map(String.init)
        #expect(try run(["sha1sum"] + names, in: folder.path).output.split(separator: "\n").map(String.init) == expected)
    }
}
