import CzarGit
import CzarPlanning
import Subprocess
import SystemPackage

/// Runs the plan's `notify` command for each notice, one after the other and beside the daemon's loop, which never waits for it.
final class NotificationSender: Sendable {
    private let queue: AsyncStream<Notice>.Continuation
    private let work: Task<Void, Never>

    /// A desktop's bell that does not answer may not hold up the others for long.
    private static let patience = Duration.seconds(30)

    /// Nil when the plan names no command. `complain` is told what could not be sent, and why.
    init?(_ plan: Plan, repository: String, complain: @escaping @Sendable (String) -> Void) {
        guard let command = plan.notifications?.command else { return nil }
        let (notices, queue) = AsyncStream<Notice>.makeStream()
        self.queue = queue
        let project = plan.project
        let name = repository.split(separator: "/").last.map(String.init) ?? repository
        work = Task {
            for await notice in notices {
                var values: [CommandPlaceholder: String] = [
                    .id: notice.worker.rawValue, .phase: plan.phase.rawValue, .slug: project.slug, .repo: name,
                    .title: notice.title, .text: notice.text,
                ]
                values[.version] = project.version ?? ""
                let arguments = command.map { CommandPlaceholder.fill($0, with: values).text }
                if let problem = await Self.run(arguments, in: repository, Self.environment(values, repository)) {
                    complain("the notification '\(notice.title)' was not sent: \(problem)")
                }
            }
        }
    }

    func send(_ notices: [Notice]) { for notice in notices { queue.yield(notice) } }

    /// Sends what waits and ends.
    func finish() async {
        queue.finish()
        await work.value
    }

    /// The values once more, as every command finds them: `CZAR_TITLE`, `CZAR_ID` and so on.
    private static func environment(_ values: [CommandPlaceholder: String], _ repository: String) -> [Environment.Key: String?] {
        var environment: [Environment.Key: String?] = ["CZAR_REPOSITORY": repository]
        for (name, value) in values { environment[Environment.Key(stringLiteral: "CZAR_" + name.rawValue.uppercased())] = value }
        return environment
    }

    /// Why it did not go well; nil when it did.
    private static func run(_ arguments: [String], in folder: String, _ values: [Environment.Key: String?]) async -> String? {
        let program: String
        do throws(Program.Missing) {
            program = try Program.path(of: arguments[0], in: folder, searchPath: processEnvironment()["PATH"])
        } catch {
            return error.reason
        }
        return await withTaskGroup(of: String?.self) { group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        .path(FilePath(program)), arguments: Arguments(Array(arguments.dropFirst())),
                        environment: .inherit.updating(values), workingDirectory: FilePath(folder), input: .none, output: .discarded,
                        error: .discarded)
                    return switch result.terminationStatus {
                    case .exited(0): nil
                    case .exited(let status): "'\(program)' ended with \(status)"
                    case .signaled(let signal): "'\(program)' was ended by signal \(signal)"
                    }
                } catch {
                    return "\(error)"
                }
            }
            group.addTask {
                do { try await Task.sleep(for: patience) } catch { return nil }
                return "'\(program)' took longer than \(DurationText.format(patience))"
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
