import Foundation
import Glibc
import TestSupport
import Testing

@testable import CzarKit

@Suite struct PortLeasesTests {
    @Test func aPortSomebodyListensOnIsNotGiven() throws {
        let home = try TemporaryFolder("czar-leases")
        let leases = try PortLeases(environment: ["XDG_STATE_HOME": home.path])
        let tree = home.path + "/tree"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: false)
        let port = try leases.lease(1, to: tree)[0]
        try leases.release(tree)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var place = sockaddr_in()
        (place.sin_family, place.sin_port, place.sin_addr.s_addr) = (
            sa_family_t(AF_INET), in_port_t(port).bigEndian, in_addr_t(0x7F00_0001).bigEndian
        )
        let bound = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        #expect(bound == 0 && listen(listener, 1) == 0)
        #expect(try leases.lease(1, to: tree) != [port])
    }

    @Test func manyAskAtOnceAndNoPortIsGivenTwice() async throws {
        let home = try TemporaryFolder("czar-leases")
        let trees = (0..<12).map { home.path + "/tree\($0)" }
        for tree in trees { try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: false) }
        let environment = ["XDG_STATE_HOME": home.path + "/state"]
        let given = try await withThrowingTaskGroup(of: [Int].self) { group in
            for tree in trees {
                group.addTask { try await onOwnThread("lease") { try PortLeases(environment: environment).lease(3, to: tree) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(given.count == 36 && Set(given).count == 36)
    }

    @Test func aLeaseEndsWithItsFolderAndIsTheSameWhenAskedAgain() throws {
        let home = try TemporaryFolder("czar-leases")
        let leases = try PortLeases(environment: ["HOME": home.path])
        let tree = home.path + "/tree"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: false)
        let first = try leases.lease(2, to: tree)
        #expect(try leases.lease(2, to: tree) == first)
        #expect(try leases.lease(1, to: tree) == [first[0]])
        try FileManager.default.removeItem(atPath: tree)
        _ = try leases.lease(1, to: home.path)
        let text = try String(contentsOfFile: home.path + "/.local/state/czar/ports", encoding: .utf8)
        #expect(!text.contains(tree))
    }

    @Test func withoutAHomeItSaysWhatToSet() {
        #expect(throws: PortError.noHome) { _ = try PortLeases(environment: [:]) }
    }
}
