import ArgumentParser
import CzarKit
import CzarPlanning

struct SchemaCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON schema of an answer; without a name, which there are.",
        discussion: "Draft 2020-12. Names: czar.graph/1, or graph for short. The same files lie in docs/schemas.")

    @Argument(help: ArgumentHelp("The answer's name, as it says in 'schema'.", valueName: "name"), completion: .schemas)
    var name: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        if let name { return Console.answer(try AnswerSchema.named(name).schema.json.prettyText) }
        try common.answer(json, text: text)
    }

    private var text: String {
        let width = AnswerSchema.all.map(\.name.count).max() ?? 0
        return AnswerSchema.all.map { answer in
            answer.name + String(repeating: " ", count: width - answer.name.count + 2) + answer.title
        }.joined(separator: "\n")
    }

    private var json: JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.schemas/1")
        object.set("generated_at", currentTime().description)
        object.set(
            "schemas",
            .array(
                AnswerSchema.all.map { answer in
                    var item = JSONObject()
                    item.set("name", answer.name)
                    item.set("title", answer.title)
                    item.set("file", "docs/schemas/" + answer.fileName)
                    return item.value
                }))
        return object.value
    }
}
