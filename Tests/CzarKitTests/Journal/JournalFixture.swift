import CzarKit
import CzarPlanning
import Foundation
import TestSupport

/// A folder that stands for a repository: `common` is its common dir, `.czarina` its plan folder, `tree` a worktree.
struct JournalFixture: Sendable {
    let root: TemporaryFolder
    let path: String

    init() throws {
        root = try TemporaryFolder("journal")
        path = root.path
        for name in ["common", "tree"] {
            try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        }
    }

    var place: JournalPlace { get throws { try Self.place(path) } }
    var tree: String { path + "/tree" }

    static func place(_ path: String) throws -> JournalPlace {
        try JournalPlace(commonDirectory: path + "/common", planFolder: path + "/.czarina")
    }

    func open() throws -> Journal { try Journal.openOrCreate(place) }

    func text(_ name: String) -> String { String(decoding: bytes(name), as: UTF8.self) }
    func bytes(_ name: String) -> Data { FileManager.default.contents(atPath: path + "/" + name) ?? Data() }
    func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
    func append(_ text: String, to name: String) throws {
        if !exists(name) { try write("", to: name) }
        let handle = try present(FileHandle(forWritingAtPath: path + "/" + name))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }
    func names(_ folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted() }

    /// What the mirrors have to hold, computed from the database alone.
    func mirrors(of journal: Journal) throws -> (text: String, json: String) {
        let entries = try journal.entries()
        return (entries.map { EventLine($0).text + "\n" }.joined(), entries.map { EventLine($0).json + "\n" }.joined())
    }
}

struct MissingValue: Error {}

func present<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw MissingValue() }
    return value
}

let api = WorkerKey(phase: .first, id: WorkerID(rawValue: "api")!)
let docs = WorkerKey(phase: .first, id: WorkerID(rawValue: "docs")!)

func checkpoint(_ name: String, of key: WorkerKey? = api, type: EventType = .checkpoint) -> Event {
    Event(
        time: Timestamp(milliseconds: 1_790_000_000_000), phase: .first, worker: key?.id, type: type, fields: ["name": name], actor: "cli")
}
