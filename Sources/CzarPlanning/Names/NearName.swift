/// Finds the name that was probably meant.
package enum NearName {
    /// The candidate nearest to a name, ignoring case; nil when none is near. Of equally near ones the first in sorted order.
    ///
    /// Near means: one edit for each three characters begun, so that `bakend` finds `backend` and `x` finds nothing.
    /// - Complexity: O(candidates × length²); names longer than 64 characters are never near.
    package static func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        // The beginning of one name alone is that name, whatever else is near.
        let begun = candidates.filter { $0 != name && $0.lowercased().hasPrefix(name.lowercased()) }
        if wanted.count > 2, begun.count == 1 { return begun[0] }
        let limit = min(3, (wanted.count + 1) / 3)
        var best: (distance: Int, name: String)?
        for candidate in candidates where candidate != name {
            let letters = Array(candidate.lowercased().unicodeScalars)
            guard letters.count <= 64, abs(letters.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            guard distance <= limit else { continue }
            if best.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true { best = (distance, candidate) }
        }
        return best?.name
    }

    /// ` Did you mean 'backend'?`, or nothing.
    package static func question(for name: String, among candidates: some Sequence<String>) -> String {
        suggestion(for: name, among: candidates).map { " Did you mean '\($0)'?" } ?? ""
    }

    /// How many letters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment).
    package static func distance(_ left: String, _ right: String) -> Int {
        distance(Array(left.unicodeScalars), Array(right.unicodeScalars))
    }

    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
