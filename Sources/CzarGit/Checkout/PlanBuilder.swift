import CLibgit2

/// Walks several trees at once and lists what they share once.
struct PlanBuilder: ~Copyable {
    private(set) var plan: CheckoutPlan
    private let reader: ObjectReader
    private let settings: CheckoutSettings
    private var failed: LayoutSet = 0
    private let indexLimit: Int

    /// A tree below one path, and whose it is.
    private struct Node {
        let id: ObjectID
        let layouts: LayoutSet
    }

    /// One line of a tree object.
    private struct Line {
        let name: [UInt8]
        let mode: UInt32
        let id: ObjectID
        var layouts: LayoutSet

        var isFolder: Bool { mode == 0o040000 }
        /// git sorts a folder as if its name ended with a slash.
        var key: [UInt8] { isFolder ? name + [0x2F] : name }
    }

    /// Nil when the indexes of several trees are larger than `indexes` bytes together.
    /// - Complexity: O(distinct folders and files).
    static func build(
        _ contents: [CheckoutContent], settings: CheckoutSettings, following replacements: Replacements, indexes: Int,
        _ repository: borrowing Repository
    ) throws(GitError) -> CheckoutPlan? {
        var builder = PlanBuilder(
            plan: CheckoutPlan(contents), reader: try ObjectReader(repository, following: replacements), settings: settings,
            indexLimit: contents.count > 1 ? indexes : .max)
        var all: [Node] = []
        for (index, content) in contents.enumerated() where !all.contains(where: { $0.id == content.tree }) {
            let same = contents.indices[index...].filter { contents[$0].tree == content.tree }
            all.append(Node(id: content.tree, layouts: same.reduce(0) { $0 | 1 << LayoutSet($1) }))
        }
        builder.visit([UInt8](), name: [UInt8](), all, parents: Array(repeating: -1, count: contents.count), folder: 0)
        if builder.isTooLarge { return nil }
        for index in contents.indices { builder.plan.layouts[index].template.finish() }
        return builder.plan
    }

    private init(plan: CheckoutPlan, reader: consuming ObjectReader, settings: CheckoutSettings, indexLimit: Int) {
        self.plan = plan
        self.reader = reader
        self.settings = settings
        self.indexLimit = indexLimit
    }

    private var isTooLarge: Bool { plan.layouts.reduce(0) { $0 + $1.template.bytes.count } > indexLimit }

    // MARK: - Walking

    /// Lists the folder `path` (empty, or ending with a slash).
    private mutating func visit(_ path: [UInt8], name: [UInt8], _ nodes: [Node], parents: [Int], folder: UInt32) {
        if isTooLarge { return }
        var marks = parents
        for node in nodes {
            forEach(node.layouts) { layout in
                marks[layout] = plan.layouts[layout].template.enterFolder(name, node.id, in: parents[layout])
            }
        }
        var direct: [UInt32] = []
        let skipping = layoutsWithoutFiles(in: path)
        let lines = merged(nodes, path)
        // What was found on this file system can stand side by side there.
        if settings.ignoresCase { refuseClashes(lines.filter { $0.layouts & layoutsWithIndex != 0 }, path) }
        var index = 0
        while index < lines.count {
            let line = lines[index]
            index += 1
            guard isAllowed(line, path) else { continue }
            guard line.isFolder else {
                add(line, path, folder: folder, skipping: skipping).map { direct.append($0) }
                continue
            }
            var children = [Node(id: line.id, layouts: line.layouts)]
            while index < lines.count, lines[index].isFolder, lines[index].name == line.name {
                children.append(Node(id: lines[index].id, layouts: lines[index].layouts))
                index += 1
            }
            descend(path + line.name, name: line.name, children, parents: marks)
        }
        for node in nodes {
            forEach(node.layouts) { layout in plan.layouts[layout].template.leaveFolder(marks[layout]) }
        }
        cut(direct)
    }

    /// The sparse layouts that have none of the files directly in a folder.
    private func layoutsWithoutFiles(in path: [UInt8]) -> LayoutSet {
        var result: LayoutSet = 0
        for (index, layout) in plan.layouts.enumerated() {
            guard let cone = layout.cone, !cone.holdsFiles(in: Array(path.dropLast())) else { continue }
            result |= 1 << LayoutSet(index)
        }
        return result
    }

    /// The layouts that write a whole worktree.
    private var layoutsWithIndex: LayoutSet {
        plan.layouts.indices.reduce(0) { plan.layouts[$1].only == nil ? $0 | 1 << LayoutSet($1) : $0 }
    }

    /// The layouts that only write other files.
    private func layoutsWithout(_ path: [UInt8]) -> LayoutSet {
        var result: LayoutSet = 0
        for (index, layout) in plan.layouts.enumerated() {
            if let only = layout.only, !only.contains(RepositoryPath(bytes: path)) { result |= 1 << LayoutSet(index) }
        }
        return result
    }

    private mutating func descend(_ path: [UInt8], name: [UInt8], _ nodes: [Node], parents: [Int]) {
        let own = plan.folders.count
        plan.folders.append(.init(path: UInt32(plan.names.count), layouts: 0))
        plan.names.append(contentsOf: path)
        plan.names.append(0)
        let counts = plan.layouts.map(\.template.fileCount)
        visit(path + [0x2F], name: name, nodes, parents: parents, folder: plan.folders[own].path)
        // A folder without files is not made, as with git.
        for (layout, count) in counts.enumerated() where plan.layouts[layout].template.fileCount > count {
            plan.folders[own].layouts |= 1 << LayoutSet(layout)
        }
    }

    /// The lines of all these trees in git's order, equal ones as one.
    private mutating func merged(_ nodes: [Node], _ path: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var trees = 0
        for node in nodes where node.layouts & ~failed != 0 {
            do throws(GitError) {
                try reader.replacements.checkDepth(of: path)
                try reader.withObject(node.id) { type, bytes throws(GitError) in
                    guard type == GIT_OBJECT_TREE else { throw Self.malformed(node.id, path) }
                    try Self.parse(bytes, node.layouts, of: node.id, path, into: &lines)
                }
                trees += 1
            } catch {
                fail(node.layouts, error)
            }
        }
        guard trees > 1 else { return lines }
        // Stable, so a malformed tree's own order is still seen to be wrong.
        let sorted = lines.enumerated().sorted {
            let (left, right) = ($0.element.key, $1.element.key)
            if left != right { return left.lexicographicallyPrecedes(right) }
            return $0.offset < $1.offset
        }
        var result: [Line] = []
        for (_, line) in sorted {
            let same = result.indices.reversed().prefix { result[$0].name == line.name && result[$0].isFolder == line.isFolder }
            if let index = same.first(where: {
                result[$0].id == line.id && result[$0].mode == line.mode && result[$0].layouts & line.layouts == 0
            }) {
                result[index].layouts |= line.layouts
            } else {
                result.append(line)
            }
        }
        return result
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, _ layouts: LayoutSet, of tree: ObjectID, _ path: [UInt8], into lines: inout [Line]
    ) throws(GitError) {
        var position = 0
        while position < bytes.count {
            var mode: UInt32 = 0
            while position < bytes.count, bytes[position] != 0x20 {
                guard (0x30...0x37).contains(bytes[position]), mode < 0o1000000 else { throw malformed(tree, path) }
                mode = mode << 3 | UInt32(bytes[position] - 0x30)
                position += 1
            }
            let start = position + 1
            guard start < bytes.count, let end = bytes[start...].firstIndex(of: 0), end + 20 < bytes.count else {
                throw malformed(tree, path)
            }
            let id = ObjectID(bytes: bytes.baseAddress! + end + 1)
            lines.append(Line(name: Array(bytes[start..<end]), mode: indexMode(mode), id: id, layouts: layouts))
            position = end + 21
        }
    }

    /// git's `canon_mode`: old trees hold modes such as 100664.
    private static func indexMode(_ mode: UInt32) -> UInt32 {
        switch mode & 0o170000 {
        case 0o100000: mode & 0o100 != 0 ? 0o100755 : 0o100644
        case 0o120000: 0o120000
        case 0o040000: 0o040000
        default: 0o160000
        }
    }

    // MARK: - Entries

    private mutating func add(_ line: Line, _ path: [UInt8], folder: UInt32, skipping: LayoutSet) -> UInt32? {
        let full = path + line.name
        let skipping = skipping | layoutsWithout(full)
        let start = plan.names.count
        plan.names.append(contentsOf: full)
        plan.names.append(0)
        let positions = plan.positions.count
        let layouts = line.layouts & ~failed
        forEach(layouts) { layout in
            let isSkipped = skipping & (1 << LayoutSet(layout)) != 0
            if !isSkipped { plan.positions.append(UInt32(plan.layouts[layout].template.count)) }
            let isAscending = full.withUnsafeBufferPointer {
                plan.layouts[layout].template.append(path: $0, id: line.id, mode: line.mode, isSkipped: isSkipped)
            }
            if !isAscending { fail(1 << LayoutSet(layout), Self.malformed(plan.layouts[layout].tree, full)) }
            // As git, which takes even a link's text for attributes here.
            if line.name == attributesName, line.mode == 0o120000 || line.mode & 0o170000 == 0o100000 {
                plan.layouts[layout].attributeFiles.append(AttributeFile(path: RepositoryPath(bytes: full), id: line.id))
            }
        }
        let written = layouts & ~skipping
        guard written & ~failed != 0 else { return nil }
        let entry = CheckoutPlan.Entry(
            id: line.id, mode: line.mode, folder: folder, path: UInt32(start),
            name: UInt32(start + path.count), layouts: written, positions: UInt32(positions))
        plan.entries.append(entry)
        return UInt32(plan.entries.count - 1)
    }

    /// Units are small enough that threads end together and large enough that opening the folder does not count.
    private mutating func cut(_ direct: [UInt32]) {
        let start = plan.order.count
        plan.order.append(contentsOf: direct)
        var lower = start
        while lower < plan.order.count {
            let upper = min(lower + 64, plan.order.count)
            plan.units.append(lower..<upper)
            lower = upper
        }
    }

    // MARK: - Refusals

    private mutating func isAllowed(_ line: Line, _ path: [UInt8]) -> Bool {
        guard line.layouts & ~failed != 0 else { return false }
        let allowed = line.name.withUnsafeBufferPointer { settings.rules.allows($0, isLink: line.mode == 0o120000) }
        guard !allowed else { return true }
        fail(
            line.layouts,
            GitError(
                code: .invalidName, operation: "check out", subject: escapedForDisplay(path + line.name),
                message: "git refuses this path: it could reach into a repository's own folder"))
        return false
    }

    /// On a file system that folds case, the second of two such files would replace the first.
    private mutating func refuseClashes(_ lines: [Line], _ path: [UInt8]) {
        var seen: [String: [Line]] = [:]
        for line in lines {
            let folded = String(decoding: line.name, as: UTF8.self).lowercased()
            for other in seen[folded, default: []] where other.name != line.name && other.layouts & line.layouts != 0 {
                fail(
                    other.layouts & line.layouts,
                    GitError(
                        code: .conflict, operation: "check out", subject: escapedForDisplay(path + line.name),
                        message: "its name differs from '\(escapedForDisplay(other.name))' only in case, and core.ignorecase is set"))
            }
            seen[folded, default: []].append(line)
        }
    }

    private mutating func fail(_ layouts: LayoutSet, _ error: GitError) {
        failed |= layouts
        forEach(layouts) { layout in
            if plan.layouts[layout].failure == nil { plan.layouts[layout].failure = error }
        }
    }

    private static func malformed(_ tree: ObjectID, _ path: [UInt8]) -> GitError {
        GitError(
            code: .generic, operation: "read the tree", subject: tree.hex,
            message: "it is malformed at '\(escapedForDisplay(path))': 'git fsck' says more")
    }
}

private let attributesName = Array(".gitattributes".utf8)

/// Calls `body` with the number of each bit that is set.
func forEach(_ layouts: LayoutSet, _ body: (Int) -> Void) {
    var rest = layouts
    while rest != 0 {
        body(rest.trailingZeroBitCount)
        rest &= rest - 1
    }
}
