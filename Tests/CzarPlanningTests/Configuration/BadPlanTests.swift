import CzarPlanning
import Testing

@Suite struct BadPlanTests {
    @Test(arguments: badPlans)
    func everyProblemOfABadPlanIsListedWithItsLine(plan: BadPlan) throws {
        let reading = PlanReader(repository: "repo").read(PlanFile(name: "plan", bytes: Array(plan.text.utf8), format: plan.format))
        let actual = reading.problems.map { "\($0.severity == .error ? "E" : "W")\($0.line) \($0.field): \($0.message)" }
        #expect(reading.plan == nil)
        #expect(actual.count == plan.expected.count, "\(actual.joined(separator: "\n"))")
        for (found, wanted) in zip(actual, plan.expected) {
            let colon = try #require(wanted.firstRange(of: ": "))
            #expect(found.hasPrefix(wanted[..<colon.upperBound]), "\(found)")
            #expect(found.contains(wanted[colon.upperBound...]), "\(found)")
        }
    }

    @Test func thereAreAtLeastFortyFiveKindsOfBadPlan() {
        #expect(badPlans.count >= 45)
        #expect(Set(badPlans.map(\.name)).count == badPlans.count)
    }
}
