import Glibc

/// A file of a worktree while it is being written: a new one, or one that was there when a checkout that was cut off is completed.
///
/// Such a checkout leaves files that are whole and files that end too early; of those that were being written when the power failed, what
/// follows may be NULs. They are gone on with. Any other file is somebody's, and not a byte of it is changed.
struct TargetFile {
    let descriptor: Int32
    private var state: State

    private enum State: Equatable {
        case written
        /// So many bytes of what was there are what they should be.
        case compared(Int)
        case foreign
    }

    init(new descriptor: Int32) { (self.descriptor, state) = (descriptor, .written) }

    /// Nil with `EEXIST`, or why it cannot be opened, where no file stands that a checkout of this user could have made.
    init?(begun name: UnsafePointer<CChar>, in folder: Int32) {
        let file = retryingInterrupts { openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        guard file >= 0 else { return nil }
        var info = stat()
        // What has a second name was not made by a checkout.
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_nlink == 1 else {
            close(file)
            Glibc.errno = EEXIST
            return nil
        }
        (descriptor, state) = (file, .compared(0))
    }

    /// What of the next bytes is still to be written, where the file stands now; nil when the file cannot be read.
    mutating func missing(of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard case .compared(let before) = state else { return state == .written ? bytes : UnsafeRawBufferPointer(rebasing: bytes[..<0]) }
        guard let found = read(upTo: bytes.count) else { return nil }
        var same = 0
        while same < found.count, found[same] == bytes[same] { same += 1 }
        if same == bytes.count {
            state = .compared(before + same)
            return UnsafeRawBufferPointer(rebasing: bytes[..<0])
        }
        guard let isEnd = endsWithNULs(found[same...]) else { return nil }
        guard isEnd else {
            state = .foreign
            return UnsafeRawBufferPointer(rebasing: bytes[..<0])
        }
        state = .written
        guard ftruncate(descriptor, off_t(before + same)) == 0, lseek(descriptor, off_t(before + same), SEEK_SET) >= 0 else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[same...])
    }

    /// Whether it holds what it should when all of that was given; `info` is what it is like now.
    func isWhole(_ info: stat) -> Bool {
        switch state {
        case .written: true
        case .compared(let count): info.st_size == count
        case .foreign: false
        }
    }

    private func read(upTo count: Int) -> [UInt8]? {
        var hasFailed = false
        let found = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = retryingInterrupts { Glibc.read(descriptor, buffer.baseAddress! + filled, count - filled) }
                hasFailed = got < 0
                if got <= 0 { break }
                filled += got
            }
        }
        return hasFailed ? nil : found
    }

    /// Whether nothing but NULs follows up to the end of the file, beginning with what was read last.
    private func endsWithNULs(_ last: ArraySlice<UInt8>) -> Bool? {
        var piece = last
        while piece.allSatisfy({ $0 == 0 }) {
            guard let next = read(upTo: 1 << 16) else { return nil }
            if next.isEmpty { return true }
            piece = next[...]
        }
        return false
    }
}
