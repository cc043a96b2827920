import Glibc

/// A program run for its time or its answer.
struct Program {
    var arguments: [String]
    var folder: String?
    /// Variables added to the environment; nil takes one away.
    var environment: [String: String?] = [:]
    /// A file to read from; nothing without it.
    var input: String?

    init(_ arguments: [String], in folder: String? = nil, environment: [String: String?] = [:], input: String? = nil) {
        (self.arguments, self.folder, self.environment, self.input) = (arguments, folder, environment, input)
    }

    /// Runs it with its output thrown away.
    /// - Throws: ``BenchError`` when it cannot be started or does not end with 0: a failure has no time worth knowing.
    func run() throws { try wait(spawn(output: open("/dev/null", O_WRONLY | O_CLOEXEC))) }

    /// Runs it with its output thrown away and returns how much memory it had at most, in megabytes.
    func peakMemory() throws -> Int { try wait(spawn(output: open("/dev/null", O_WRONLY | O_CLOEXEC))).ru_maxrss / 1024 }

    /// Runs it and returns its standard output without the last newline.
    func answer() throws -> String {
        let path = "\(temporaryRoot())/czar-bench-answer.\(getpid())"
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { unlink(path) }
        let pid = try spawn(output: dup(file))
        defer { close(file) }
        try wait(pid)
        lseek(file, 0, SEEK_SET)
        var text = String(decoding: readAll(file), as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private func spawn(output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // This program has one thread, so it may step aside for the child's sake.
        let here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if let folder, chdir(folder) != 0 { throw BenchError("cannot enter \(folder): \(String(cString: strerror(errno)))") }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables().map { strdup($0) } + [nil]
        defer {
            (argv + envp).forEach { free($0) }
            close(output)
            if fchdir(here) != 0 { note("cannot go back to the folder this was started in") }
            close(here)
        }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, &envp)
        guard status == 0 else { throw BenchError("cannot start \(arguments[0]): \(String(cString: strerror(status)))") }
        return pid
    }

    private func variables() -> [String] {
        var list: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if !environment.keys.contains(where: { text.hasPrefix($0 + "=") }) { list.append(text) }
            next += 1
        }
        return list + environment.compactMap { name, value in value.map { "\(name)=\($0)" } }
    }

    @discardableResult
    private func wait(_ pid: pid_t) throws -> rusage {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0 { guard errno == EINTR else { throw BenchError("cannot wait for \(arguments[0])") } }
        guard status == 0 else { throw BenchError("\(arguments.prefix(6).joined(separator: " ")) ended with wait status \(status)") }
        return usage
    }
}

/// Why no figures could be had.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func readAll(_ file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return bytes }
        bytes += buffer[..<count]
    }
}

/// The content of a small file such as those in /proc; empty where there is none.
func text(ofFile path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    return String(decoding: readAll(file), as: UTF8.self)
}

func write(_ text: String, toFile path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { throw BenchError("cannot write \(path): \(String(cString: strerror(errno)))") }
        rest = rest.dropFirst(count)
    }
}

func environmentValue(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// A tmpfs where there is one, so that the disk is not what is measured.
func temporaryRoot() -> String {
    let isMemory =
        text(ofFile: "/proc/mounts").split(separator: "\n").contains { $0.contains(" /dev/shm tmpfs ") } && access("/dev/shm", W_OK) == 0
    return isMemory ? "/dev/shm" : environmentValue("TMPDIR") ?? "/tmp"
}
