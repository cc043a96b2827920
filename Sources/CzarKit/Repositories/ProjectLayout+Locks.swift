import CzarGit

extension ProjectLayout {
    /// Does something while holding one of Czar's own locks; they lie below `<common dir>/czar/locks`.
    package func withLock<Result>(_ name: String, timeout: Duration = .seconds(60), _ body: () throws -> Result) throws -> Result {
        let lock = try lock(name, timeout: timeout)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try body()) } catch { result = .failure(error) }
        lock.hold()
        return try result.get()
    }

    /// Takes one of Czar's own locks.
    package func lock(_ name: String, timeout: Duration = .seconds(60)) throws -> FileLock {
        let folder = try Folder(opening: location.commonDirectory).subfolder("czar/locks", creating: location.ownFiles.folder)
        return try FileLock(name.replacing("/", with: "%2f") + ".lock", in: folder, timeout: timeout)
    }
}
