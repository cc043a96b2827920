import Glibc
import SystemPackage

/// The whole file at `path`, links followed; nil when there is none.
package func fileContent(_ path: String) throws(FileError) -> [UInt8]? {
    let file = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard file >= 0 else {
        if Glibc.errno == ENOENT || Glibc.errno == ENOTDIR { return nil }
        throw FileError("open", path)
    }
    defer { close(file) }
    return try readAll(file, path)
}

/// The first line of a small file of git's (`HEAD`, `gitdir`, `commondir`), without its line end; nil when the file is missing.
func fileLine(_ path: String) throws(FileError) -> String? {
    guard let bytes = try fileContent(path) else { return nil }
    let line = bytes.prefix { $0 != 0x0A }
    return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
}

/// The absolute path without links and dots; nil when it does not exist.
package func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// The folder and the last component of `path`; trailing slashes do not count.
package func splitPath(_ path: String) -> (folder: String, name: String) {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", trimmed) }
    let folder = trimmed[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(trimmed[trimmed.index(after: slash)...]))
}

/// `relative` seen from `folder`, or itself when it is absolute. Nothing is resolved.
package func joinPath(_ folder: String, _ relative: String) -> String {
    if relative.hasPrefix("/") { return relative }
    return folder.hasSuffix("/") ? folder + relative : folder + "/" + relative
}

/// `path` without slashes at its end.
func trimmingSlashes(_ path: String) -> String {
    var text = Substring(path)
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    return String(text)
}

/// An absolute path without `.`, `..` and doubled slashes, by text alone: for paths that need not exist.
package func normalizedPath(_ path: String, from folder: String) -> String {
    var parts: [Substring] = []
    for part in joinPath(folder, path).split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
}

/// The path itself, or the nearest folder above it that is there: what a command that looks at it can name.
package func existingPath(nearestTo path: String) -> String {
    var place = path
    while FileKind(at: place) == nil, place != "." { place = splitPath(place).folder }
    return place
}
