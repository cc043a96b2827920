import CzarPlanning
import Testing

@Suite struct SparsePathsTests {
    @Test(
        arguments: [
            ("Sources/**", "Sources"), ("a/b*/c", "a"), ("./a/./b/", "a/b"), ("app/\\[slug\\]/**", "app/[slug]"),
            ("we\\[i]rd/x", "we[i]rd/x"),
            ("a/\\*/b?", "a/*"), ("a\\\\b/*", "a\\b"), ("app/[slug]/**", "app"), ("a/b\\/c", "a"), ("*/a", nil), ("../a", nil),
        ] as [(String, String?)])
    func aPatternBeginsWithItsPlainFolders(pattern: String, start: String?) { #expect(SparsePaths.start(of: pattern) == start) }
}
