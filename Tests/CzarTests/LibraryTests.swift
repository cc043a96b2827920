import Foundation
import TestSupport
import Testing

/// What programs that link the library can rely on. `LibraryExample` is built without access to anything but what is public.
@Suite struct LibraryTests {
    private static let program = URL(filePath: CzarProgram.path).deletingLastPathComponent().appending(path: "LibraryExample").path

    @Test func theExampleReadsAProject() throws {
        let project = try CzarProject(
            """
            project: {name: example, base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - {id: core, script: "echo 1 > f; czar commit -m work"}
              - {id: docs, dependencies: [core], script: "exit 3"}
              - {id: last, dependencies: [docs], script: "true"}

            """)
        let fresh = try run([Self.program], in: project.path)
        #expect(fresh.status == 0)
        #expect(
            fresh.output == "wave 1: core\nwave 2: docs\nwave 3: last\ncore pending \ndocs pending core\nlast pending docs\n",
            "\(fresh.output)\(fresh.errors)")
        try project.expect(1, "run", "--trust", "--quiet")
        let after = try run([Self.program, project.path], in: "/")
        let lines = after.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("docs failed failed: its command ended with 3"), "\(after.output)")
        #expect(lines.contains("last blocked "), "\(after.output)")
        #expect(lines.last?.hasSuffix("- DAEMON_ENDED") == true, "\(after.output)")
    }

    @Test func whatCannotBeReadIsAnErrorWithItsReason() throws {
        let folder = try TemporaryFolder()
        let outcome = try run([Self.program, folder.path], in: "/")
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("there is no Git repository"), "\(outcome.errors)")
    }

    @Test func everyPublicTypeIsNamedByTheDocumentation() throws {
        let page = try String(contentsOfFile: packageRoot + "/docs/library.md", encoding: .utf8)
        var named: Set<String> = []
        for module in ["CzarGit", "CzarKit", "CzarPlanning"] {
            let folder = packageRoot + "/Sources/" + module
            for file in try #require(FileManager.default.enumerator(atPath: folder)) {
                guard let file = file as? String, file.hasSuffix(".swift") else { continue }
                for line in try String(contentsOfFile: folder + "/" + file, encoding: .utf8).split(separator: "\n") {
                    // What lies inside another type is named by it.
                    guard let found = line.prefixMatch(of: /public (?:final )?(?:struct|enum|class|actor|protocol|typealias) (\w+)/) else {
                        continue
                    }
                    named.insert(String(found.1))
                    #expect(page.contains("`\(found.1)`"), "\(module)/\(file) makes \(found.1) public")
                }
            }
        }
        #expect(named.contains("ProjectReader"))
    }

    @Test func theDocumentationShowsTheExampleAsItIs() throws {
        let page = try String(contentsOfFile: packageRoot + "/docs/library.md", encoding: .utf8)
        let example = try String(contentsOfFile: packageRoot + "/Tests/LibraryExample/main.swift", encoding: .utf8)
        #expect(page.contains("```swift\n" + example + "```\n"))
        #expect(example.split(separator: "\n").count <= 15)
    }
}
