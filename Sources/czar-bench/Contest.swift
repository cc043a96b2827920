import Glibc

/// One way of doing a thing, to be timed against others.
struct Contender {
    let label: String
    /// Makes the state that the run needs; not timed.
    var prepare: () throws -> Void = {}
    let run: () throws -> Void
}

/// Several ways of doing the same, run in turns so that what disturbs the machine disturbs all.
struct Contest {
    let title: String
    let rounds: Int
    let contenders: [Contender]

    struct Result {
        let label: String
        let median: Double
        let fastest: Double
        let slowest: Double
    }

    /// Seconds of each contender, after a first round that does not count.
    func results() throws -> [Result] {
        note("\(title), \(rounds) rounds")
        var seconds = contenders.map { _ in [Double]() }
        for round in 0...rounds {
            for (index, contender) in contenders.enumerated() {
                try contender.prepare()
                let start = now()
                try contender.run()
                let taken = now() - start
                if round > 0 { seconds[index].append(taken) }
            }
        }
        return zip(contenders, seconds).map { contender, seconds in
            let sorted = seconds.sorted()
            return Result(label: contender.label, median: median(sorted), fastest: sorted[0], slowest: sorted[sorted.count - 1])
        }
    }

    private func median(_ sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func note(_ text: String) {
    let line = Array("czar-bench: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
