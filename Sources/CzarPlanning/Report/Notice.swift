/// Something that happened to a worker and that a person may want to be told.
package struct Notice: Hashable, Sendable {
    package let occasion: Notifications.Occasion
    package let worker: WorkerID
    /// A few words: `api failed`.
    package let title: String
    /// Why, in a sentence.
    package let text: String

    package init(_ occasion: Notifications.Occasion, worker: WorkerID, title: String, text: String) {
        (self.occasion, self.worker, self.title, self.text) = (occasion, worker, title, text)
    }

    /// What an entry of the journal tells a person; nil for most.
    ///
    /// A worker that is held until a dependency is mended, or its agent may ask again, needs nobody; nor does a failure that another
    /// attempt follows: `willRetry` says so.
    package init?(_ event: Event, willRetry: Bool) {
        guard let worker = event.worker else { return nil }
        let reason = event.fields[Field.reason] ?? ""
        switch event.type {
        case .stateChanged: self.init(change: event, worker, reason: reason, willRetry: willRetry)
        case .causesChanged where Cause.set(from: event.fields[Field.causes] ?? "").contains(.event):
            self.init(.blocked, worker: worker, title: "\(worker) is blocked", text: reason)
        case .stuck:
            self.init(
                .stuck, worker: worker, title: "\(worker) is stuck",
                text: "no commit, changed file, event or output since \(event.fields["since"] ?? "long")")
        case .budgetReached where event.fields[Field.level]?.contains("100") == true:
            self.init(.overBudget, worker: worker, title: "\(worker) is over budget", text: reason)
        default: return nil
        }
    }

    private init?(change event: Event, _ worker: WorkerID, reason: String, willRetry: Bool) {
        switch event.fields[Field.to].flatMap(WorkerState.init) {
        case .failed where !willRetry: self.init(.failed, worker: worker, title: "\(worker) failed", text: reason)
        case .blocked where Cause.set(from: event.fields[Field.causes] ?? "").contains(.event):
            self.init(.blocked, worker: worker, title: "\(worker) is blocked", text: reason)
        case .complete: self.init(.complete, worker: worker, title: "\(worker) is complete", text: "proven complete")
        default: return nil
        }
    }
}
