import ArgumentParser
import CzarKit
import CzarPlanning

/// `czar run --detach`: the same command again, without a terminal. What can be refused or asked was before.
struct BackgroundRun {
    private let common: CommonOptions

    init(_ common: CommonOptions) { self.common = common }

    func start(_ project: ProjectLayout, arguments: [String]) async throws {
        let run = DetachedRun(project)
        switch try await run.start(executable: OwnExecutable.path(), arguments: Self.arguments(arguments)) {
        case .running(let daemon): try answer(daemon, log: run.log)
        case .ended(0, let said): try conclude("czar run had nothing left to do and has ended", said, code: 0, log: run.log)
        case .ended(let code, let said): try conclude("czar run has ended already, with \(code)", said, code: code, log: run.log)
        }
    }

    private func answer(_ daemon: StatusReport.Daemon, log: String) throws {
        var object = JSONObject()
        object.set("schema", "czar.detached/1")
        object.set("generated_at", currentTime().description)
        object.set("running", true)
        object.set("pid", daemon.pid)
        object.set("since", daemon.since?.description)
        object.set("log", log)
        try common.answer(
            object.value,
            text:
                "czar run is active (pid \(daemon.pid)), its log is \(DisplayText.safe(log))\nnext: czar status, czar wait, czar run --stop"
        )
    }

    /// A run that has ended before anybody could see it: what it said is the answer.
    private func conclude(_ sentence: String, _ said: String, code: Int32, log: String) throws {
        guard code == 0 else { throw Failure(message: said.isEmpty ? sentence : "\(sentence):\n\(said)", hint: "less \(log)", code: code) }
        var object = JSONObject()
        object.set("schema", "czar.detached/1")
        object.set("generated_at", currentTime().description)
        object.set("running", false)
        object.set("log", log)
        try common.answer(object.value, text: sentence)
    }

    /// The arguments without `--detach`; the log is for people, whatever form the answer has here.
    static func arguments(_ all: [String]) -> [String] {
        var kept: [String] = []
        var rest = all.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "--detach", "--json", "--format=json": continue
            case "--format" where rest.first == "json": rest = rest.dropFirst()
            default: kept.append(argument)
            }
        }
        return kept
    }
}

/// `czar run --stop`.
struct StoppedRun {
    private let common: CommonOptions

    init(_ common: CommonOptions) { self.common = common }

    func stop() async throws {
        let project = try ProjectLayout(around: common.path)
        guard let pid = try await onOwnThread("stop", { try DaemonLock.endHolder(project) }) else {
            throw Failure(message: "no 'czar run' is active here", hint: "czar status", code: FailureKind.missing.exitCode)
        }
        var object = JSONObject()
        object.set("schema", "czar.run-stopped/1")
        object.set("generated_at", currentTime().description)
        object.set("pid", Int(pid))
        try common.answer(object.value, text: "the czar run with pid \(pid) has ended")
    }
}
