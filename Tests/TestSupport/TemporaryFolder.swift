import Foundation

/// A folder of a test's own, gone with the value.
public final class TemporaryFolder: Sendable {
    /// Absolute, without symlinks, so that it compares equal to what git prints.
    public let path: String

    /// Makes the folder; the label is part of its name.
    public init(_ label: String = "czar") throws {
        let root = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath()
        let url = root.appendingPathComponent("\(label)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
