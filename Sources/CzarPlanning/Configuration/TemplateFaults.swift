import OrderedCollections

/// What is wrong with a template: said once at its line, however many workers it goes wrong for.
struct TemplateFaults {
    /// `branch_template` or `worktree_template`.
    private struct Fault: Hashable {
        let key: String
        /// What is wrong, the same for all workers that have this fault.
        let reason: String
    }

    private struct Finding {
        let message: String
        var others = 0
    }

    private var findings: OrderedDictionary<Fault, Finding> = [:]

    /// `message` is a sentence about the first worker that has the fault.
    mutating func add(_ key: String, reason: String, _ message: @autoclosure () -> String) {
        let fault = Fault(key: key, reason: reason)
        if findings[fault] == nil { findings[fault] = Finding(message: message()) } else { findings[fault]?.others += 1 }
    }

    /// The faults as sentences, by the template they belong to.
    var sentences: [(key: String, message: String)] {
        findings.map { fault, finding in
            guard finding.others > 0 else { return (fault.key, finding.message) }
            let others = finding.others == 1 ? "1 other worker" : "\(finding.others) other workers"
            let sentence = finding.message.hasSuffix(".") ? String(finding.message.dropLast()) : finding.message
            return (fault.key, "\(sentence) (the same for \(others)).")
        }
    }
}
