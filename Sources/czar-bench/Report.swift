import Glibc

/// A table of the report.
struct Section {
    let title: String
    let text: String
    let results: [Contest.Result]
    /// The contender that the ratios are against.
    let peer: Int

    var markdown: String {
        var lines = ["## \(title)", "", text, "", "| | median | fastest – slowest | ratio |", "|---|---:|---:|---:|"]
        let base = results[peer].median
        for (index, result) in results.enumerated() {
            let ratio = index == peer ? "1" : Self.ratio(result.median / base)
            lines.append(
                "| \(result.label) | \(Self.time(result.median)) | \(Self.time(result.fastest)) – \(Self.time(result.slowest)) | \(ratio) |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 0.1 ? "\(decimal(seconds * 1000, places: 1)) ms" : "\(decimal(seconds, places: 2)) s"
    }

    private static func ratio(_ value: Double) -> String { decimal(value, places: value < 10 ? 2 : 1) + " ×" }

    private static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 1 ? 10.0 : 100.0
        let whole = Int((value * scale).rounded())
        let digits = String(whole % Int(scale))
        return "\(whole / Int(scale))." + String(repeating: "0", count: places - digits.count) + digits
    }
}

/// The page docs/performance.md.
struct Report {
    let sections: [Section]
    let czar: String
    let git: String
    let folder: String

    func markdown() throws -> String {
        let intro = """
            # Performance

            Written by `make bench`; do not edit. Peers run in turns with Czar on the same data; a ratio below 1 is faster than the peer.
            Ratios carry over to other machines, times do not.

            - machine: \(processor), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, \(memory) GB, \(try Program(["uname", "-sr"]).answer())
            - files: \(folder)
            - versions: \(try Program([czar, "--version"]).answer()) (czar), \(try Program([git, "--version"]).answer())
            - date: \(try Program(["date", "-u", "+%Y-%m-%d"]).answer()), load before: \(text(ofFile: "/proc/loadavg").split(separator: " ").first ?? "?")


            """
        return intro + sections.map(\.markdown).joined(separator: "\n")
    }

    private var processor: String {
        let line = text(ofFile: "/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init) ?? "unknown processor"
    }

    private var memory: Int {
        let line = text(ofFile: "/proc/meminfo").split(separator: "\n").first
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1_000_000
    }
}
