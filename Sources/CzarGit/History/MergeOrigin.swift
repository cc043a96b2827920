/// What both sides of a merge come from, as trees.
enum MergeOrigin: Sendable {
    /// The one best common ancestor; nil for none.
    case one(ObjectID?)
    /// Two of them, as each side merged the other before, and the one ancestor that these two have in common: git merges the two first.
    case crossed(ObjectID, ObjectID, over: ObjectID)
    /// More than that. What git would make of these first is not looked into.
    case entangled([ObjectID])

    /// The trees of all best common ancestors.
    var trees: [ObjectID?] {
        switch self {
        case .one(let tree): [tree]
        case .crossed(let first, let second, over: _): [first, second]
        case .entangled(let trees): trees
        }
    }
}
