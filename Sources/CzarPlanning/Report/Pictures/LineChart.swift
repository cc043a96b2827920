/// Amounts over time, as steps: what was true stays true until the next point.
struct LineChart {
    struct Series {
        let name: String
        /// `a`, `b`: how it is drawn.
        let style: String
        let points: [(time: Timestamp, value: Int64)]
        var isFilled = false
    }

    let series: [Series]
    /// A limit to hold the amounts against, and what it is called.
    var limit: (value: Int64, name: String)?
    let from: Timestamp
    let to: Timestamp
    let zone: Zone
    let label: String

    private static let width = 960.0
    private static let height = 230.0
    private static let left = 62.0
    private static let top = 26.0
    private static let bottom = 200.0

    func picture(caption: String) -> Document.Picture {
        let axis = TimeAxis(from: from, to: to, left: Self.left, right: Self.width - 16)
        let highest = series.flatMap { $0.points.map(\.value) }.max() ?? 0
        // A limit far above what is used would flatten the line: it is named, and drawn where it is within four times of it.
        let drawn = limit.flatMap { $0.value <= max(1, highest) * 4 ? $0 : nil }
        let scale = Self.scale(upTo: max(highest, drawn?.value ?? 0, 1))
        func y(_ value: Int64) -> Double { Self.bottom - Double(value) / Double(scale.top) * (Self.bottom - Self.top) }
        var parts: [String] = []
        for step in 0...Int(scale.top / scale.step) {
            let value = Int64(step) * scale.step
            parts.append(SVG.line(step == 0 ? "c-axis" : "c-grid", axis.left, y(value), axis.right, y(value)))
            parts.append(SVG.text("c-soft", axis.left - 8, y(value) + 4, Self.amount(value), anchor: "end"))
        }
        for tick in axis.ticks(zone) {
            parts.append(SVG.line("c-axis", axis.x(tick.moment), Self.bottom, axis.x(tick.moment), Self.bottom + 4))
            parts.append(SVG.text("c-soft", axis.x(tick.moment), Self.bottom + 18, tick.label, anchor: "middle"))
        }
        for one in series { parts += steps(one, axis, y) }
        if let drawn {
            parts.append(SVG.line("c-limit", axis.left, y(drawn.value), axis.right, y(drawn.value)))
            parts.append(SVG.text("c-soft", axis.right, y(drawn.value) - 5, "\(drawn.name) \(Self.amount(drawn.value))", anchor: "end"))
        }
        if series.count > 1 { parts += legend(axis) }
        let svg = SVG.picture(width: Self.width, height: Self.height, label: label, parts)
        return Document.Picture(svg: svg, caption: caption, width: Int(Self.width))
    }

    /// As the text writes it, `1,500`; large ones as `12.4K`.
    private static func amount(_ value: Int64) -> String { value < 10_000 ? Figures.grouped(value) : Figures.count(value) }

    private func steps(_ series: Series, _ axis: TimeAxis, _ y: (Int64) -> Double) -> [String] {
        var path = "M\(SVG.number(axis.left)) \(SVG.number(y(0)))"
        var last = y(0)
        for point in series.points {
            let x = axis.x(point.time)
            path += "H\(SVG.number(x))V\(SVG.number(y(point.value)))"
            last = y(point.value)
        }
        let end = "H\(SVG.number(axis.x(to)))"
        let line = "<path class=\"c-\(series.style)\" d=\"\(path)\(end)\"><title>\(GraphRenderer.escaped(series.name))</title></path>"
        guard series.isFilled, last != y(0) else { return [line] }
        return ["<path class=\"c-area\" d=\"\(path)\(end)V\(SVG.number(y(0)))Z\"/>", line]
    }

    private func legend(_ axis: TimeAxis) -> [String] {
        var x = axis.left + 4
        return series.flatMap { one in
            defer { x += Double(one.name.count) * 7 + 44 }
            return [
                SVG.line("c-\(one.style)", x, 12, x + 18, 12), SVG.text("c-soft", x + 24, 16, one.name),
            ]
        }
    }

    /// A round step (1, 2 or 5 times a power of ten) with at most five of them up to the top.
    private static func scale(upTo highest: Int64) -> (step: Int64, top: Int64) {
        var step: Int64 = 1
        for factor in [2, 5, 10].cycled where step * 5 < highest { step = factor == 2 ? step * 2 : factor == 5 ? step / 2 * 5 : step * 2 }
        return (step, max(step, (highest + step - 1) / step * step))
    }
}

extension [Int] {
    /// The elements twenty times over: enough for every 64-bit amount.
    fileprivate var cycled: [Int] { (0..<20).flatMap { _ in self } }
}
