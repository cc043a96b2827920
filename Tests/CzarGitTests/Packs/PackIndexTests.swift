import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// Ids are found wherever they lie: a search that begins with a guess must not depend on how good the guess is.
@Suite struct PackIndexTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("pack-index") }

    /// An index of version 2 over `ids`, whose object number *n* lies at the offset 12 + *n*.
    private func pack(_ ids: [ObjectID]) throws -> PackFile {
        var bytes: [UInt8] = []
        func number(_ value: Int) { withUnsafeBytes(of: UInt32(value).bigEndian) { bytes.append(contentsOf: $0) } }
        number(0xFF74_4F63)
        number(2)
        for byte in 0..<256 { number(ids.count { Int($0.first >> 56) <= byte }) }
        for id in ids { withUnsafeBytes(of: id.raw) { bytes.append(contentsOf: $0) } }
        for _ in ids { number(0) }
        for position in ids.indices { number(12 + position) }
        bytes += Array(repeating: 0, count: 40)
        try writeFile(folder.path + "/pack.idx", Data(bytes))
        try writeFile(folder.path + "/pack.pack", Data(Array("PACK".utf8) + Array(repeating: 0, count: 60)))
        let index = try #require(try MappedFile.open(folder.path + "/pack.idx"))
        let pack = try #require(try MappedFile.open(folder.path + "/pack.pack"))
        return try #require(PackFile(index: index, pack: pack, order: nil))
    }

    @Test(arguments: ["even", "crowded", "at the ends", "one"])
    func everyIdIsFoundAndNoOther(_ spread: String) throws {
        var random = SeededGenerator(seed: 5)
        let firsts: [UInt64] =
            switch spread {
            case "even": (0..<20_000).map { _ in random.next() }
            case "crowded": (0..<3_000).map { 0x4200_0000_0000_0000 + UInt64($0) }
            case "at the ends": (0..<500).map { UInt64($0) * 2 } + (0..<2_000).map { .max - UInt64($0) * 2 }
            default: [.max]
            }
        let ids = Set(firsts.map { ObjectID(first: $0, second: 7, third: 7) }).sorted()
        let pack = try pack(ids)
        for (position, id) in ids.enumerated() { #expect(pack.offset(of: id) == 12 + position) }
        for id in ids {
            #expect(pack.offset(of: ObjectID(first: id.first, second: 7, third: 6)) == nil)
            #expect(pack.offset(of: ObjectID(first: id.first, second: 7, third: 8)) == nil)
        }
        #expect(pack.offset(of: .zero) == nil)
    }
}
