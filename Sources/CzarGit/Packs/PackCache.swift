import Synchronization

/// Objects that were read from packs and may be wanted again, most of all as what others are deltas to; shared by threads that read the
/// same packs.
final class PackCache: Sendable {
    /// Where an object's entry is: the pack's number among the readers' packs, and the offset in it.
    struct Place: Hashable {
        let pack: Int
        let offset: Int
    }

    /// Two generations of at most so many bytes each.
    static let limit = 8 << 20

    private struct Generations {
        var recent: [Place: PackedObject] = [:]
        var older: [Place: PackedObject] = [:]
        var recentBytes = 0

        mutating func remember(_ object: PackedObject, _ place: Place) {
            if recentBytes > PackCache.limit { (older, recent, recentBytes) = (recent, [:], 0) }
            if recent.updateValue(object, forKey: place) == nil { recentBytes += object.bytes.count }
        }
    }

    private let generations = Mutex(Generations())

    subscript(place: Place) -> PackedObject? {
        generations.withLock { generations in
            if let object = generations.recent[place] { return object }
            guard let object = generations.older[place] else { return nil }
            generations.remember(object, place)
            return object
        }
    }

    /// Larger objects than an eighth of the limit are not kept.
    func remember(_ object: PackedObject, _ place: Place) {
        guard object.bytes.count <= Self.limit / 8 else { return }
        generations.withLock { $0.remember(object, place) }
    }
}
