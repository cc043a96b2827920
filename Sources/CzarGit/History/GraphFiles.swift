/// Git's commit-graph of a repository: its layers, lowest first; none where there is no usable file.
struct GraphFiles: Sendable {
    private(set) var layers: [GraphFile] = []
    /// The first global position of each layer.
    private(set) var starts: [Int] = []
    private(set) var count = 0
    /// One line for each file that could not be used, for a debug log.
    private(set) var diagnostics: [String] = []

    init() {}

    /// Opens what git would open: in each object folder the single file, else the chain; the first folder that has one wins.
    init(objectFolders: [String]) {
        for folder in objectFolders {
            if openSingle(folder + "/info/commit-graph") { return }
            if openChain(folder + "/info/commit-graphs/commit-graph-chain", in: objectFolders) { return }
        }
    }

    /// Uses a file of Czar's cache in the place of files that have fewer commits, or of none.
    mutating func useCached(_ path: String) {
        var cached = GraphFiles()
        let isThere = cached.openSingle(path)
        diagnostics += cached.diagnostics
        guard isThere, cached.count > count else { return }
        (layers, starts, count) = (cached.layers, cached.starts, cached.count)
    }

    mutating func note(_ line: String) { diagnostics.append(line) }

    private mutating func openSingle(_ path: String) -> Bool {
        guard let file = open(path) else { return false }
        guard file.baseHashes.isEmpty else {
            diagnostics.append("commit-graph '\(path)' not used: it needs base files")
            return false
        }
        append(file)
        return true
    }

    /// A chain is used up to its first damaged layer: every prefix is closed under parents.
    private mutating func openChain(_ path: String, in folders: [String]) -> Bool {
        guard let list = mapped(path) else { return false }
        var hashes: [ObjectID] = []
        for line in list.lines {
            guard let hash = ObjectID(hex: line) else {
                diagnostics.append("commit-graph chain '\(path)' has the invalid line '\(line)'")
                break
            }
            guard let layer = layer(hash, in: folders) else { break }
            guard layer.checksum == hash, layer.baseHashes == hashes else {
                diagnostics.append("commit-graph '\(layer.file.path)' not used: it does not fit its chain")
                break
            }
            hashes.append(hash)
            append(layer)
        }
        return !layers.isEmpty
    }

    /// A layer may lie in another folder than its list; nil, and one line that says why, where none is sound.
    private mutating func layer(_ hash: ObjectID, in folders: [String]) -> GraphFile? {
        let noted = diagnostics.count
        for folder in folders {
            if let file = open("\(folder)/info/commit-graphs/graph-\(hash).graph") { return file }
        }
        if diagnostics.count == noted { note("commit-graph chain: the layer \(hash) is missing") }
        return nil
    }

    private mutating func open(_ path: String) -> GraphFile? {
        guard let file = mapped(path) else { return nil }
        do {
            return try GraphFile(file)
        } catch {
            diagnostics.append("commit-graph '\(path)' not used: it \(error.reason)")
            return nil
        }
    }

    /// What cannot be opened is not used: it holds nothing that the commits themselves do not say.
    private mutating func mapped(_ path: String) -> MappedFile? {
        do throws(GitError) { return try MappedFile.open(path) } catch {
            diagnostics.append("commit-graph '\(path)' not used: \(error.message)")
            return nil
        }
    }

    private mutating func append(_ layer: GraphFile) {
        starts.append(count)
        layers.append(layer)
        count += layer.count
    }

    /// Forgets all layers, because one of them contradicts itself.
    mutating func discard(because reason: String) {
        diagnostics.append("commit-graph '\(layers.first?.file.path ?? "")' not used: \(reason)")
        (layers, starts, count) = ([], [], 0)
    }

    /// Whether git walks by corrected commit dates: every layer has to have them.
    var hasCorrectedDates: Bool { !layers.isEmpty && layers.allSatisfy(\.hasCorrectedDates) }

    func position(of id: ObjectID) -> Int? {
        for (start, layer) in zip(starts, layers) {
            if let index = layer.index(of: id) { return start + index }
        }
        return nil
    }

    /// The layer of a global position and the index in it.
    func locate(_ position: Int) -> (layer: GraphFile, index: Int) {
        let number = starts.lastIndex { $0 <= position } ?? 0
        return (layers[number], position - starts[number])
    }
}
