import CzarGit
import CzarPlanning
import Glibc
import Synchronization

/// Sends a long answer through the user's pager where a person reads it: on a terminal, as text.
///
/// `CZAR_PAGER`, else `PAGER`, else `less`; `cat` and an empty value mean none, and one that is not here is said and done without. Git's own settings name no pager of Czar's, and a pager that is
/// `git` itself is not started. `LESS` and `LV` get git's defaults, so that what fits on the screen just stands there.
enum Pager {
    private static let child = Mutex<pid_t?>(nil)

    /// Puts the pager behind standard output, if there is one. To be asked once, before the first word of the answer.
    static func start(_ style: Style, environment: [String: String] = processEnvironment()) {
        guard style.width != nil, let command = command(environment) else { return }
        if let missing = missingProgram(of: command, environment) {
            return Console.note("czar: note: the pager '\(DisplayText.safe(missing))' is not here; PAGER or CZAR_PAGER names another")
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        if let pid = spawn(command, input: ends[0], environment) {
            child.withLock { $0 = pid }
            dup2(ends[1], STDOUT_FILENO)
            // An interrupt is for the pager; it ends when its person is done.
            signal(SIGINT, SIG_IGN)
            atexit { Pager.finish() }
        }
        for end in ends { close(end) }
    }

    /// What to run by the shell; nil for none.
    static func command(_ environment: [String: String]) -> String? {
        let chosen = environment["CZAR_PAGER"] ?? environment["PAGER"]
        let command = chosen ?? (isInstalled("less", environment) ? "less" : "")
        let program = command.split(separator: " ").first.map(String.init) ?? ""
        guard let name = program.split(separator: "/").last, !noPagers.contains(name) else { return nil }
        return command
    }

    /// What `PAGER` may name without being one.
    private static let noPagers = "cat git".split(separator: " ")

    /// Of these the shell itself makes something.
    private static let shellWords = ". command eval exec type".split(separator: " ")

    /// The pager's program where it is a plain word and cannot be run; what else the shell makes of a command is for the shell to say.
    private static func missingProgram(of command: String, _ environment: [String: String]) -> String? {
        let isPlain = command.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " /._-+=,:@%".contains($0)) }
        guard isPlain, let program = command.split(separator: " ").first.map(String.init), !program.contains("="),
            !shellWords.contains(Substring(program))
        else { return nil }
        return isInstalled(program, environment) ? nil : program
    }

    private static func isInstalled(_ program: String, _ environment: [String: String]) -> Bool {
        if program.contains("/") { return access(program, X_OK) == 0 }
        return (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    private static func spawn(_ command: String, input: Int32, _ environment: [String: String]) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // This program ignores SIGPIPE; whatever the pager starts must not.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let values = ["LESS": "FRX", "LV": "-c"].merging(environment) { _, own in own }
        let words: [String] = ["/bin/sh", "-c", command]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = values.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        return posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, &variables) == 0 ? pid : nil
    }

    /// Tells the pager that the answer is whole and waits until its reader has finished.
    private static func finish() {
        guard let pid = child.withLock({ $0 }) else { return }
        close(STDOUT_FILENO)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        // What a shell says of a command that it cannot run: nobody has seen the answer.
        let code = (status >> 8) & 0xFF
        guard status & 0x7F == 0, code == 126 || code == 127 else { return }
        Failure(
            message: "the pager could not be run, and the answer was lost",
            hint: "CZAR_PAGER=cat " + ShellText.line(["czar"] + Invocation.arguments), code: 69
        )
        .show(asJSON: false)
        _exit(69)
    }
}
