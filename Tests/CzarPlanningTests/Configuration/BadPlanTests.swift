import CzarPlanning
import Testing

@Suite struct BadPlanTests {
    @Test(arguments: badPlans + repeatedWorkers)
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

    @Test func whatStandsBeforeAFaultOfAWorkersOwnFileIsCheckedToo() {
        let plan = PlanFile(name: "plan.yaml", bytes: Array("workers: [{id: a, dependencies: [b]}]\n".utf8))
        let worker = PlanFile(name: "workers/b.yaml", bytes: Array("priority: soon\nrole: code\n  x: [\n".utf8))
        let found = PlanReader(repository: "repo").read(plan, workers: [worker]).errors.map(\.description)
        // Whether 'b' is there nobody can know.
        #expect(found.count == 2, "\(found)")
        #expect(found.first?.contains("workers/b.yaml:1:11: error: priority: ") == true, "\(found)")
        #expect(found.last?.contains("nothing was checked") == true, "\(found)")
    }

    @Test func thereAreAtLeastFortyFiveKindsOfBadPlan() {
        #expect(badPlans.count >= 45)
        #expect(Set(badPlans.map(\.name)).count == badPlans.count)
    }
}
