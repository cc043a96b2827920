import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct FactStoreTests {
    private let home: TemporaryFolder

    init() throws { home = try TemporaryFolder("facts") }

    private func open() -> FactStore { FactStore(CacheFolder(path: home.path + "/czar"), commonDirectory: home.path) }

    private func file() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: home.path + "/czar")
        #expect(names.count == 1, "\(names)")
        return home.path + "/czar/" + (try #require(names.first))
    }

    private func key(_ number: Int) -> FactKey { FactKey(.changedPaths, [], number: UInt8(number)) }

    private func value(_ number: Int) -> [UInt8] { Array(repeating: UInt8(number), count: number * 7) }

    private func fill(_ numbers: Range<Int>) {
        var store = open()
        for number in numbers { store.keep(value(number), for: key(number)) }
        store.save()
    }

    @Test func whatWasKeptIsThereForTheNextProcess() {
        fill(0..<100)
        var store = open()
        for number in 0..<100 { #expect(store.value(key(number)) == value(number)) }
        #expect(store.value(key(100)) == nil && store.diagnostics.isEmpty)
    }

    @Test func nothingIsWrittenBeforeItIsSavedOrWhereNothingIsNew() throws {
        var store = open()
        store.save()
        store.keep([1], for: key(1))
        #expect(store.value(key(1)) == [1])
        #expect(!FileManager.default.fileExists(atPath: home.path + "/czar"))
    }

    @Test func whatAnotherProcessWroteMeanwhileStays() {
        var first = open()
        var second = open()
        first.keep([1], for: key(1))
        second.keep([2], for: key(2))
        first.save()
        second.save()
        var third = open()
        #expect(third.value(key(1)) == [1] && third.value(key(2)) == [2])
        #expect(second.value(key(1)) == [1], "a saved store sees what others wrote")
    }

    @Test func aDamagedFileIsNotReadAndIsReplaced() throws {
        fill(0..<40)
        let path = try file()
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(seed: 7)
        for round in 0..<300 {
            var bytes = whole
            switch round % 3 {
            case 0: bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            default: bytes.append(contentsOf: [0, 1, 2])
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            var store = open()
            #expect(store.value(key(20)) == nil && store.diagnostics.count == 1, "round \(round)")
        }
        fill(0..<3)
        var store = open()
        #expect(store.value(key(2)) == value(2) && store.value(key(20)) == nil && store.diagnostics.isEmpty)
    }

    @Test func aFileWhoseChecksumFitsButWhoseTableDoesNotIsNotRead() throws {
        fill(0..<5)
        let path = try file()
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for offset in [8, 16 + 20, 16 + 24] {
            var changed = bytes
            changed[offset + 1] = 0xFF
            changed.removeLast(20)
            let sum = changed.withUnsafeBytes { SHA1.digest(of: $0) }
            withUnsafeBytes(of: sum.raw) { changed.append(contentsOf: $0) }
            try Data(changed).write(to: URL(fileURLWithPath: path), options: .atomic)
            var store = open()
            #expect(store.value(key(1)) == nil && store.diagnostics.count == 1, "offset \(offset)")
        }
        bytes.removeAll()
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        var store = open()
        #expect(store.value(key(1)) == nil && store.diagnostics.count == 1)
    }

    @Test func aFolderThatCannotBeMadeIsNoError() throws {
        try "a file in the way".write(toFile: home.path + "/czar", atomically: true, encoding: .utf8)
        var store = open()
        store.keep([1], for: key(1))
        store.save()
        store.save()
        #expect(store.value(key(1)) == [1])
        #expect(store.diagnostics.count == 1, "said once: \(store.diagnostics)")
    }

    @Test func theFileStaysBelowItsLimit() throws {
        var store = open()
        for number in 0..<700 {
            store.keep(Array(repeating: 1, count: 60_000), for: FactKey(.commit, [ObjectID(first: UInt64(number), second: 0, third: 0)]))
        }
        store.save()
        let size = try #require(try FileManager.default.attributesOfItem(atPath: try file())[.size] as? Int)
        #expect(size <= 32 << 20 && size > 16 << 20)
    }

    @Test func keysDifferWithEveryPart() {
        let id = ObjectID(first: 1, second: 2, third: 3)
        let keys = [
            FactKey(.history, [id, nil]), FactKey(.history, [nil, id]), FactKey(.history, [id]), FactKey(.history, [nil, nil]),
            FactKey(.commit, [id, nil]), FactKey(.history, [id, nil], number: 1), FactKey(.history, [id, id]),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
