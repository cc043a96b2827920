// swift-tools-version: 6.2
import PackageDescription

/// `make check` and CI set CZAR_STRICT; a user's newer compiler with newer warnings still builds without it.
let strict: [SwiftSetting] = Context.environment["CZAR_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let settings: [SwiftSetting] =
    strict + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

let package = Package(
    name: "czar",
    products: [
        .executable(name: "czar", targets: ["czar"]),
        .library(name: "CzarKit", targets: ["CzarKit"]),
        .library(name: "CzarGit", targets: ["CzarGit"]),
        .library(name: "CzarPlanning", targets: ["CzarPlanning"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .target(
            name: "CzarGit",
            dependencies: ["CLibgit2", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings),
        .target(
            name: "CzarPlanning",
            dependencies: [
                .product(name: "Yams", package: "Yams"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: settings),
        .target(
            name: "CzarKit",
            dependencies: [
                "CzarGit", "CzarPlanning",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "czar",
            dependencies: [
                "CzarKit", "CzarGit", "CzarPlanning",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "czar-bench", swiftSettings: settings),
        // Kills a traced program after a chosen system call; for tests only, and only where ptrace is Linux's.
        .executableTarget(name: "crash-tracer", path: "Tests/CrashTracer"),
        // Built like a program outside of this package, so that it uses only what is public. docs/library.md shows it.
        .executableTarget(
            name: "LibraryExample", dependencies: ["CzarKit", "CzarPlanning"], path: "Tests/LibraryExample", packageAccess: false,
            swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "CzarPlanningTests",
            dependencies: ["CzarPlanning", .product(name: "OrderedCollections", package: "swift-collections")], swiftSettings: settings),
        .testTarget(
            name: "CzarGitTests",
            dependencies: ["CzarGit", "TestSupport", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings),
        .testTarget(
            name: "CzarKitTests",
            dependencies: [
                "CzarKit", "CzarGit", "CzarPlanning", "TestSupport", "czar",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CzarTests",
            dependencies: [
                "CzarKit", "CzarPlanning", "TestSupport", "czar", "crash-tracer", "LibraryExample",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
    ]
)
