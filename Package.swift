// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// A module of the product. Its dependencies are its floor: see docs/map.md and scripts/check-floors.
func module(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, of dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies + ["Support", "VirtualSigstore"],
    swiftSettings: strict)
}

let package = Package(
  name: "nexo",
  products: [
    // Everything that the verifier's API shows; no I/O, no network.
    .library(
      name: "SigstoreVerify",
      targets: [
        "SigstoreVerify", "SigstoreTrust", "SigstoreBundle", "FulcioCert", "RekorCheck", "TimestampCheck",
        "OpenSSLCrypto", "WireCoding",
      ]),
    .executable(name: "nexo-verify", targets: ["nexo-verify"]),
    .executable(name: "nexo", targets: ["nexo"]),
  ],
  dependencies: [
    // All three for the installer alone; the verifier depends on no package.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // Floor 0: C libraries.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CNATS", providers: [.apt(["libnats-dev"])]),

    // Floor 1: bytes, files, the door to libcrypto, the door to libcurl, the file formats.
    module("WireCoding"),
    module("FileSystem", on: ["CLinux"]),
    module("Transport", on: ["CCurl", "WireCoding"]),
    module("OpenSSLCrypto", on: ["COpenSSL", "WireCoding"]),
    module("SigstoreBundle", on: ["WireCoding"]),

    // Floor 2: who, was it logged, when. Strangers to each other.
    module("FulcioCert", on: ["SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),
    module("RekorCheck", on: ["SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),
    module("TimestampCheck", on: ["SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),

    // Floor 3: the recipe and the policy; whom we believe. No I/O.
    module(
      "SigstoreVerify",
      on: [
        "FulcioCert", "RekorCheck", "TimestampCheck", "SigstoreBundle", "OpenSSLCrypto", "WireCoding", "CRE2",
      ]),
    module(
      "SigstoreTrust",
      on: ["FulcioCert", "RekorCheck", "TimestampCheck", "SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),

    // Floor 4: the trusted root on disk; the loops that ask Sigstore's hosts; what a verdict looks like.
    module("TrustStore", on: ["SigstoreTrust", "SigstoreBundle", "OpenSSLCrypto", "FileSystem", "WireCoding"]),
    module(
      "SigstoreServices",
      on: [
        "SigstoreVerify", "SigstoreTrust", "RekorCheck", "SigstoreBundle", "OpenSSLCrypto", "Transport", "WireCoding",
      ]),
    module(
      "VerdictReport",
      on: [
        "SigstoreVerify", "FulcioCert", "RekorCheck", "TimestampCheck", "SigstoreBundle", "OpenSSLCrypto",
        "WireCoding",
      ]),

    // Floor 5: the commands; floor 6: the program.
    module(
      "VerifyCommands",
      on: [
        "VerdictReport", "TrustStore",
        "SigstoreVerify", "SigstoreTrust", "SigstoreBundle", "FulcioCert", "RekorCheck", "TimestampCheck",
        "OpenSSLCrypto", "FileSystem", "WireCoding",
      ]),
    module(
      "NexoInstall",
      on: [
        "SigstoreServices", "TrustStore", "Transport", "VerdictReport", "SigstoreVerify", "SigstoreTrust",
        "SigstoreBundle", "FulcioCert", "RekorCheck", "TimestampCheck", "OpenSSLCrypto", "FileSystem", "WireCoding",
        "CArchive", "CNATS", "TOMLKit", "Yams",
      ]),
    .executableTarget(name: "nexo-verify", dependencies: ["VerifyCommands"], swiftSettings: strict),
    .executableTarget(
      name: "nexo",
      dependencies: [
        "NexoInstall", "VerifyCommands", "VerdictReport", "SigstoreServices", "TrustStore", "SigstoreVerify",
        "SigstoreBundle", "WireCoding",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    // Tests.
    .executableTarget(
      name: "tuf-client",
      dependencies: ["SigstoreServices", "TrustStore", "SigstoreTrust", "FileSystem", "Transport", "WireCoding"],
      path: "Tests/TUFClient", swiftSettings: strict),
    .target(
      name: "VirtualSigstore", dependencies: ["COpenSSL"], path: "Tests/VirtualSigstore",
      swiftSettings: strict),
    .target(
      name: "Support", dependencies: ["VirtualSigstore"], path: "Tests/Support", swiftSettings: strict),
    tests("WireCoding", of: ["WireCoding"]),
    tests("FileSystem", of: ["FileSystem"]),
    tests("OpenSSLCrypto", of: ["OpenSSLCrypto", "WireCoding"]),
    tests("SigstoreBundle", of: ["SigstoreBundle", "WireCoding"]),
    tests("FulcioCert", of: ["FulcioCert", "SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),
    tests("RekorCheck", of: ["RekorCheck", "SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),
    tests("TimestampCheck", of: ["TimestampCheck", "SigstoreBundle", "OpenSSLCrypto", "WireCoding"]),
    tests(
      "SigstoreVerify",
      of: [
        "SigstoreVerify", "SigstoreTrust", "SigstoreBundle", "FulcioCert", "RekorCheck", "OpenSSLCrypto",
        "WireCoding",
      ]),
    tests(
      "SigstoreTrust",
      of: ["SigstoreTrust", "SigstoreBundle", "FulcioCert", "RekorCheck", "OpenSSLCrypto", "WireCoding"]),
    tests("TrustStore", of: ["TrustStore", "SigstoreTrust", "FileSystem", "WireCoding"]),
    tests(
      "SigstoreServices",
      of: [
        "SigstoreServices", "SigstoreVerify", "RekorCheck", "SigstoreBundle", "TrustStore", "SigstoreTrust",
        "FileSystem",
        "Transport", "WireCoding",
      ]),
    tests("VerdictReport", of: ["VerdictReport", "WireCoding"]),
    tests(
      "VerifyCommands",
      of: [
        "VerifyCommands", "SigstoreServices", "Transport", "VerdictReport", "SigstoreVerify", "SigstoreTrust",
        "SigstoreBundle", "FulcioCert",
        "RekorCheck",
        "TimestampCheck", "OpenSSLCrypto", "WireCoding",
      ]),
    tests("Transport", of: ["Transport", "WireCoding"]),
    tests(
      "NexoInstall",
      of: [
        "NexoInstall", "Transport", "VerdictReport", "SigstoreVerify", "SigstoreTrust", "SigstoreBundle",
        "FulcioCert", "OpenSSLCrypto", "FileSystem", "WireCoding",
      ]),
    tests("EndToEnd", of: ["nexo-verify", "nexo"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
