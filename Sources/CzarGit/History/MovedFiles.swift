/// Whether the two sides of a merge moved some of the files that neither has any more where the base had them, and not to the same place: for
/// git a conflict, also where one of them only deleted it.
///
/// Where there are too many new files to compare with, the answer is yes: what is not known is not called merged.
///
/// - Throws: ``GitError`` when a tree or blob cannot be read.
/// - Complexity: O(gone · created) comparisons of files for each side, at most ``mostComparisons``.
func areMovedApart(
    _ gone: [DiffSide], base: ObjectID?, ours: ObjectID, theirs: ObjectID?, _ paths: inout ChangedPaths, in repository: borrowing Repository
) throws(GitError) -> Bool {
    guard !gone.isEmpty else { return false }
    var places: [[Int: RepositoryPath]] = []
    for side in [ours, theirs] {
        let created = try paths.changes(from: base, to: side).compactMap { $0.old == nil ? $0.new : nil }
        guard gone.count * created.count <= mostComparisons else { return true }
        var detection = RenameDetection(deleted: gone, created: created)
        try detection.run(limit: 0, in: repository)
        places.append(Dictionary(detection.sourceOf.map { ($1, created[$0].path) }, uniquingKeysWith: { first, _ in first }))
    }
    return places[0] != places[1]
}

private let mostComparisons = 20_000
