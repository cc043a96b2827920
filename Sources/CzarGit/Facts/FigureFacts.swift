/// The ways in which figures are written as facts. What cannot be read back is as if it had never been written.
extension CommitSummary {
    var fact: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: seconds.map { Int($0) } ?? Self.noTime)
        bytes.append(text: author.utf8)
        bytes.append(text: subject.utf8)
        return bytes
    }

    init?(fact: [UInt8]) {
        var reader = FactBytes(fact)
        guard let seconds = reader.number(), let author = reader.text(), let subject = reader.text(), reader.isAtEnd else { return nil }
        self.init(
            author: String(decoding: author, as: UTF8.self), seconds: seconds == Self.noTime ? nil : Int64(seconds),
            subject: String(decoding: subject, as: UTF8.self))
    }

    private static let noTime = -1
}

extension FleetFigures {
    var fact: [UInt8] {
        var bytes: [UInt8] = []
        for number in [total, ahead, behind, ownCommits] { bytes.append(number: number) }
        for id in [comparisonBase, fromTree, toTree] { bytes.append(id) }
        bytes.append(number: stranded.count)
        for id in stranded { bytes.append(id) }
        return bytes
    }

    init?(fact: [UInt8]) {
        var reader = FactBytes(fact)
        guard let total = reader.number(), let ahead = reader.number(), let behind = reader.number(), let own = reader.number(),
            let comparison = reader.id(), let from = reader.id(), let to = reader.id(), let to, let count = reader.count(ofItems: 21)
        else { return nil }
        var stranded: [ObjectID] = []
        for _ in 0..<count {
            guard let id = reader.id(), let id else { return nil }
            stranded.append(id)
        }
        guard reader.isAtEnd else { return nil }
        self.init(
            total: total, ahead: ahead, behind: behind, comparisonBase: comparison, ownCommits: own, fromTree: from, toTree: to,
            stranded: stranded)
    }
}

extension Integration {
    var fact: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: state.rawValue.utf8)
        bytes.append(evidence)
        return bytes
    }

    init?(fact: [UInt8]) {
        var reader = FactBytes(fact)
        guard let name = reader.text(), let state = State(rawValue: String(decoding: name, as: UTF8.self)), let evidence = reader.id(),
            reader.isAtEnd
        else { return nil }
        self.init(state: state, evidence: evidence)
    }
}

/// Counts between two trees, and the folders whose attributes they depend on.
struct ChangeFact: Sendable {
    let counts: ChangeCounts
    let folders: [ArraySlice<UInt8>]

    init(counts: ChangeCounts, folders: [ArraySlice<UInt8>]) { (self.counts, self.folders) = (counts, folders) }

    init(_ changes: TreeChanges, counts: ChangeCounts) {
        self.counts = counts
        folders = Array(CzarGit.folders(of: changes.files.flatMap { [$0.oldPath, $0.newPath].compactMap { $0 } }))
    }

    private static var numbers: [WritableKeyPath<ChangeCounts, Int>] {
        [\.created, \.modified, \.deleted, \.renamed, \.insertions, \.deletions, \.testsAdded, \.testFiles]
    }

    var fact: [UInt8] {
        var bytes: [UInt8] = []
        for field in Self.numbers { bytes.append(number: counts[keyPath: field]) }
        bytes.append(number: folders.count)
        for folder in folders { bytes.append(text: folder) }
        return bytes
    }

    init?(fact: [UInt8]) {
        var reader = FactBytes(fact)
        var counts = ChangeCounts()
        for field in Self.numbers {
            guard let number = reader.number() else { return nil }
            counts[keyPath: field] = number
        }
        guard let count = reader.count(ofItems: 8) else { return nil }
        var folders: [ArraySlice<UInt8>] = []
        for _ in 0..<count {
            guard let folder = reader.text() else { return nil }
            folders.append(folder)
        }
        guard reader.isAtEnd else { return nil }
        (self.counts, self.folders) = (counts, folders)
    }
}
