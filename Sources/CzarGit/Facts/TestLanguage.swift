/// A language whose test declarations are counted: its files by extension, its declarations by ``TestMarker``.
struct TestLanguage: Sendable {
    let names: [String]
    let extensions: [String]
    let markers: [TestMarker]
    /// What opens the function that an attribute belongs to; empty where attributes stand for themselves.
    var function = ""

    static let all: [TestLanguage] = [
        TestLanguage(
            names: ["swift"], extensions: ["swift"],
            markers: [
                TestMarker("@Test", before: .words, after: .wordEnd, isAttribute: true), TestMarker("func test", before: .words),
            ], function: "func "),
        TestLanguage(
            names: ["python"], extensions: ["py", "pyi"],
            // As pytest and unittest collect them: whatever begins so.
            markers: [TestMarker("def test"), TestMarker("async def test")]),
        TestLanguage(
            names: ["javascript", "typescript"], extensions: ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"],
            markers: calls(["it", "test", "Deno.test", "QUnit.test", "t.test", "await t.test"]) + variants("it") + variants("test")),
        TestLanguage(
            names: ["go"], extensions: ["go"],
            markers: ["Test", "Fuzz", "Example"].map { TestMarker("func \($0)", after: .noLowerCase, stemSuffix: "_test") }
                // As testify's suites collect them.
                + [TestMarker("func (", after: .noLowerCase, stemSuffix: "_test", method: "Test")]),
        TestLanguage(
            names: ["rust"], extensions: ["rs"],
            markers: [
                "test", "tokio::test", "async_std::test", "actix_rt::test", "sqlx::test", "test_log::test", "rstest", "test_case",
                "wasm_bindgen_test", "quickcheck",
            ].map { TestMarker("#[\($0)", after: .wordEnd, isAttribute: true) }, function: "fn "),
        TestLanguage(
            names: ["java", "kotlin"], extensions: ["java", "kt", "kts", "groovy", "scala"],
            markers: [
                "Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate", "org.junit.Test", "org.junit.jupiter.api.Test",
                "kotlin.test.Test",
            ].map { TestMarker("@\($0)", after: .wordEnd) }),
        TestLanguage(
            names: ["csharp", "c#"], extensions: ["cs"],
            markers: [
                "Fact", "Theory", "Test", "TestCase", "TestCaseSource", "TestMethod", "DataTestMethod", "Xunit.Fact", "Xunit.Theory",
                "NUnit.Framework.Test",
            ].map { TestMarker("[\($0)", after: .wordEnd, isAttribute: true) }, function: "public "),
        TestLanguage(
            names: ["ruby"], extensions: ["rb"],
            markers: ["it", "test", "specify", "scenario", "example"].flatMap { name in
                [" \"", " '", "(\"", "('"].map { TestMarker(name + $0) }
            } + blocks("it") + blocks("specify") + [TestMarker("should \""), TestMarker("should '"), TestMarker("def test_")]),
        TestLanguage(
            names: ["php"], extensions: ["php"],
            markers: [
                TestMarker("#[Test", after: .wordEnd, isAttribute: true), TestMarker("* @test", after: .wordEnd, isAttribute: true),
                TestMarker("/** @test", after: .wordEnd, isAttribute: true), TestMarker("function test", before: .words),
            ] + ["it", "test"].flatMap { [TestMarker($0 + "('"), TestMarker($0 + "(\"")] }, function: "function "),
        TestLanguage(
            names: ["c", "cpp", "c++"], extensions: ["c", "cc", "cpp", "cxx", "c++", "h", "hh", "hpp", "hxx", "m", "mm"],
            markers: [
                "TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P", "TEST_CASE", "TEST_CASE_METHOD", "TEMPLATE_TEST_CASE", "SCENARIO",
                "BOOST_AUTO_TEST_CASE", "BOOST_FIXTURE_TEST_CASE", "BOOST_DATA_TEST_CASE", "START_TEST", "CTEST", "CTEST2",
            ].flatMap(macro)
                + ["void test_", "static void test_", "int test_", "static int test_", "bool test_", "static bool test_"].map {
                    TestMarker($0, isDefinition: true)
                } + [TestMarker("- (void)test", isDefinition: true)]),
    ]

    /// `it.only(`, `it.each(`, `it<Context>(`.
    private static func variants(_ name: String) -> [TestMarker] {
        let words = ["only", "skip", "skipIf", "runIf", "each", "for", "concurrent", "failing", "fails"]
        return words.map { TestMarker("\(name).\($0)", after: .wordEnd) } + [TestMarker("\(name)<")]
    }

    /// `it {`, `it do`, `it(%q(…))`.
    private static func blocks(_ name: String) -> [TestMarker] {
        [TestMarker("\(name) {"), TestMarker("\(name) do", after: .wordEnd), TestMarker("\(name)(%")]
    }

    /// `TEST(`, `TEST (`.
    private static func macro(_ name: String) -> [TestMarker] { [TestMarker("\(name)("), TestMarker("\(name) (")] }

    /// `it("…`, `it('…` and with a back-quote or an argument on the next line.
    private static func calls(_ names: [String]) -> [TestMarker] { names.map { TestMarker($0 + "(") } }
}
