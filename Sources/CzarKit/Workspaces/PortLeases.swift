import CzarGit
import CzarPlanning
import Glibc
import SystemPackage

/// TCP ports of this machine that belong to worktrees: `ports: 2` gives a worker two that nobody else is given while its folder exists.
///
/// One file for all repositories of a user, `${XDG_STATE_HOME:-~/.local/state}/czar/ports`, read and written under a lock: a line for
/// each port, `<port> <worktree>`. A lease whose worktree is gone is void, whoever removed it.
package struct PortLeases {
    /// Below the range from which Linux takes ports for outgoing connections (32768 and up).
    static let range = 21_000..<32_000
    private static let name = "ports"

    /// Exists; the folders below it are made when they are needed.
    private let root: String
    private let below: String

    /// - Throws: ``PortError/noHome`` when neither variable is set.
    package init(environment: [String: String]) throws(PortError) {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            (root, below) = (splitPath(state).folder, splitPath(state).name + "/czar")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            (root, below) = (home, ".local/state/czar")
        } else {
            throw .noHome
        }
    }

    /// The worktree's ports, as many as asked for: those it has already, and free ones in addition.
    ///
    /// What it has is given again without looking whether something listens there: that is the worker's own server.
    package func lease(_ count: Int, to worktree: String) throws -> [Int] {
        try withLeases { leases in
            var own = leases.filter { $0.value == worktree }.keys.sorted()
            while own.count > count { leases[own.removeLast()] = nil }
            guard own.count < count else { return own }
            // Workers of different repositories seldom meet, and one worker's ports stay together.
            let start = Self.range.lowerBound + Int(Self.hash(worktree) % UInt64(Self.range.count))
            for offset in 0..<Self.range.count where own.count < count {
                let port = Self.range.lowerBound + (start - Self.range.lowerBound + offset) % Self.range.count
                guard leases[port] == nil, Self.isFree(port) else { continue }
                leases[port] = worktree
                own.append(port)
            }
            guard own.count == count else { throw PortError.noneFree(wanted: count) }
            return own.sorted()
        }
    }

    /// Gives back all ports of a worktree.
    package func release(_ worktree: String) throws {
        // Nothing was ever leased on a machine without the file.
        guard FileKind(at: root + "/" + below + "/" + Self.name) == .file else { return }
        try withLeases { leases in leases = leases.filter { $0.value != worktree } }
    }

    private func withLeases<Result>(_ body: (inout [Int: String]) throws -> Result) throws -> Result {
        let place = try openFolder()
        let lock = try PortError.onFiles { () throws(FileError) in try FileLock(Self.name + ".lock", in: place) }
        var leases: [Int: String] = [:]
        let text = String(decoding: try place.read(Self.name) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let port = Int(parts[0]), FileKind(at: String(parts[1])) == .folder else { continue }
            leases[port] = String(parts[1])
        }
        let result = try body(&leases)
        let lines = leases.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
        if lines != text { try place.write(lines.utf8, to: Self.name, mode: .asParent) }
        lock.hold()
        return result
    }

    private func openFolder() throws(PortError) -> Folder {
        try PortError.onFiles { () throws(FileError) in try Folder(opening: root).subfolder(below, creating: 0o700) }
    }

    /// Whether nothing listens there: neither on all addresses nor on loopback alone.
    private static func isFree(_ port: Int) -> Bool {
        [INADDR_ANY, in_addr_t(0x7F00_0001)].allSatisfy { address in
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard socket >= 0 else { return false }
            defer { close(socket) }
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = in_port_t(port).bigEndian
            place.sin_addr.s_addr = address.bigEndian
            return withUnsafePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }

    /// FNV-1a.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// Why a worker gets no ports.
package enum PortError: FileFailure, Explained, Hashable {
    case noHome
    case noneFree(wanted: Int)
    case file(FileError)

    package init(_ error: FileError) { self = .file(error) }

    package var description: String {
        switch self {
        case .noHome: "cannot lease ports: neither XDG_STATE_HOME nor HOME says where this user's leases are kept"
        case .noneFree(let wanted): "cannot lease \(wanted) ports: fewer are free on this machine until worktrees that are done are removed"
        case .file(let error): "cannot lease ports: \(error); XDG_STATE_HOME may name another folder"
        }
    }

    package var kind: FailureKind { .cannotCreate }

    package var remedy: String? {
        switch self {
        case .noHome: "export HOME=~"
        case .noneFree: "czar prune"
        case .file(let error): error.remedy
        }
    }
}
