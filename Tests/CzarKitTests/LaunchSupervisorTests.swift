import CzarKit
import CzarPlanning
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CzarKit

@Suite struct LaunchSupervisorTests {
    @Test func anExitCodeIsRecordedAndThenSettled() async throws {
        let bench = try LaunchBench()
        let code = try await bench.run(try bench.request("echo out; echo err >&2; echo again; exit 7"))
        #expect(code == 0)
        #expect(bench.recorder.entries().map(\.word) == ["claim", "started", "ended", "settled"])
        #expect(bench.ending == .exited(7))
        #expect(try bench.log() == "out\nerr\nagain\n")
    }
}
