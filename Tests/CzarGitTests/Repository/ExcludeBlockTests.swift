import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct ExcludeBlockTests {
    @Test func theBlockIsKeptBetweenOtherLinesByteForByte() throws {
        let repository = try GitRepository()
        let path = repository.path + "/.git/info/exclude"
        let before = Data("# mine\n*.o\n".utf8) + Data([0xFF]) + Data("no newline at the end".utf8)
        try writeFile(path, before)
        let location = try RepositoryLocation.discover(from: repository.path)
        #expect(try location.excludeBlock() == nil)
        try location.writeExcludeBlock(["/a/", "/b"])
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(first.starts(with: before))
        try writeFile(path, first + Data("after\n".utf8))
        try location.writeExcludeBlock(["/c"])
        #expect(try location.excludeBlock() == ["/c"])
        #expect(try git("check-ignore", "c", in: repository.path) == "c")
        try location.writeExcludeBlock([])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before + Data("\nafter\n".utf8))
    }

    @Test func writingTheSameAgainWritesNothing() throws {
        let repository = try GitRepository()
        let location = try RepositoryLocation.discover(from: repository.path)
        try location.writeExcludeBlock(["/a"])
        let path = repository.path + "/.git/info/exclude"
        let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        try location.writeExcludeBlock(["/a"])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == number)
    }

    @Test func manyWritersLeaveOneBlock() async throws {
        let repository = try GitRepository()
        let location = try RepositoryLocation.discover(from: repository.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 { group.addTask { try location.writeExcludeBlock(["/\(index)"]) } }
            try await group.waitForAll()
        }
        let text = try String(contentsOfFile: repository.path + "/.git/info/exclude", encoding: .utf8)
        #expect(text.split(separator: "\n").count { $0.hasPrefix("# >>> czar") } == 1)
    }
}
