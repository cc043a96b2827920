import ArgumentParser
import CzarKit
import CzarPlanning

struct ImportCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes an old Czarina project's events and claims into the journal.",
        discussion: """
            Nothing is taken for done by it: 'czar complete' proves a claim. What was imported before is passed over, so it can be run again.
            """)

    @Argument(
        help: ArgumentHelp("The old project's folder; this project's own when left out.", valueName: ".czarina"), completion: .directory)
    var folder: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        try ActingWorker.leaveToOperators("use 'czar import'")
        let coordinator = try Coordinator(around: common.path, actor: "cli")
        let result = try ProjectImport(coordinator).run(from: try folder.map { try UserFolder.absolute($0, toRead: true) })
        for line in result.refused.prefix(20) { common.note("czar: no event: \(DisplayText.safe(line))") }
        try common.answer(json(result), text: text(result))
    }

    private func text(_ result: ProjectImport.Result) -> String {
        var lines = [
            "imported \(Figures.plural(result.imported, "event"))" + (result.known > 0 ? "; \(result.known) were here already" : "")
        ]
        for file in result.files {
            guard let end = file.firstRange(of: ".found-") else { continue }
            let former = file[..<end.lowerBound].split(separator: "/").last ?? ""
            lines.append("\(DisplayText.safe(file)) is the \(former) of the old project; Czar keeps its own under that name")
        }
        if !result.unlisted.isEmpty {
            lines.append("the plan has no worker of these names: " + result.unlisted.map(DisplayText.safe).joined(separator: ", "))
        }
        if let path = result.keptAside { lines.append("kept \(Figures.plural(result.refused.count, "bad line")) in \(path)") }
        if !result.claims.isEmpty {
            let ids = result.claims.map(\.rawValue)
            lines.append("claim to be complete: " + ids.joined(separator: ", "))
            lines.append("next: czar create \(ids[0]), then czar complete \(ids[0])")
        }
        return lines.joined(separator: "\n")
    }

    private func json(_ result: ProjectImport.Result) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.imported/1")
        object.set("generated_at", currentTime().description)
        object.set("imported", result.imported)
        object.set("known", result.known)
        object.set("files", .strings(result.files))
        object.set("claims", .strings(result.claims.map(\.rawValue)))
        object.set("refused", .strings(result.refused))
        object.set("kept_aside", result.keptAside)
        return object.value
    }
}
