extension Document {
    /// One page on its own: no script, nothing from the network, light or dark as the reader's system is.
    package var html: String {
        var lines = [
            "<!doctype html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
            "<meta name=\"color-scheme\" content=\"light dark\">",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            "<title>\(Self.escaped(title))</title>", "<style>\(DocumentStyle.sheet)</style>", "</head>", "<body>", "<main>",
            "<header>", "<h1>\(Self.escaped(title))</h1>", "<p class=\"sub\">\(Self.escaped(subtitle))</p>", "</header>",
        ]
        for section in sections {
            lines += ["<section>", "<h2>\(Self.escaped(section.title))</h2>"]
            for block in section.blocks { lines += Self.lines(block) }
            lines.append("</section>")
        }
        lines += ["</main>", "</body>", "</html>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ block: Block) -> [String] {
        switch block {
        case .paragraph(let line): ["<p>\(html(line))</p>"]
        case .list(let items): ["<ul>"] + items.map { "<li>\(html($0))</li>" } + ["</ul>"]
        case .facts(let facts):
            ["<dl>"] + facts.map { "<div><dt>\(escaped($0.name))</dt><dd>\(html($0.value))</dd></div>" } + ["</dl>"]
        case .table(let table): self.table(table)
        case .picture(let picture):
            [
                "<figure><div class=\"scroll\" tabindex=\"0\"><div style=\"min-width:\(leastWidth(picture))px;max-width:\(picture.width)px\">",
                picture.svg + "</div></div>",
                "<figcaption>\(escaped([picture.caption, picture.note].compactMap { $0 }.joined(separator: " ")))</figcaption></figure>",
            ]
        }
    }

    /// Below this a picture's words are too small, and the page scrolls instead: a wide graph keeps four fifths of its size, a drawing over
    /// time fits on a small screen nearly whole.
    private static func leastWidth(_ picture: Picture) -> Int {
        max(min(picture.width, 640), picture.width * 4 / 5 > 820 ? picture.width * 4 / 5 : 0)
    }

    private static func table(_ table: DocumentTable) -> [String] {
        func cell(_ tag: String, _ column: DocumentTable.Column, _ content: String) -> String {
            "<\(tag)\(column.alignsRight ? " class=\"num\"" : "")>\(content)</\(tag)>"
        }
        let head = table.columns.map { cell("th", $0, escaped($0.title)) }.joined()
        let rows = table.rows.map { row in "<tr>" + zip(table.columns, row).map { cell("td", $0, html($1)) }.joined() + "</tr>" }
        return ["<div class=\"scroll\" tabindex=\"0\"><table>", "<thead><tr>\(head)</tr></thead>", "<tbody>"] + rows + [
            "</tbody>", "</table></div>",
        ]
    }

    private static func html(_ line: Line) -> String {
        line.parts.map { part in
            switch part {
            case .text(let text): escaped(text)
            case .strong(let text): "<b>\(escaped(text))</b>"
            case .code(let text): "<code>\(escaped(text))</code>"
            case .state(let state): "<span class=\"st st-\(state)\">\(state)</span>"
            case .toned(let text, let tone): "<span class=\"\(tone)\">\(escaped(text))</span>"
            }
        }.joined()
    }

    private static func escaped(_ text: String) -> String { GraphRenderer.escaped(text.withControlsEscaped) }
}

/// The one style sheet of the pages and their pictures.
enum DocumentStyle {
    static var sheet: String {
        let states = StateColour.allCases.map { ".st-\($0.rawValue){background:\($0.fill)}.c-\($0.rawValue){fill:\($0.stroke)}" }.joined()
        let dark = StateColour.allCases.map { ".st-\($0.rawValue){background:\($0.darkFill)}" }.joined()
        return """
            :root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d5dae0;--page:#fff;--panel:#f6f8fa;--blue:#1f6feb;--green:#1a7f37;\
            --red:#cf222e;--amber:#9a6700}
            body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
            main{max-width:1000px;margin:0 auto;padding:28px 20px 60px}
            h1{font-size:26px;line-height:1.25;margin:0 0 4px}h2{font-size:17px;margin:36px 0 10px;padding-bottom:6px;border-bottom:1px solid var(--line)}
            .sub{margin:0;color:var(--soft)}p{margin:8px 0}ul{margin:8px 0;padding-left:20px}li{margin:3px 0}
            dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:10px;margin:12px 0}
            dl div{background:var(--panel);border-radius:8px;padding:10px 14px}dt{color:var(--soft);font-size:12.5px}dd{margin:2px 0 0;font-weight:600}
            .scroll{overflow-x:auto;margin:14px 0}table{border-collapse:separate;border-spacing:0;width:100%;font-size:14px}
            th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}th{color:var(--soft);font-weight:600;font-size:12.5px;white-space:nowrap}
            p,li,dd{overflow-wrap:anywhere}td:first-child{white-space:normal;overflow-wrap:anywhere;min-width:8em;max-width:17em}
            .num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}code{font:.92em ui-monospace,"SF Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
            .st{display:inline-block;border-radius:10px;padding:0 9px;font-size:12.5px;line-height:20px;white-space:nowrap}
            .good{color:var(--green)}.bad{color:var(--red)}.warning{color:var(--amber)}.faint{color:var(--soft)}
            figure{margin:14px 0}figcaption{color:var(--soft);font-size:13px;margin-top:4px}svg{display:block;width:100%;height:auto}
            .c-text{fill:var(--ink);font-size:12px}.c-soft{fill:var(--soft);font-size:11px}.c-grid{stroke:var(--line);stroke-width:1}\
            .c-axis{stroke:var(--soft);stroke-width:1}.c-lane{fill:var(--panel)}
            .c-a{fill:none;stroke:var(--blue);stroke-width:2}.c-b{fill:none;stroke:var(--red);stroke-width:2}.c-area{fill:var(--blue);opacity:.12}\
            .c-limit{stroke:var(--amber);stroke-width:1.5;stroke-dasharray:6 4}.c-now{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3}\
            .c-plan{fill:none;stroke:var(--soft);stroke-width:1;stroke-dasharray:3 2}
            \(states)
            @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--page:#0d1117;--panel:#161b22;--blue:#4493f8;--green:#3fb950;\
            --red:#f85149;--amber:#d29922}\(dark)}
            @media (max-width:560px){main{padding:20px 14px 40px}h1{font-size:22px}dl{grid-template-columns:1fr 1fr}\
            td:first-child,th:first-child{position:sticky;left:0;background:var(--page);min-width:7em;max-width:9em}}
            @media print{.scroll{overflow:visible}}
            """
    }
}
