import CzarPlanning
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_766_758_500_120, "2025-12-26T14:15:00.120Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
    ])
    func textIsRFC3339AndReadsBack(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test func offsetsAndFractionsAreRead() {
        #expect(Timestamp("2025-12-29T22:16:48-05:00")?.description == "2025-12-30T03:16:48.000Z")
        #expect(Timestamp("2025-12-29 22:16:48.1239+01:30")?.description == "2025-12-29T20:46:48.123Z")
    }

    @Test(arguments: [
        "", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:00:00", "2025-01-01T00:00:00.Z", "x",
    ])
    func anythingElseIsNoMoment(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
