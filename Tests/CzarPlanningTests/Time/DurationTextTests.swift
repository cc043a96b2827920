import CzarPlanning
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("30m", 1800), ("1h30m", 5400), ("5d", 432_000), ("2w", 1_209_600), ("90s", 90), ("3 days", 259_200), ("2 hours", 7200),
        ("1 h 5 min", 3900),
        ("1.5 Hours", 5400), ("0", 0), ("0s", 0), (" 1 week ", 604_800),
    ])
    func lengthsAreReadAsPeopleWriteThem(text: String, seconds: Int) {
        #expect(DurationText.parse(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", " ", "30", "m", "-1m", "1x", "1h30", "1.h", "1.2345h", "99999999999999w", "999999999999999999999s", "1 h, 2 m", "٣m",
        "1001000w",
    ])
    func anythingElseIsNoLength(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [(0, "0s"), (90_000, "1m30s"), (5_400_000, "1h30m"), (432_000_000, "5d"), (1, "1ms"), (86_461_001, "1d1m1s1ms")])
    func textIsShortAndReadsBack(milliseconds: Int, text: String) {
        #expect(DurationText.format(.milliseconds(milliseconds)) == text)
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        ("1200000", 1_200_000), ("1_200_000", 1_200_000), ("1,200,000", 1_200_000), ("1.2M", 1_200_000), ("850K", 850_000), ("2k", 2000),
        ("0", 0), ("1.5G", 1_500_000_000),
        ("9223372036854775807", Int64.max),
    ])
    func amountsOfTokensAreReadAsPeopleWriteThem(text: String, tokens: Int64) {
        #expect(TokenAmount.parse(text) == tokens)
    }

    @Test(arguments: ["", "-1", "K", "1.5", "1.2345K", "9223372036854775808", "9999999999999G", "1e6", "1.2.3M", "½", "٣"])
    func anythingElseIsNoAmount(text: String) {
        #expect(TokenAmount.parse(text) == nil)
    }
}

@Suite struct NearNameTests {
    @Test func theNearestNameIsSuggested() {
        #expect(NearName.suggestion(for: "bakend", among: ["frontend", "backend", "banana"]) == "backend")
        #expect(NearName.suggestion(for: "Backend", among: ["backend"]) == "backend")
        #expect(NearName.suggestion(for: "ab", among: ["ba", "aa"]) == "aa")
        #expect(NearName.suggestion(for: "zebra", among: ["backend"]) == nil)
        #expect(NearName.suggestion(for: "x", among: ["y"]) == nil)
        #expect(NearName.question(for: "qa1", among: ["qa"]) == " Did you mean 'qa'?")
    }

    @Test func distanceCountsEdits() {
        #expect(NearName.distance("", "abc") == 3)
        #expect(NearName.distance("abc", "acb") == 1)
        #expect(NearName.distance("kitten", "sitting") == 3)
    }
}

@Suite struct PlaceholderTests {
    @Test func fillingIsOnePass() {
        #expect(
            Placeholders.fill("{id}-{phase}{{id}}{}{ id}{x", with: ["id": "{phase}", "phase": "{id}"]) == "{phase}-{id}{{phase}}{}{ id}{x")
        #expect(Placeholders.names(in: "{a}{b_c}{}{d e}{") == ["a", "b_c"])
    }
}
