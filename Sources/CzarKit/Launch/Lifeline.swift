import CzarGit
import SystemPackage

/// A lock (``FileLock``) that a supervisor holds for its whole life, on `<common dir>/czar/locks/<worker>.<attempt>.lock`.
///
/// The kernel drops it when the process ends, however it ends, so "is this attempt's supervisor alive" has an answer that
/// needs no pid and no clock, and a second supervisor of the same attempt cannot get past it even if the journal were wrong.
/// The descriptor is not inherited by the command: its life is the supervisor's alone.
///
/// Waiting for the end of a supervisor goes through a pidfd instead (``ProcessIdentity/waitForEnd(timeout:)``): poll(2)
/// takes a time limit and many of them at once, a blocking flock(2) takes neither. A FIFO would do as well, but would be one
/// more file that somebody can exchange.
struct Lifeline: ~Copyable {
    private let lock: FileLock

    /// Takes the lock; never waits for it.
    /// - Throws: ``LaunchError/attemptIsRunning(worker:attempt:)`` when another process has it.
    init(_ attempt: AttemptID, stateFolder: String) throws(LaunchError) {
        do throws(FileError) {
            let locks = try Folder(opening: stateFolder).subfolder("locks", creating: .asParent)
            lock = try FileLock(Self.name(attempt), in: locks, timeout: .zero)
        } catch {
            guard error.errno == .wouldBlock, let worker = attempt.key else { throw LaunchError(error) }
            throw .attemptIsRunning(worker: worker, attempt: attempt.number)
        }
    }

    /// The phase is part of the name: two phases may have a worker of one id.
    static func name(_ attempt: AttemptID) -> String { "\(attempt.fileStem).lock" }
}

extension AttemptID {
    /// What the attempt's own files below the common dir are named by. A phase is free text, so only what is harmless in a
    /// file name is kept of it; the rest is written as hexadecimal bytes.
    package var fileStem: String { "\(safePhase)-\(worker).\(number)" }

    /// The phase as a part of a file's name.
    var safePhase: String {
        let safe = phase.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                String(UnicodeScalar(byte))
            default: "%" + String(byte, radix: 16)
            }
        }
        return safe.joined()
    }
}
