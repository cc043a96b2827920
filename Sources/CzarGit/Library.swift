import CLibgit2
import Glibc

/// libgit2's process-wide state: initialised once, before the first call, and never shut down.
///
/// Options of libgit2 are global to the process, so they are set here and nowhere else (LIBGIT2 facts: the extension names must be
/// lower case; a repository that uses `relativeworktrees` or `preciousobjects` is safe to open as Czar uses it).
enum Library {
    static let started: Void = {
        let version = git_libgit2_init()
        precondition(version > 0, "libgit2 could not be initialised")
        let names = ["relativeworktrees", "preciousobjects", "worktreeconfig", "objectformat", "refstorage", "partialclone"]
        let copies = names.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        var pointers = copies.map { UnsafePointer<CChar>($0) }
        let status = czar_git_set_extensions(&pointers, pointers.count)
        precondition(status == 0, "libgit2 refused its extension names")
        // As git: what an object's zlib checksum does not find, fsck does. Hashing again costs a quarter of every read.
        precondition(czar_git_set_strict_hash_verification(0) == 0, "libgit2 refused a setting")
        // libgit2's own windows of 1 GiB would keep all of a large pack mapped; many small ones can be let go one by one.
        let window = czar_git_set_window_size(packWindow)
        precondition(window == 0, "libgit2 refused its window size")
        leaveOutConfiguration(processEnvironment())
    }()

    private static let packWindow = 32 << 20

    /// Bounds how much of the packs is mapped at one time, or lifts the bound again (nil: libgit2's own 8 GiB). In bytes; for the whole
    /// process, and only a matter of speed for others.
    static func limitMappedPacks(to bytes: Int?) {
        let status = czar_git_set_mapped_limit(bytes ?? 8 << 30)
        precondition(status == 0, "libgit2 refused its limit for mapped packs")
    }

    /// git's own switches, which libgit2 does not know: `GIT_CONFIG_NOSYSTEM`, and files of configuration that are `/dev/null` or empty.
    /// Those that name another file are ``NamedConfiguration``.
    private static func leaveOutConfiguration(_ environment: [String: String]) {
        var levels: [git_config_level_t] = []
        if NamedConfiguration.leavesOutSystem(environment) { levels += [GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_PROGRAMDATA] }
        if let value = environment["GIT_CONFIG_GLOBAL"], NamedConfiguration.isNone(value) {
            levels += [GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG]
        }
        for level in levels {
            let status = czar_git_set_search_path(level, "")
            precondition(status == 0, "libgit2 refused a search path")
        }
    }
}

/// Runs `body`, which does without libgit2, while that starts on another thread: for a millisecond, or for six where it parses the machine's certificates.
///
/// Returns when both are done, so that no process ends in the middle of the start.
package func whileLibraryStarts<Value>(_ body: () throws -> Value) rethrows -> Value {
    let start = Ahead { _ = Library.started }
    defer { _ = start.value }
    return try body()
}

/// The single way into libgit2: runs `body`, turns a negative return code into a ``GitError`` and copies the message at once.
///
/// libgit2 keeps its last error per thread, leaves an old one standing and sometimes sets none: it is cleared before the call and read
/// only after a negative code, in this synchronous function, so nothing can come between.
@discardableResult
func check(
    _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String, _ body: () -> Int32
) throws(GitError) -> Int32 {
    _ = Library.started
    git_error_clear()
    Glibc.errno = 0
    let status = body()
    guard status < 0 else { return status }
    let failure = Glibc.errno
    let message = git_error_last().flatMap { $0.pointee.message }.map { String(cString: $0) }
    if let message, let denied = GitError(status, deniedBy: message) { throw denied }
    // libgit2 keeps errno only as words, at the end of its own.
    let isFull = message.map { text in noRoom.contains { text.hasSuffix($0) } } ?? (failure == ENOSPC || failure == EDQUOT)
    throw GitError(
        code: isFull ? .noSpace : GitError.Code(rawValue: status), operation: operation(), subject: subject(),
        message: message ?? systemReason(failure) ?? "libgit2 gave no reason (code \(status))")
}

/// How the system says that a disk or a quota is full.
private let noRoom = [ENOSPC, EDQUOT].map { String(cString: strerror($0)) }

/// What the system said last, where libgit2 is silent.
private func systemReason(_ code: Int32) -> String? { code == 0 ? nil : String(cString: strerror(code)) }

/// ``check(_:_:_:)`` for functions that hand out a handle through their first parameter.
func make(
    _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String, _ body: (inout OpaquePointer?) -> Int32
) throws(GitError) -> OpaquePointer {
    var handle: OpaquePointer?
    try check(operation(), subject()) { body(&handle) }
    guard let handle else {
        throw GitError(code: .generic, operation: operation(), subject: subject(), message: "libgit2 returned no handle")
    }
    return handle
}
