import TestSupport
import Testing

@testable import CzarGit

@Suite struct TestPatternsTests {
    private static let samples: [(path: String, text: String, tests: Int)] = [
        (
            "A.swift",
            """
            @Test func one() {}
                @Test(arguments: [1, 2])
                func testTwo(_ n: Int) {}
            func testThree() throws {}
            // @Test func not() {}
            let text = "@Test func not() {}"
            @Test("a name") @MainActor
            func four() {}
            @Test func five() {}; @TestScope struct S {}
            """, 5
        ),
        (
            "t.py",
            "def test_a():\n    pass\nasync def test_b():\n  x\nclass TestC:\n    def testD(self):\n    def testing(self):\n# def test_e():\ndef testfoo():\n",
            5
        ),
        (
            "a.test.ts",
            "it('a', () => {})\n  test(\"b\", async () => {})\nregex.test(x)\nemit('c')\ntest.each([1])('d', f)\ndescribe('e', f)\n", 3
        ),
        ("a_test.go", "func TestA(t *testing.T) {\n}\nfunc Testing() {}\nfunc FuzzB(f *testing.F) {\nfunc BenchmarkC(b *testing.B) {\n", 2),
        (
            "suite_test.go",
            "func (s *Suite) TestA() {\n}\nfunc (s *Suite) Testing() {}\nfunc (s *Suite) TestHelper(n int) {}\nfunc (s *Suite) SetupTest() {}\nfunc (Suite) Test_b() {\n",
            2
        ),
        ("suite.go", "func (s *Suite) TestA() {}\n", 0),
        ("a.go", "func TestConnection() {}\n", 0),
        (
            "lib.rs",
            "#[test]\nfn a() {}\n#[tokio::test(flavor = \"x\")]\n#[should_panic]\nasync fn b() {}\n#[test_case(1)]\n#[test_case(2)]\nfn c(n: u8) {}\n",
            3
        ),
        ("A.java", "  @Test\n  void a() {}\n  @ParameterizedTest\n  void b() {}\n  @TestOnly\n  // @Test\n", 2),
        ("A.kt", "@Test fun a() {}\n@RepeatedTest(3)\nfun b() {}\n", 2),
        ("A.cs", "[Fact]\npublic void A() {}\n[TestCase(1)]\n[TestCase(2)]\npublic void B(int n)\n{\n}\n[Theory, X]\npublic void C()\n", 3),
        ("a_spec.rb", "it 'works' do\nend\n  it \"too\" do\ndef test_c\n  specify 'd'\nitem 'e'\n", 4),
        (
            "ATest.php",
            "public function testA() {}\n#[Test]\npublic function it_b() {}\n/**\n * @test\n */\npublic function testC() {}\ntest('d', fn() => 1);\n",
            4
        ),
        ("a.cpp", "TEST(A, B) {\n}\nTEST_F(A, C)\nvoid test_x(void)\n{\nvoid test_y(void);\nMY_TEST(z)\n", 3),
        (
            "b.test.ts",
            "it.skipIf(x)('a', f)\ntest.for([1])('b', f)\n  await t.test('c', f)\nQUnit.test('d', f)\nit<Context>('e', f)\nt.testing('f')\n",
            5
        ),
        ("one.rs", "#[test]\nfn a() {}\n#[sqlx::test]\nasync fn b() {}\n#[test_log::test]\nfn c() {}\n// #[test]\n", 3),
        (
            "B.java",
            "  @Test\n  void a() {}\n  @org.junit.jupiter.api.Test\n  void b() {}\n  @Property\n  private String c;\n", 2
        ),
        ("B.kt", "@kotlin.test.Test\nfun a() {}\n", 1),
        ("B.cs", "[Fact]\npublic void A() {}\n[Xunit.Fact]\npublic void B() {}\n", 2),
        ("b_spec.rb", "specify { x }\nspecify do\nit(%q(a)) { }\nshould 'b' do\nshoulder 'c'\n", 4),
        ("b.cpp", "TEST_F (A, b)\n{\n}\n", 1),
        ("notes.md", "@Test func one() {}\n", 0),
    ]

    @Test func everyLanguageHasItsDeclarationsCountedOnce() {
        for sample in Self.samples {
            let found = TestPatterns.builtIn.count(in: Array(sample.text.utf8), path: RepositoryPath(bytes: Array(sample.path.utf8)))
            #expect(found == sample.tests, "\(sample.path)")
        }
    }

    @Test func aPlanAddsTextsByLanguageOrByExtension() {
        let patterns = TestPatterns(added: ["swift": ["#example("], "exs": ["test \""], ".bats": ["@test"]])
        func count(_ text: String, _ path: String) -> Int {
            patterns.count(in: Array(text.utf8), path: RepositoryPath(bytes: Array(path.utf8)))
        }
        #expect(count("  #example(1) #example(2)\n@Test func a() {}\n", "a.swift") == 2)
        #expect(count("  test \"b\" do\n", "x/a.exs") == 1)
        #expect(count("@test \"c\" {\n", "a.BATS") == 1)
        #expect(patterns.digest != TestPatterns.builtIn.digest)
    }

    /// By git: the declarations on the lines with a plus minus those on the lines with a minus.
    @Test func whatABranchAddsIsWhatGitsDiffAdds() throws {
        let repository = try GitRepository()
        let path = repository.path
        func file(_ numbers: ClosedRange<Int>) -> String { numbers.map { "def test_\($0)():\n    assert \($0)\n\n\n" }.joined() }
        try repository.write("t/test_a.py", file(1...30))
        try repository.write("t/test_gone.py", file(1...3))
        try repository.write("t/test_moved.py", file(40...60))
        let base = try repository.commitAll("base")
        try git("checkout", "-qb", "work", in: path)
        try repository.write("t/test_a.py", file(4...36))
        try repository.write("t/new_test.go", "func TestX(t *testing.T) {\n}\n")
        try repository.write("picture.py", "def test_x():\n\0\n")
        try git("rm", "-q", "t/test_gone.py", in: path)
        try git("mv", "t/test_moved.py", "t/test_there.py", in: path)
        let tip = try repository.commitAll("work")
        let lines = try git("diff", "-U0", "-M", base, tip, in: path).split(separator: "\n")
        let expected =
            lines.count { $0.hasPrefix("+def test_") || $0.hasPrefix("+func Test") } - lines.count { $0.hasPrefix("-def test_") }
        let reader = HistoryReader(try RepositoryLocation.discover(from: path), cacheFolder: nil)
        let question = BranchQuestion(tip: ObjectID(hex: tip)!, base: ObjectID(hex: base)!)
        let found = try reader.figures(of: [question])[0].changes
        #expect(found?.testsAdded == expected && expected == 1)
        #expect(found?.testFiles == 2, "the changed file and the new one; one that only moved is neither")
    }

    @Test func attributesThatDecideWhatIsTextDecideWhatIsCounted() throws {
        let repository = try GitRepository()
        try repository.write(".gitattributes", "gen/* -diff\n")
        let base = try repository.commitAll("base")
        try repository.write("gen/a.py", "def test_a():\n")
        try repository.write("b.py", "def test_b():\n")
        let tip = try repository.commitAll("work")
        let reader = HistoryReader(try RepositoryLocation.discover(from: repository.path), cacheFolder: nil)
        let found = try reader.figures(of: [BranchQuestion(tip: ObjectID(hex: tip)!, base: ObjectID(hex: base)!)])[0].changes
        #expect(found?.testsAdded == 1 && found?.testFiles == 1 && found?.insertions == 1)
    }

    @Test func commitsThatSeveralBranchesHoldAreCountedOnce() throws {
        let repository = try GitRepository()
        let path = repository.path
        let base = try git("rev-parse", "HEAD", in: path)
        for (branch, files) in [("one", 1...3), ("two", 4...5)] {
            try git("checkout", "-qb", branch, base, in: path)
            for number in files {
                try repository.write("\(number)", "\(number)\n")
                try repository.commitAll("step \(number)")
            }
        }
        try git("merge", "-q", "--no-ff", "-m", "both", "one", in: path)
        let tips = try ["one", "two"].map { ObjectID(hex: try git("rev-parse", $0, in: path))! }
        let ranges = tips.map { OwnRange(tip: $0, comparisonBase: ObjectID(hex: base), forkPoint: nil) }
        let reader = HistoryReader(try RepositoryLocation.discover(from: path), cacheFolder: nil)
        let expected = try git("rev-list", "--count", "one", "two", "--not", base, in: path)
        #expect(try reader.distinctOwnCommits(ranges) == Int(expected))
    }
}
