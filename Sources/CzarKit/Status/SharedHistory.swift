import CzarGit

/// `${XDG_CACHE_HOME:-~/.cache}/czar` (SPEC section 2); nil where neither variable names an absolute folder.
package func userCacheFolder(_ environment: [String: String] = processEnvironment()) -> String? {
    if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") { return folder + "/czar" }
    if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.cache/czar" }
    return nil
}

extension ProjectLayout {
    /// A reader of history that shares what it finds out through the user's cache.
    package func makeHistoryReader() -> HistoryReader { HistoryReader(location, cacheFolder: userCacheFolder()) }
}
